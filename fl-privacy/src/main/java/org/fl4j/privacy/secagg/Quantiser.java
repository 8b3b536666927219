package org.fl4j.privacy.secagg;

import java.util.Arrays;
import org.fl4j.aggregation.Summand;
import org.fl4j.random.DeterministicRandom;

/**
 * Turns a contribution into integers: whole numbers on a grid as they are, others by stochastic rounding,
 *
 * <pre>  q(x) = floor(x / s) + B,   B ~ Bernoulli(x / s - floor(x / s)),</pre>
 *
 * <p>so that E[s q(x)] = x (Gupta, Agrawal, Gopalakrishnan, Narayanan, "Deep Learning with Limited Numerical Precision",
 * ICML 2015, section 2.2): errors of many clients average out. The probability is exact for |x| &gt;= s, and off by less
 * than 2^-52 below; a whole number of steps stays what it is.
 */
final class Quantiser {

    private Quantiser() {}

    /**
     * Rounds a contribution.
     *
     * @param contribution over the segments of the plan
     * @param seed of the rounding; the same seed, the same integers
     */
    static Quantised of(Summand contribution, VectorPlan plan, long seed) {
        plan.requireSame(contribution.segments());
        RingVector vector = RingVector.zero(plan);
        DeterministicRandom random = new DeterministicRandom(seed);
        for (int s = 0; s < plan.segments().size(); s++) {
            SegmentPlan segment = plan.segments().get(s);
            double[] values = contribution.toArray(segment.name());
            try {
                if (!isAllowed(values, segment)) {
                    vector.erase();
                    return new Quantised.Refused(refusal(segment));
                }
                if (!segment.hasGrid()) {
                    round(values, segment.step(), random);
                }
                store(values, vector, s);
            } finally {
                Arrays.fill(values, 0);
            }
        }
        return new Quantised.Integers(vector);
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

    /** The quotient is exact, as steps are powers of two, and so is the fraction, unless -1 < x / s < 0. */
    private static void round(double[] values, double step, DeterministicRandom random) {
        double perStep = 1 / step;
        for (int i = 0; i < values.length; i++) {
            double steps = values[i] * perStep;
            double below = Math.floor(steps);
            values[i] = random.nextDouble() < steps - below ? below + 1 : below;
        }
    }

    private static void store(double[] whole, RingVector vector, int segment) {
        if (vector.isWide(segment)) {
            long[] words = vector.words64(segment);
            for (int i = 0; i < words.length; i++) {
                words[i] = (long) whole[i];
            }
        } else {
            int[] words = vector.words32(segment);
            for (int i = 0; i < words.length; i++) {
                words[i] = (int) whole[i];
            }
        }
    }

    private static String refusal(SegmentPlan segment) {
        if (segment.hasGrid()) {
            return "segment '" + segment.name() + "': every coordinate must be a whole number of steps in [-"
                    + segment.maxSteps() + ", " + segment.maxSteps() + "], but one is not; it is the rule that must"
                    + " keep to its grid and bound";
        }
        return "segment '" + segment.name() + "': every coordinate must be in [-" + segment.range() + ", "
                + segment.range() + "], the range under masks, but one is not; does FixedPoint state too small a range"
                + " for this client's contribution, or did its model diverge?";
    }
}
