package org.fl4j.privacy.secagg.internal.cohort;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A permutation of 0..n-1 that is a function of a 32-byte seed, uniform to an observer that cannot distinguish AES from random bits.
 *
 * <ol>
 *   <li>The words w_0, w_1, ... are the key stream of AES-256 in counter mode (NIST SP 800-38A, section 6.5), the seed as
 *       key, first counter block 16 zero bytes, cut into unsigned big-endian numbers of 32 bits.
 *   <li>Start with order[i] = i. For i = n-1, n-2, ..., 1 (Durstenfeld, "Algorithm 235: Random Permutation",
 *       Communications of the ACM 7(7), 1964): take the next word w that is below (i+1) floor(2^32 / (i+1)), passing over
 *       those that are not; swap order[i] with order[w mod (i+1)].
 * </ol>
 */
final class SeededPermutation {

    static final int SEED_BYTES = 32;

    private static final int BLOCK_BYTES = 16;
    private static final byte[] ZEROS = new byte[1 << 12];

    private final Cipher cipher;
    private ByteBuffer words = ByteBuffer.allocate(0);

    SeededPermutation(byte[] seed) {
        if (seed.length != SEED_BYTES) {
            throw new IllegalArgumentException("the seed of a graph must be 32 bytes, but was " + seed.length);
        }
        try {
            cipher = Cipher.getInstance("AES/CTR/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE, new SecretKeySpec(seed, "AES"), new IvParameterSpec(new byte[BLOCK_BYTES]));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES/CTR/NoPadding failed", e);
        }
    }

    /** The permutation: which of 0..n-1 stands at each position. */
    static int[] of(int n, byte[] seed) {
        SeededPermutation draws = new SeededPermutation(seed);
        int[] order = new int[n];
        Arrays.setAll(order, i -> i);
        for (int i = n - 1; i > 0; i--) {
            int other = draws.below(i + 1);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        return order;
    }

    /** Uniform on 0..bound-1. */
    int below(int bound) {
        long limit = bound * ((1L << Integer.SIZE) / bound);
        long word = word();
        while (word >= limit) {
            word = word();
        }
        return (int) (word % bound);
    }

    private long word() {
        if (!words.hasRemaining()) {
            words = ByteBuffer.wrap(cipher.update(ZEROS));
        }
        return Integer.toUnsignedLong(words.getInt());
    }
}
