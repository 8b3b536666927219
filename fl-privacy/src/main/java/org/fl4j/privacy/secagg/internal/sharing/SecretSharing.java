package org.fl4j.privacy.secagg.internal.sharing;

import java.security.SecureRandom;
import java.util.Arrays;
import org.fl4j.internal.Check;

/**
 * Security guarantee: any t - 1 shares are uniform and independent of the secret (information-theoretically); any t reconstruct
 * it.
 *
 * <p>Shamir's sharing over the field of p = 2^61 - 1 elements. A secret of 32 bytes, read as a number in little-endian
 * order, is five limbs m_l of 52 bits, the last of 48. Each limb has a polynomial of its own,
 *
 * <pre>  f_l(x) = m_l + a_1 x + ... + a_(t-1) x^(t-1)  mod p,   a_j uniform on 0..p-1, zero included,</pre>
 *
 * <p>and the share of the holder with index h is f_0(h+1), ..., f_4(h+1): five little-endian words, {@value #SHARE_BYTES}
 * bytes.
 *
 * <p>A share says nothing about who dealt it and does not prove that it lies on the polynomial: {@link ShareCommitments}
 * attributes a changed share to a client.
 *
 * <p>Source: Shamir, "How to Share a Secret", Communications of the ACM 22(11), 1979.
 */
public final class SecretSharing {

    public static final int SECRET_BYTES = 32;

    static final int LIMBS = 5;

    public static final int SHARE_BYTES = LIMBS * Long.BYTES;

    private SecretSharing() {}

    /**
     * Shares for some holders.
     *
     * @param secret {@value #SECRET_BYTES} bytes, left as they are
     * @param threshold how many shares reconstruct the secret, from 1 to the number of holders
     * @param holders the holders' indices, different, at least 0
     * @param random of the coefficients; a cryptographic generator in production
     * @return the shares in the holders' order
     */
    public static byte[][] split(byte[] secret, int threshold, int[] holders, SecureRandom random) {
        long[] points = points(holders);
        if (secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("a secret must be 32 bytes, but was " + secret.length);
        }
        if (threshold < 1 || threshold > holders.length) {
            throw new IllegalArgumentException("the threshold must be from 1 to the number of holders, "
                    + holders.length + ", but was " + threshold);
        }
        long[] coefficients = new long[LIMBS * threshold];
        try {
            SecretLimbs.of(secret, coefficients);
            drawAfterSecret(coefficients, random);
            byte[][] shares = new byte[points.length][];
            for (int i = 0; i < points.length; i++) {
                shares[i] = share(coefficients, points[i]);
            }
            return shares;
        } finally {
            Arrays.fill(coefficients, 0);
        }
    }

    /** The point of a holder is its index + 1: at 0 is the secret. */
    static long[] points(int[] holders) {
        int[] sorted = holders.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < sorted.length; i++) {
            Check.atLeast("a holder's index", sorted[i], 0);
            if (i > 0 && sorted[i] == sorted[i - 1]) {
                throw new IllegalArgumentException("holders must be different, but " + sorted[i] + " was there twice");
            }
        }
        return Arrays.stream(holders).mapToLong(holder -> holder + 1L).toArray();
    }

    /** Sixty-one random bits, drawn again if they are p: uniform on 0..p-1. */
    private static void drawAfterSecret(long[] coefficients, SecureRandom random) {
        byte[] bits = new byte[Long.BYTES * (coefficients.length - LIMBS)];
        byte[] again = new byte[Long.BYTES];
        try {
            random.nextBytes(bits);
            for (int i = LIMBS; i < coefficients.length; i++) {
                coefficients[i] = Mersenne61.load(bits, i - LIMBS) & Mersenne61.P;
                while (coefficients[i] == Mersenne61.P) {
                    random.nextBytes(again);
                    coefficients[i] = Mersenne61.load(again, 0) & Mersenne61.P;
                }
            }
        } finally {
            Arrays.fill(bits, (byte) 0);
            Arrays.fill(again, (byte) 0);
        }
    }

    /** Horner's rule on the five polynomials side by side, which do not wait for each other. */
    private static byte[] share(long[] coefficients, long x) {
        long y0 = 0;
        long y1 = 0;
        long y2 = 0;
        long y3 = 0;
        long y4 = 0;
        for (int i = coefficients.length - LIMBS; i >= 0; i -= LIMBS) {
            y0 = Mersenne61.multiplyAdd(y0, x, coefficients[i]);
            y1 = Mersenne61.multiplyAdd(y1, x, coefficients[i + 1]);
            y2 = Mersenne61.multiplyAdd(y2, x, coefficients[i + 2]);
            y3 = Mersenne61.multiplyAdd(y3, x, coefficients[i + 3]);
            y4 = Mersenne61.multiplyAdd(y4, x, coefficients[i + 4]);
        }
        byte[] share = new byte[SHARE_BYTES];
        Mersenne61.store(share, 0, Mersenne61.reduce(y0));
        Mersenne61.store(share, 1, Mersenne61.reduce(y1));
        Mersenne61.store(share, 2, Mersenne61.reduce(y2));
        Mersenne61.store(share, 3, Mersenne61.reduce(y3));
        Mersenne61.store(share, 4, Mersenne61.reduce(y4));
        return share;
    }
}
