package org.fl4j.privacy.secagg.internal.sharing;

/**
 * A secret of 32 bytes as five field elements and back: bits 52 l to 52 l + 51 of the little-endian number are limb l, the
 * last has 48.
 */
final class SecretLimbs {

    private static final int BITS = 52;
    private static final int LAST = SecretSharing.LIMBS - 1;
    private static final int LAST_BITS = Byte.SIZE * SecretSharing.SECRET_BYTES - LAST * BITS;

    private SecretLimbs() {}

    /** Writes the five limbs to the front of an array. */
    static void of(byte[] secret, long[] limbs) {
        for (int limb = 0; limb < SecretSharing.LIMBS; limb++) {
            int bit = limb * BITS;
            int word = bit / Long.SIZE;
            int shift = bit % Long.SIZE;
            long value = Mersenne61.load(secret, word) >>> shift;
            if (shift > Long.SIZE - bits(limb)) {
                value |= Mersenne61.load(secret, word + 1) << (Long.SIZE - shift);
            }
            limbs[limb] = value & ((1L << bits(limb)) - 1);
        }
    }

    /** Whether each limb is one that a secret has. */
    static boolean fit(long[] limbs) {
        long excess = 0;
        for (int limb = 0; limb < SecretSharing.LIMBS; limb++) {
            excess |= limbs[limb] >>> bits(limb);
        }
        return excess == 0;
    }

    /** The secret of limbs that fit. */
    static byte[] secret(long[] limbs) {
        byte[] secret = new byte[SecretSharing.SECRET_BYTES];
        for (int word = 0; word < secret.length / Long.BYTES; word++) {
            // A word starts in limb l = floor(64 w / 52) = w, 12 w bits above the limb's first one.
            int above = (Long.SIZE - BITS) * word;
            Mersenne61.store(secret, word, limbs[word] >>> above | limbs[word + 1] << (BITS - above));
        }
        return secret;
    }

    private static int bits(int limb) {
        return limb == LAST ? LAST_BITS : BITS;
    }
}
