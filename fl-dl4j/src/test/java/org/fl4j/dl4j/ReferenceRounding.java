package org.fl4j.dl4j;

import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of each result of the reference's arithmetic: nothing, or FP32 with random rounding, to one of the two
 * neighbours with equal probability (Vignes, Mathematics and Computers in Simulation 1993). Results that are FP32 numbers
 * stay, as in every FP32 computation. Gradients of several such passes differ by what rounding alone makes of them, sums that
 * cancel included, whatever the order of sums.
 */
final class ReferenceRounding {

    static final ReferenceRounding NONE = new ReferenceRounding(null);

    /** Units in the last place by which a function of the FP32 libraries may be off, the plan's own among them. */
    private static final double FUNCTION = Math.scalb(4.0, -24);

    private final @Nullable SplittableRandom random;

    private ReferenceRounding(@Nullable SplittableRandom random) {
        this.random = random;
    }

    static ReferenceRounding randomly(long seed) {
        return new ReferenceRounding(new SplittableRandom(seed));
    }

    /** A sum, product, quotient or root. */
    double of(double value) {
        float nearest = (float) value;
        if (random == null || nearest == value || Double.isNaN(value)) {
            return value;
        }
        float other = nearest < value ? Math.nextUp(nearest) : Math.nextDown(nearest);
        return random.nextInt() < 0 ? nearest : other;
    }

    /** The value of a function, which comes with a relative error. */
    double ofFunction(double value) {
        return random == null || (float) value == value ? value : of(value * (1 + FUNCTION * error()));
    }

    /** A derivative, a difference of terms near 1 such as {@code 1 - y y}: with an absolute error, unless it is a constant. */
    double ofDerivative(double value) {
        return random == null || (float) value == value ? value : of(value + FUNCTION * error() * Math.max(1, value));
    }

    private double error() {
        return random == null ? 0 : 2 * random.nextDouble() - 1;
    }
}
