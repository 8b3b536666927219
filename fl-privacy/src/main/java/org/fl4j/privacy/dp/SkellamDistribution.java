package org.fl4j.privacy.dp;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The Skellam distribution of variance mu, the difference of two Poisson variables of mean mu/2:
 *
 * <pre>  P(x) = exp(-mu) I_|x|(mu).</pre>
 *
 * <p>A sum of independent ones is one, its variance the sum. Values come from a table of cumulative probabilities of |x|: 63
 * bits of a word decide nearly always, and 128 more where they equal those of an entry. The distribution drawn from is within
 * 2^-160 of the exact one in total variation.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>Source: Skellam, Journal of the Royal Statistical Society 1946; the recurrence of modified Bessel functions downward by Miller,
 * British Association Mathematical Tables 10, 1952.
 */
final class SkellamDistribution {

    /** More bits than any caller of the table needs: the sum of all rounding is below 2^-200. */
    private static final int GUARD = 512;

    /** Its table has 600,000 entries. */
    private static final double LARGEST_VARIANCE = 0x1p30;

    private static final int WORD_BITS = Long.SIZE - 1;
    private static final int MORE_BITS = 2 * Long.SIZE;
    private static final int GUIDE_BITS = 10;

    /** Beyond so many deviations, and so many more, the mass is below 2^-190, whatever mu is. */
    private static final double MOST_DEVIATIONS = 18;

    private static final int AT_LEAST = 80;

    private final double variance;

    /** P(|x| &lt;= k): the first 63 bits, and the 128 that follow. */
    private final long[] cumulative;

    private final BigInteger[] more;

    /** The first k that a word with these leading bits may stand for. */
    private final int[] guide = new int[1 << GUIDE_BITS];

    SkellamDistribution(double variance) {
        requireInRange(variance);
        this.variance = variance;
        List<BigInteger> weights = weights(variance);
        BigInteger total = BigInteger.ZERO;
        for (BigInteger weight : weights) {
            total = total.add(weight);
        }
        cumulative = new long[weights.size()];
        more = new BigInteger[weights.size()];
        BigInteger sum = BigInteger.ZERO;
        for (int k = 0; k < weights.size(); k++) {
            sum = sum.add(weights.get(k));
            BigInteger share = sum.shiftLeft(WORD_BITS + MORE_BITS).divide(total);
            // The last share is one, which no word reaches.
            cumulative[k] = k == weights.size() - 1
                    ? Long.MAX_VALUE
                    : share.shiftRight(MORE_BITS).longValueExact();
            more[k] = k == weights.size() - 1 ? BigInteger.ONE.shiftLeft(MORE_BITS) : low(share);
        }
        layGuide();
    }

    /** What the constructor checks, without the table. */
    static void requireInRange(double variance) {
        if (!(variance > 0) || variance > LARGEST_VARIANCE) {
            throw new IllegalArgumentException(
                    "the variance of a client's Skellam noise must be > 0 and <= 2^30 steps^2, but was " + variance
                            + "; choose a lower noise multiplier, or DistributedGaussian, whose noise has no table");
        }
    }

    private static BigInteger low(BigInteger share) {
        return share.subtract(share.shiftRight(MORE_BITS).shiftLeft(MORE_BITS));
    }

    /**
     * I_0, 2 I_1, 2 I_2, ... up to a common factor: I_(k-1) = (2k/mu) I_k + I_(k+1) downward, in which errors do not grow.
     */
    private static List<BigInteger> weights(double variance) {
        int last = (int) (MOST_DEVIATIONS * Math.sqrt(variance)) + AT_LEAST;
        int exponent = Math.getExponent(variance) - 52;
        BigInteger significand = BigInteger.valueOf((long) Math.scalb(variance, -exponent));
        List<BigInteger> weights = new ArrayList<>();
        BigInteger above = BigInteger.ZERO;
        BigInteger here = BigInteger.ONE.shiftLeft(GUARD);
        for (int k = last; k >= 0; k--) {
            weights.add(k == 0 ? here : here.shiftLeft(1));
            BigInteger scaled = here.multiply(BigInteger.valueOf(2L * k));
            BigInteger below = (exponent > 0 ? scaled.shiftRight(exponent) : scaled.shiftLeft(-exponent))
                    .divide(significand)
                    .add(above);
            above = here;
            here = below;
        }
        Collections.reverse(weights);
        return weights;
    }

    private void layGuide() {
        int k = 0;
        for (int i = 0; i < guide.length; i++) {
            long smallest = (long) i << (WORD_BITS - GUIDE_BITS);
            while (cumulative[k] < smallest) {
                k++;
            }
            guide[i] = k;
        }
    }

    double variance() {
        return variance;
    }

    void fill(long[] out, AesCtrBits bits) {
        for (int i = 0; i < out.length; i++) {
            out[i] = sample(bits);
        }
    }

    /** The lowest bit is the sign, the others are the first of U: |x| is the first k with U < P(|x| <= k). */
    long sample(AesCtrBits bits) {
        long word = bits.next();
        long u = word >>> 1;
        int k = guide[(int) (u >>> (WORD_BITS - GUIDE_BITS))];
        while (u > cumulative[k]) {
            k++;
        }
        if (u == cumulative[k]) {
            BigInteger next = unsigned(bits.next()).shiftLeft(Long.SIZE).add(unsigned(bits.next()));
            while (u == cumulative[k] && next.compareTo(more[k]) >= 0) {
                k++;
            }
        }
        long sign = -(word & 1);
        return (k ^ sign) - sign;
    }

    private static BigInteger unsigned(long word) {
        return new BigInteger(Long.toUnsignedString(word));
    }
}
