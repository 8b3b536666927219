package org.fl4j.privacy.secagg.internal.vector;

import java.util.Arrays;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.random.DeterministicRandom;

/**
 * Turns a contribution into integers: whole numbers on a grid as they are, others by stochastic rounding,
 *
 * <pre>  q(x) = floor(x / s) + B,   B ~ Bernoulli(x / s - floor(x / s)),</pre>
 *
 * <p>so that E[s q(x)] = x (Gupta, Agrawal, Gopalakrishnan, Narayanan, "Deep Learning with Limited Numerical Precision",
 * ICML 2015): errors of many clients average out. The probability is exact for |x| &gt;= s, and off by less
 * than 2^-52 below; a whole number of steps stays what it is.
 */
public final class Quantizer {

    private Quantizer() {}

    /**
     * Rounds a contribution.
     *
     * @param contribution over the segments of the plan
     * @param seed of this client's rounding in this round: one seed for all clients would correlate the errors, which then
     *     would not average out. Not secret: it tells which way the sum's last steps were rounded
     * @return the client's integers, to be masked and erased
     * @throws UpdateRejectedException if a coordinate is out of range; the reason states what is allowed, never the
     *     client's value
     */
    public static RingVector of(Summand contribution, VectorPlan plan, long seed) {
        plan.requireSame(contribution.segments());
        RingVector vector = RingVector.zero(plan);
        DeterministicRandom random = new DeterministicRandom(seed);
        for (int s = 0; s < plan.segments().size(); s++) {
            SegmentPlan segment = plan.segments().get(s);
            double[] values = contribution.toArray(segment.name());
            try {
                if (!isAllowed(values, segment)) {
                    vector.erase();
                    throw new UpdateRejectedException(refusal(segment));
                }
                // Whole numbers stay what they are.
                double perStep = segment.hasGrid() ? 1 : 1 / segment.step();
                if (segment.isWide()) {
                    round(values, perStep, random, vector.words64(s));
                } else {
                    round(values, perStep, random, vector.words32(s));
                }
            } finally {
                Arrays.fill(values, 0);
            }
        }
        return vector;
    }

    private static boolean isAllowed(double[] values, SegmentPlan segment) {
        return segment.hasGrid() ? areWhole(values, segment.maxSteps()) : areWithin(values, segment.range());
    }

    private static boolean areWithin(double[] values, double range) {
        boolean all = true;
        for (double value : values) {
            // False for NaN.
            all &= Math.abs(value) <= range;
        }
        return all;
    }

    private static boolean areWhole(double[] values, long largest) {
        boolean all = areWithin(values, (double) largest);
        for (double value : values) {
            all &= Math.rint(value) == value;
        }
        return all;
    }

    private static void round(double[] values, double perStep, DeterministicRandom random, int[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = (int) round(values[i] * perStep, random);
        }
    }

    private static void round(double[] values, double perStep, DeterministicRandom random, long[] to) {
        for (int i = 0; i < to.length; i++) {
            to[i] = round(values[i] * perStep, random);
        }
    }

    /**
     * The quotient x / s is exact, as s is a power of two, and so is the fraction times 2^53 for |x| >= s. Without a
     * branch: it would be mispredicted every other time.
     */
    private static long round(double steps, DeterministicRandom random) {
        double below = Math.floor(steps);
        long limit = (long) ((steps - below) * 0x1p53);
        long uniform = random.nextLong() >>> 11;
        long up = (uniform - limit) >>> 63;
        return (long) below + up;
    }

    private static String refusal(SegmentPlan segment) {
        if (segment.hasGrid()) {
            return "segment '" + segment.name() + "': every coordinate must be a whole number of steps in [-"
                    + segment.maxSteps() + ", " + segment.maxSteps() + "], but one is not; it is the rule that must"
                    + " keep to its grid and bound";
        }
        if (segment.name().equals(Segment.WEIGHT)) {
            return "segment '" + segment.name() + "': under masks a client's weight must be at most " + segment.range()
                    + ", but this one's is not; is the largest weight that FixedPoint states, by .weighingAtMost(...), too"
                    + " small?";
        }
        return "segment '" + segment.name()
                + "': under masks every coordinate of a client's contribution, its weight in"
                + " the rule included, must be in [-" + segment.range() + ", " + segment.range()
                + "], but one is not; is the range that FixedPoint states too small, or did the client's model diverge?";
    }
}
