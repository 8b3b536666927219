package org.fl4j.privacy.accounting;

import org.fl4j.internal.Check;

/**
 * Two normal distributions that an observer has to tell apart, N(gap, with^2) and N(0, without^2): the privacyDelta of the
 * pair at an epsilon, the larger of both directions, and the inverse.
 *
 * <pre>  privacyDelta(epsilon) = P(L &gt; epsilon) - e^epsilon Q(L &gt; epsilon),   L = ln(p / q)</pre>
 *
 * <p>L is quadratic in the value, so that its excess over epsilon is one interval or what is outside one. With equal deviations it
 * is {@link AnalyticGaussian} of sigma = with / |gap|.
 *
 * <ul>
 *   <li>Equal distributions: privacyDelta 0.
 *   <li>So far apart that no double holds L: privacyDelta 1, epsilon infinity.
 * </ul>
 *
 * <p>Precision: 1e-9 relative in epsilon for a privacyDelta of 1e-12 and more.
 *
 * <p>Immutable and thread-safe.
 *
 * @param gap the difference of the means, finite
 * @param with the first standard deviation, above 0
 * @param without the second one, above 0
 */
public record NormalPair(double gap, double with, double without) {

    private static final double PRECISION = 0x1p-40;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public NormalPair {
        if (!Double.isFinite(gap)) {
            throw new IllegalArgumentException("gap must be finite, but was " + gap);
        }
        Check.positive("with", with);
        Check.positive("without", without);
    }

    /**
     * The privacyDelta at an epsilon.
     *
     * @param epsilon at least 0 and finite
     * @return in [0, 1]
     * @throws IllegalArgumentException if epsilon is out of its range
     */
    public double privacyDelta(double epsilon) {
        Check.notNegative("epsilon", epsilon);
        return Math.max(delta(gap / without, with / without, epsilon), delta(gap / with, without / with, epsilon));
    }

    /**
     * The epsilon at a privacyDelta.
     *
     * @param privacyDelta in (0, 1)
     * @return at least 0; infinity where no double is large enough
     * @throws IllegalArgumentException if privacyDelta is out of its range
     */
    public double epsilon(double privacyDelta) {
        if (!(privacyDelta > 0 && privacyDelta < 1)) {
            throw new IllegalArgumentException("privacyDelta must be > 0 and < 1, but was " + privacyDelta);
        }
        if (privacyDelta(0) <= privacyDelta) {
            return 0;
        }
        double high = 1;
        while (high < Double.MAX_VALUE / 2 && privacyDelta(high) > privacyDelta) {
            high *= 2;
        }
        if (high >= Double.MAX_VALUE / 2) {
            return Double.POSITIVE_INFINITY;
        }
        double low = 0;
        while (high - low > PRECISION * high) {
            double middle = low + (high - low) / 2;
            if (privacyDelta(middle) > privacyDelta) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /** Of N(mean, deviation^2) over N(0, 1), of which one mirrors the other: the mean's sign does not count. */
    private static double delta(double mean, double deviation, double epsilon) {
        double a = Math.abs(mean);
        double variance = deviation * deviation;
        double square = 0.5 * (1 - 1 / variance);
        double linear = a / variance;
        double constant = -0.5 * a * linear - Math.log(deviation) - epsilon;
        if (!Double.isFinite(square) || !Double.isFinite(constant)) {
            return 1;
        }
        if (square == 0) {
            return linear == 0 ? 0 : excess(-constant / linear, a, deviation, epsilon);
        }
        double discriminant = linear * linear - 4 * square * constant;
        if (discriminant <= 0) {
            return square > 0 ? Math.max(0, -Math.expm1(epsilon)) : 0;
        }
        // The root of equal signs first: the other one would cancel.
        double q = -0.5 * (linear + Math.sqrt(discriminant));
        double one = q / square;
        double two = constant / q;
        double above = excess(Math.max(one, two), a, deviation, epsilon);
        double lower = Math.min(one, two);
        return Math.max(
                0,
                square > 0
                        ? above + excess(-lower, -a, deviation, epsilon)
                        : excess(lower, a, deviation, epsilon) - above);
    }

    /** P(X > x) - e^epsilon Q(X > x). */
    private static double excess(double x, double mean, double deviation, double epsilon) {
        double likely = NormalTail.upper((x - mean) / deviation);
        double scaled = x < 1
                ? Math.exp(epsilon) * NormalTail.upper(x)
                : Math.exp(epsilon + NormalTail.logDensity(x)) * NormalTail.mills(x);
        return Math.min(likely, Double.MAX_VALUE) - Math.min(scaled, Double.MAX_VALUE);
    }
}
