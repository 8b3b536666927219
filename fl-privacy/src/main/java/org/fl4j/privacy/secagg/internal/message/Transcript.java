package org.fl4j.privacy.secagg.internal.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;

/**
 * What keys and signatures of a round are bound to, as far as it has got. Two clients that were told different things
 * have different transcripts: their masks do not cancel, they cannot open each other's shares, and neither's signature
 * convinces the other.
 *
 * <pre>
 *   announced = H(announcement, its signature included)
 *   roster    = H(announced, who advertised, H(advertisement) of each)
 *   keys      = H(announced, the task's fingerprint, roster, the graph's seed)
 *   survivors = H(keys, who survived)
 * </pre>
 */
public final class Transcript {

    private static final byte[] SURVIVORS = "fl4j-secagg-1 survivors ".getBytes(StandardCharsets.US_ASCII);

    private Transcript() {}

    public static byte[] announced(byte[] sealedAnnouncement) {
        return Sha256.of("announced").with(sealedAnnouncement).digest();
    }

    /** One client's entry in the roster. */
    public static byte[] leaf(byte[] advertisement) {
        return Sha256.of("advertisement").with(advertisement).digest();
    }

    public static byte[] roster(byte[] announced, IndexSet advertised, List<Bytes> leaves) {
        Sha256 hash = Sha256.of("roster").with(announced).with(advertised.toBytes());
        leaves.forEach(leaf -> hash.with(leaf.shared()));
        return hash.digest();
    }

    /** The seed that no server chooses: a function of all that was advertised. */
    public static byte[] graphSeed(byte[] roster) {
        return Sha256.of("graph").with(roster).digest();
    }

    public static byte[] keys(byte[] announced, String taskFingerprint, byte[] roster, byte[] graphSeed) {
        return Sha256.of("keys")
                .with(announced)
                .with(taskFingerprint)
                .with(roster)
                .with(graphSeed)
                .digest();
    }

    /** What clients sign: a label that nothing else signed begins with, then the hash. */
    public static byte[] survivors(byte[] keys, IndexSet survivors) {
        byte[] hash =
                Sha256.of("survivors").with(keys).with(survivors.toBytes()).digest();
        return ByteBuffer.allocate(SURVIVORS.length + hash.length)
                .put(SURVIVORS)
                .put(hash)
                .array();
    }
}
