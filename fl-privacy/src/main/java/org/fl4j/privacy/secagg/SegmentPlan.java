package org.fl4j.privacy.secagg;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Locale;
import org.fl4j.aggregation.Segment;

/**
 * One segment as integers in Z/2^bits.
 *
 * @param name the segment's
 * @param length how many coordinates
 * @param range the largest absolute value of one client's coordinate, in units of the segment
 * @param step what an integer is a multiple of, a power of two; the segment's grid if it has one
 * @param maxSteps the largest absolute value of one client's integer
 * @param bits the smallest k for which a sum over the cohort is determined modulo 2^k
 * @param hasGrid whether a {@code Summand} holds steps (else units of the segment)
 */
record SegmentPlan(String name, int length, double range, double step, long maxSteps, int bits, boolean hasGrid) {

    /** A {@code Summand} holds every integer up to it exactly. */
    static final long LARGEST_SUM = (1L << 53) - 1;

    /** What {@link #LARGEST_SUM} needs. */
    static final int LARGEST_BITS = 54;

    /** Real numbers, stochastically rounded to steps. */
    static SegmentPlan rounded(Segment segment, FixedPoint.Scale scale, int clients) {
        // |x| <= range implies floor(x / step) and floor(x / step) + 1 (only taken if x / step is not whole) are both
        // within +-ceil(range / step): ceil is monotone, and -ceil(r) = floor(-r).
        BigInteger maxSteps = steps(scale, RoundingMode.CEILING);
        return planned(segment, scale, maxSteps, clients);
    }

    /** Whole numbers of steps already. */
    static SegmentPlan onGrid(Segment segment, int clients) {
        if (Double.isInfinite(segment.maxAbs())) {
            throw new IllegalArgumentException(
                    "segment '" + segment.name() + "' has a grid but no bound, so no width of"
                            + " masks is enough; the rule must declare the largest contribution of a client");
        }
        FixedPoint.Scale scale =
                new FixedPoint.Scale(segment.maxAbs(), segment.grid().orElseThrow());
        return planned(segment, scale, steps(scale, RoundingMode.FLOOR), clients);
    }

    long packedBytes() {
        return ((long) length * bits + 7) / 8;
    }

    boolean isWide() {
        return bits > Integer.SIZE;
    }

    private static SegmentPlan planned(Segment segment, FixedPoint.Scale scale, BigInteger maxSteps, int clients) {
        BigInteger largestSum = maxSteps.multiply(BigInteger.valueOf(clients));
        // The sum s of n integers with |x| <= m has |s| <= nm, so it is one of 2nm + 1 values in a row; they are
        // different modulo 2^k exactly if 2nm + 1 <= 2^k, that is 2nm < 2^k, and bitLength is the smallest such k.
        int bits = Math.max(1, largestSum.shiftLeft(1).bitLength());
        if (largestSum.compareTo(BigInteger.valueOf(LARGEST_SUM)) > 0) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "segment '%s': %,d clients x %,d steps of 2^%d = %,d steps need %d bits, but a sum holds at most"
                            + " 2^53 - 1 = %,d steps, of %d bits; choose %s",
                    segment.name(),
                    clients,
                    maxSteps,
                    Math.getExponent(scale.step()),
                    largestSum,
                    bits,
                    LARGEST_SUM,
                    LARGEST_BITS,
                    segment.grid().isPresent()
                            ? "a rule with a coarser grid or a smaller cohort"
                            : "a coarser resolution, a smaller range, a lower weight cap or a smaller cohort"));
        }
        return new SegmentPlan(
                segment.name(),
                Math.toIntExact(segment.length()),
                scale.range(),
                scale.step(),
                maxSteps.longValueExact(),
                bits,
                segment.grid().isPresent());
    }

    /** Exact: a quotient in FP64 might overflow. */
    private static BigInteger steps(FixedPoint.Scale scale, RoundingMode rounding) {
        return new BigDecimal(scale.range())
                .divide(new BigDecimal(scale.step()), 0, rounding)
                .toBigIntegerExact();
    }
}
