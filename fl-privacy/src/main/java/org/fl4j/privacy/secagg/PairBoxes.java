package org.fl4j.privacy.secagg;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.fl4j.privacy.secagg.internal.crypto.Hkdf;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.crypto.SealedBox;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;

/**
 * The boxes in which a client and each of its neighbours send each other shares: AES-256-GCM under a key for one session, pair
 * and direction, the commitments to the shares as associated data. Not thread-safe.
 */
final class PairBoxes implements AutoCloseable {

    private final Neighbourhood neighbourhood;
    private final Hkdf hkdf = new Hkdf();
    private final Map<Integer, byte[]> roots = new TreeMap<>();

    PairBoxes(Neighbourhood neighbourhood, KeyPair25519 own) {
        this.neighbourhood = neighbourhood;
        int[] others = neighbourhood.others().toArray();
        byte[][] secrets = neighbourhood.agree(own, others, "key", KeyAdvertisement::boxKey);
        try {
            for (int i = 0; i < others.length; i++) {
                roots.put(others[i], hkdf.extract(neighbourhood.transcript().shared(), secrets[i]));
            }
        } finally {
            Arrays.stream(secrets).forEach(secret -> Arrays.fill(secret, (byte) 0));
        }
    }

    byte[] seal(int holder, byte[] shares, byte[] commitments) {
        byte[] key = key(holder, neighbourhood.index(), holder);
        try {
            return SealedBox.seal(key, shares, associated(neighbourhood.index(), holder, commitments));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    Optional<byte[]> open(int dealer, byte[] box, byte[] commitments) {
        byte[] key = key(dealer, dealer, neighbourhood.index());
        try {
            return SealedBox.open(key, box, associated(dealer, neighbourhood.index(), commitments));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private byte[] key(int neighbour, int dealer, int holder) {
        byte[] root = roots.get(neighbour);
        if (root == null) {
            throw new IllegalArgumentException(neighbour + " is no neighbour of " + neighbourhood.index());
        }
        return hkdf.expand(root, associated(dealer, holder, new byte[0]), Sha256.BYTES);
    }

    private byte[] associated(int dealer, int holder, byte[] commitments) {
        byte[] transcript = neighbourhood.transcript().shared();
        return ByteBuffer.allocate(transcript.length + 2 * Integer.BYTES + commitments.length)
                .put(transcript)
                .putInt(dealer)
                .putInt(holder)
                .put(commitments)
                .array();
    }

    @Override
    public void close() {
        roots.values().forEach(root -> Arrays.fill(root, (byte) 0));
        roots.clear();
    }
}
