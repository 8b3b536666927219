package org.fl4j.privacy.secagg.internal.vector;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.privacy.secagg.internal.cohort.CohortSizeException;

/**
 * One segment as integers in Z/2^bits. The ring has room for the sum of the cohort and, where the rule noises it, for
 * {@value #NOISE_DEVIATIONS} standard deviations of its noise: a coordinate exceeds that with probability 2^-49, and its
 * release then wraps. That costs accuracy, not privacy.
 *
 * @param name the segment's
 * @param length how many coordinates
 * @param range the largest absolute value of one client's coordinate, in units of the segment
 * @param step what an integer is a multiple of, a power of two; the segment's grid if it has one
 * @param maxSteps the largest absolute value of one client's integer
 * @param bits the smallest k for which a sum over the cohort, with its noise, is determined modulo 2^k
 * @param hasGrid whether a {@code Summand} holds steps (else units of the segment)
 */
public record SegmentPlan(
        String name, int length, double range, double step, long maxSteps, int bits, boolean hasGrid) {

    /** A {@code Summand} holds every integer up to it exactly. */
    static final long LARGEST_SUM = (1L << 53) - 1;

    /** What {@link #LARGEST_SUM} needs. */
    static final int LARGEST_BITS = Summand.LARGEST_BITS;

    /** How much noise has room. */
    static final int NOISE_DEVIATIONS = 8;

    /**
     * Plans a segment.
     *
     * @param segment the rule's
     * @param scale its range, finite, and its step; its grid if it has one
     * @param clients the largest number that may be summed
     * @throws IllegalArgumentException if the sum of so many might be above {@link #LARGEST_SUM}
     */
    static SegmentPlan of(Segment segment, Scale scale, int clients) {
        boolean hasGrid = segment.grid().isPresent();
        // |x| <= range implies that floor(x / step) and, unless x / step is whole, floor(x / step) + 1 = ceil(x / step)
        // are within +-ceil(range / step): ceil is monotone and floor(-r) = -ceil(r). On a grid integers come as they
        // are.
        BigInteger maxSteps =
                steps(1, scale.range(), scale.step(), hasGrid ? RoundingMode.FLOOR : RoundingMode.CEILING);
        BigInteger noise = steps(NOISE_DEVIATIONS, segment.noise(), scale.step(), RoundingMode.CEILING);
        BigInteger largestSum = maxSteps.multiply(BigInteger.valueOf(clients)).add(noise);
        if (largestSum.compareTo(BigInteger.valueOf(LARGEST_SUM)) > 0) {
            throw tooLarge(segment, scale, maxSteps, clients, noise);
        }
        return new SegmentPlan(
                segment.name(),
                Math.toIntExact(segment.length()),
                scale.range(),
                scale.step(),
                maxSteps.longValueExact(),
                bits(largestSum),
                hasGrid);
    }

    /** A segment of integers modulo 2^k, of which every residue may be a client's. */
    static SegmentPlan ofRing(Segment segment, int bits) {
        long half = 1L << (bits - 1);
        return new SegmentPlan(segment.name(), Math.toIntExact(segment.length()), (double) half, 1, half, bits, true);
    }

    long packedBytes() {
        return ((long) length * bits + 7) / 8;
    }

    boolean isWide() {
        return bits > Integer.SIZE;
    }

    /**
     * A sum s of n integers with |x| &lt;= m has |s| &lt;= nm, so it is one of 2nm + 1 integers in a row. They differ modulo 2^k
     * if and only if 2nm + 1 &lt;= 2^k, that is 2nm &lt; 2^k; the smallest such k is the bit length of 2nm.
     */
    private static int bits(BigInteger largestSum) {
        return Math.max(1, largestSum.shiftLeft(1).bitLength());
    }

    /** Exact: a quotient in FP64 might overflow. */
    private static BigInteger steps(int times, double value, double step, RoundingMode rounding) {
        return new BigDecimal(value)
                .multiply(BigDecimal.valueOf(times))
                .divide(new BigDecimal(step), 0, rounding)
                .toBigIntegerExact();
    }

    private static IllegalArgumentException tooLarge(
            Segment segment, Scale scale, BigInteger maxSteps, int clients, BigInteger noise) {
        BigInteger largestSum = maxSteps.multiply(BigInteger.valueOf(clients)).add(noise);
        String one = String.format(Locale.ROOT, "%,d steps of 2^%d", maxSteps, Math.getExponent(scale.step()));
        String noised = noise.signum() == 0 ? "" : String.format(Locale.ROOT, " + %,d steps of noise", noise);
        String most = String.format(
                Locale.ROOT,
                "a sum holds at most 2^53 - 1 = %,d steps, of %d bits; choose %s",
                LARGEST_SUM,
                LARGEST_BITS,
                segment.grid().isPresent()
                        ? "a rule with a coarser grid or a smaller cohort"
                        : "a coarser resolution, a smaller range, a lower weight cap or a smaller cohort");
        return new CohortSizeException(
                String.format(
                        Locale.ROOT,
                        "segment '%s': %,d clients x %s%s = %,d steps need %d bits, but %s",
                        segment.name(),
                        clients,
                        one,
                        noised,
                        largestSum,
                        bits(largestSum),
                        most),
                "segment '" + segment.name() + "': the cohort's contributions of up to " + one + " each" + noised
                        + " need more bits, but " + most);
    }
}
