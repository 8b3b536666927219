package org.fl4j.privacy.secagg.internal.sharing;

import java.util.Arrays;
import java.util.Optional;

/**
 * Reconstructs secrets from the shares of one set of holders: Lagrange's coefficients at 0,
 *
 * <pre>  lambda_i = prod_(j != i) x_j / (x_j - x_i) = prod_j x_j / (x_i prod_(j != i) (x_j - x_i))  mod p,</pre>
 *
 * <p>are computed once, in t^2 products and one inversion (Montgomery, "Speeding the Pollard and Elliptic Curve Methods of
 * Factorization", Mathematics of Computation 48, 1987, section 10.3.1), and serve each secret that these holders share.
 *
 * <p>The holders must be at least as many as the threshold of the sharing, which this class cannot see: with fewer, and
 * with a wrong share, the result is a wrong secret or empty. Shares are not secret from who joins them, so time is not
 * constant.
 *
 * <p>Immutable and thread-safe.
 */
public final class Interpolation {

    private final long[] coefficients;

    private Interpolation(long[] coefficients) {
        this.coefficients = coefficients;
    }

    /**
     * The coefficients for some holders.
     *
     * @param holders their indices, at least one, different, at least 0
     * @return the interpolation
     */
    public static Interpolation of(int[] holders) {
        if (holders.length == 0) {
            throw new IllegalArgumentException("holders must be at least 1, but was 0");
        }
        long[] points = SecretSharing.points(holders);
        long product = 1;
        long[] coefficients = new long[points.length];
        for (int i = 0; i < points.length; i++) {
            product = Mersenne61.multiply(product, points[i]);
            coefficients[i] = denominator(points, i);
        }
        invert(coefficients);
        for (int i = 0; i < points.length; i++) {
            coefficients[i] = Mersenne61.multiply(product, coefficients[i]);
        }
        return new Interpolation(coefficients);
    }

    /**
     * x_i prod_(j != i) (x_j - x_i): not 0, the points being different and between 0 and p. Two products that do not wait
     * for each other, two factors at a time.
     */
    private static long denominator(long[] points, int i) {
        long even = 1;
        long odd = 1;
        int j = 0;
        for (; j + 3 < points.length; j += 4) {
            even = Mersenne61.multiply(even, element(factor(points, i, j) * factor(points, i, j + 1)));
            odd = Mersenne61.multiply(odd, element(factor(points, i, j + 2) * factor(points, i, j + 3)));
        }
        for (; j < points.length; j++) {
            even = Mersenne61.multiply(even, element(factor(points, i, j)));
        }
        return Mersenne61.multiply(even, odd);
    }

    /** From -(2^31 - 1) to 2^31, as points are from 1 to 2^31; so the product of two is above -2^62 + 2^31. */
    private static long factor(long[] points, int i, int j) {
        return j == i ? points[i] : points[j] - points[i];
    }

    /** Below 2^62 and not negative, congruent to a product of two factors: 2 p = 2^62 - 2 is added to what is negative. */
    private static long element(long product) {
        return product + ((2 * Mersenne61.P) & (product >> 63));
    }

    /** All inverses from that of the product. */
    private static void invert(long[] values) {
        long[] products = new long[values.length];
        long product = 1;
        for (int i = 0; i < values.length; i++) {
            products[i] = product;
            product = Mersenne61.multiply(product, values[i]);
        }
        long inverse = Mersenne61.inverse(product);
        for (int i = values.length - 1; i >= 0; i--) {
            long value = values[i];
            values[i] = Mersenne61.multiply(inverse, products[i]);
            inverse = Mersenne61.multiply(inverse, value);
        }
    }

    /**
     * The secret that the shares give.
     *
     * @param shares one of each holder, in the holders' order
     * @return the secret's 32 bytes; empty if one of the shares is malformed, or if they do not reconstruct 32 bytes
     */
    public Optional<byte[]> join(byte[][] shares) {
        if (shares.length != coefficients.length) {
            throw new IllegalArgumentException(
                    "shares must be as many as holders, " + coefficients.length + ", but was " + shares.length);
        }
        long[] limbs = new long[SecretSharing.LIMBS];
        try {
            for (int i = 0; i < shares.length; i++) {
                if (!isShare(shares[i])) {
                    return Optional.empty();
                }
                add(limbs, coefficients[i], shares[i]);
            }
            return SecretLimbs.fit(limbs) ? Optional.of(SecretLimbs.secret(limbs)) : Optional.empty();
        } finally {
            Arrays.fill(limbs, 0);
        }
    }

    private static void add(long[] limbs, long coefficient, byte[] share) {
        for (int limb = 0; limb < limbs.length; limb++) {
            limbs[limb] = Mersenne61.plusProduct(limbs[limb], coefficient, Mersenne61.load(share, limb));
        }
    }

    /**
     * Whether bytes can be a share: 40 of them, five canonical field elements. One byte string for one share, so a
     * commitment to a share has no second opening that means the same.
     */
    public static boolean isShare(byte[] share) {
        if (share.length != SecretSharing.SHARE_BYTES) {
            return false;
        }
        boolean canonical = true;
        for (int limb = 0; limb < SecretSharing.LIMBS; limb++) {
            long element = Mersenne61.load(share, limb);
            canonical &= element >= 0 && element < Mersenne61.P;
        }
        return canonical;
    }
}
