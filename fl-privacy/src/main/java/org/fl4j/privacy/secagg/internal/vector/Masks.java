package org.fl4j.privacy.secagg.internal.vector;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.fl4j.privacy.secagg.internal.crypto.Hkdf;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;

/**
 * Adds masks to a vector and removes them: the key stream of AES-256 under a key for one session, one client or pair,
 * one segment and one purpose, derived by HKDF with the transcript as salt. Of a pair, the client with the lower position
 * adds and the other subtracts. Not thread-safe.
 */
public final class Masks implements AutoCloseable {

    private static final byte SELF = 1;
    private static final byte PAIR = 2;

    private final byte[] transcript;
    private final int segments;
    private final Hkdf hkdf = new Hkdf();
    private final MaskStream stream = new MaskStream();

    public Masks(byte[] transcript, VectorPlan plan) {
        this.transcript = transcript.clone();
        this.segments = plan.segments().size();
    }

    public void addSelf(RingVector vector, byte[] seed, int self) {
        apply(vector, List.of(new Mask(seed, SELF, self, self)), true);
    }

    /** Removes the self-mask of each of some clients. */
    public void removeSelves(RingVector vector, byte[][] seeds, int[] selves) {
        List<Mask> masks = new ArrayList<>();
        for (int i = 0; i < selves.length; i++) {
            masks.add(new Mask(seeds[i], SELF, selves[i], selves[i]));
        }
        apply(vector, masks, false);
    }

    /** What {@code self} adds for each of some others. It undoes what these added for {@code self}. */
    public void addPairs(RingVector vector, byte[][] secrets, int self, int[] others) {
        List<Mask> added = new ArrayList<>();
        List<Mask> subtracted = new ArrayList<>();
        for (int i = 0; i < others.length; i++) {
            int other = others[i];
            (self < other ? added : subtracted)
                    .add(new Mask(secrets[i], PAIR, Math.min(self, other), Math.max(self, other)));
        }
        apply(vector, added, true);
        apply(vector, subtracted, false);
    }

    /** One mask of one vector. */
    private static final class Mask {

        private final byte[] secret;
        private final byte purpose;
        private final int lower;
        private final int higher;

        Mask(byte[] secret, byte purpose, int lower, int higher) {
            this.secret = secret;
            this.purpose = purpose;
            this.lower = lower;
            this.higher = higher;
        }

        byte[] info(int segment) {
            return ByteBuffer.allocate(1 + 3 * Integer.BYTES)
                    .put(purpose)
                    .putInt(lower)
                    .putInt(higher)
                    .putInt(segment)
                    .array();
        }
    }

    private void apply(RingVector vector, List<Mask> masks, boolean add) {
        byte[][] roots = new byte[masks.size()][];
        byte[][] keys = new byte[masks.size()][0];
        Arrays.setAll(roots, i -> hkdf.extract(transcript, masks.get(i).secret));
        try {
            for (int segment = 0; segment < segments; segment++) {
                int its = segment;
                Arrays.setAll(keys, i -> hkdf.expand(roots[i], masks.get(i).info(its), Sha256.BYTES));
                apply(vector, segment, keys, add);
                erase(keys);
            }
        } finally {
            erase(keys);
            erase(roots);
        }
    }

    private static void erase(byte[][] secrets) {
        for (byte[] secret : secrets) {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private void apply(RingVector vector, int segment, byte[][] keys, boolean add) {
        if (vector.isWide(segment)) {
            if (add) {
                stream.addTo(vector.words64(segment), keys);
            } else {
                stream.subtractFrom(vector.words64(segment), keys);
            }
        } else if (add) {
            stream.addTo(vector.words32(segment), keys);
        } else {
            stream.subtractFrom(vector.words32(segment), keys);
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
