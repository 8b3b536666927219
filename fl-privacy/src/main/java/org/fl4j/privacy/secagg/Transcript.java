package org.fl4j.privacy.secagg;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

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
final class Transcript {

    private static final byte[] SURVIVORS = "fl4j-secagg-1 survivors ".getBytes(StandardCharsets.US_ASCII);

    private Transcript() {}

    static byte[] announced(byte[] sealedAnnouncement) {
        return Sha256.of("announced").with(sealedAnnouncement).digest();
    }

    /** One client's entry in the roster. */
    static byte[] leaf(byte[] advertisement) {
        return Sha256.of("advertisement").with(advertisement).digest();
    }

    static byte[] roster(byte[] announced, IndexSet advertised, List<Octets> leaves) {
        Sha256 hash = Sha256.of("roster").with(announced).with(advertised.toBytes());
        leaves.forEach(hash::with);
        return hash.digest();
    }

    /** The seed that no server chooses: a function of all that was advertised. */
    static byte[] graphSeed(byte[] roster) {
        return Sha256.of("graph").with(roster).digest();
    }

    static byte[] keys(byte[] announced, String taskFingerprint, byte[] roster, byte[] graphSeed) {
        return Sha256.of("keys")
                .with(announced)
                .with(taskFingerprint)
                .with(roster)
                .with(graphSeed)
                .digest();
    }

    /** What clients sign: a label that nothing else signed begins with, then the hash. */
    static byte[] survivors(byte[] keys, IndexSet survivors) {
        byte[] hash =
                Sha256.of("survivors").with(keys).with(survivors.toBytes()).digest();
        return ByteBuffer.allocate(SURVIVORS.length + hash.length)
                .put(SURVIVORS)
                .put(hash)
                .array();
    }
}
