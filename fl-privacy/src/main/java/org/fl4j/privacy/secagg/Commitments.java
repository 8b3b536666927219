package org.fl4j.privacy.secagg;

/** The commitment to a self-mask seed: a hash, as the seed has 256 bits that nobody can guess. */
final class Commitments {

    private Commitments() {}

    static byte[] ofSeed(byte[] transcript, byte[] seed) {
        return Sha256.of("seed").with(transcript).with(seed).digest();
    }
}
