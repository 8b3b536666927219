package org.fl4j.privacy.secagg.internal.vector;

import java.nio.ByteBuffer;
import java.util.Arrays;
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
        apply(vector, seed, SELF, self, self, true);
    }

    public void removeSelf(RingVector vector, byte[] seed, int self) {
        apply(vector, seed, SELF, self, self, false);
    }

    /** What {@code self} adds for {@code other}. */
    public void addPair(RingVector vector, byte[] secret, int self, int other) {
        apply(vector, secret, PAIR, Math.min(self, other), Math.max(self, other), self < other);
    }

    /** Removes what {@code self} added for {@code other}. */
    public void removePair(RingVector vector, byte[] secret, int self, int other) {
        apply(vector, secret, PAIR, Math.min(self, other), Math.max(self, other), self > other);
    }

    private void apply(RingVector vector, byte[] secret, byte purpose, int lower, int higher, boolean add) {
        byte[] root = hkdf.extract(transcript, secret);
        try {
            for (int segment = 0; segment < segments; segment++) {
                byte[] info = ByteBuffer.allocate(1 + 3 * Integer.BYTES)
                        .put(purpose)
                        .putInt(lower)
                        .putInt(higher)
                        .putInt(segment)
                        .array();
                byte[] key = hkdf.expand(root, info, Sha256.BYTES);
                apply(vector, segment, key, add);
                Arrays.fill(key, (byte) 0);
            }
        } finally {
            Arrays.fill(root, (byte) 0);
        }
    }

    private void apply(RingVector vector, int segment, byte[] key, boolean add) {
        if (vector.isWide(segment)) {
            if (add) {
                stream.addTo(vector.words64(segment), key);
            } else {
                stream.subtractFrom(vector.words64(segment), key);
            }
        } else if (add) {
            stream.addTo(vector.words32(segment), key);
        } else {
            stream.subtractFrom(vector.words32(segment), key);
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
