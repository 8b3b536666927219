package org.fl4j.privacy.accounting;

import org.fl4j.internal.Check;

/**
 * The unsampled Gaussian mechanism of sensitivity 1, exactly: the privacyDelta of its sigma at an epsilon, and the inverse.
 *
 * <pre>  privacyDelta(epsilon) = Q(-a) - e^epsilon Q(-b),   a = 1/(2 sigma) - epsilon sigma,   b = -1/(2 sigma) - epsilon sigma</pre>
 *
 * <p>with Q the upper tail of the standard normal distribution. k releases of one sigma are one of {@code sigma/sqrt(k)}.
 * Holds at every epsilon, unlike {@code sigma = sqrt(2 ln(1.25/privacyDelta))/epsilon}, which is proven for epsilon up to 1
 * and wrong above.
 *
 * <p>Precision: 1e-12 relative, down to the smallest privacyDelta a double can hold; below, 0. What is solved for is
 * rounded to the private side by at most 1e-13 relative.
 *
 * <ul>
 *   <li>sigma = 0: privacyDelta 1, epsilon infinity.
 *   <li>privacyDelta = 0: epsilon infinity.
 * </ul>
 *
 * <p>Immutable and thread-safe.
 *
 * <p>Source: Balle, Wang, "Improving the Gaussian Mechanism for Differential Privacy", ICML 2018, theorem 8.
 */
public final class AnalyticGaussian {

    private static final double PRECISION = 0x1p-44;

    /** No double is as small as e to this. */
    private static final double UNDERFLOW = -1000;

    private final double sigma;

    private AnalyticGaussian(double sigma) {
        this.sigma = sigma;
    }

    /**
     * A mechanism by its noise.
     *
     * @param sigma standard deviation over sensitivity, at least 0 and finite
     * @throws IllegalArgumentException if sigma is out of its range
     */
    public static AnalyticGaussian ofSigma(double sigma) {
        return new AnalyticGaussian(Check.notNegative("sigma", sigma));
    }

    /**
     * The mechanism with the least noise that reaches a target.
     *
     * @param target what is to hold; its privacyDelta above 0
     * @return the mechanism; what it gives is never above the target
     * @throws IllegalArgumentException if privacyDelta is 0, which no Gaussian reaches, or so small that no double holds sigma
     */
    public static AnalyticGaussian reaching(PrivacyTarget target) {
        target.requireReachable();
        double wanted = Math.log(target.privacyDelta());
        double high = 1;
        while (logDelta(high, target.epsilon()) > wanted) {
            high *= 2;
            if (Double.isInfinite(high)) {
                throw new IllegalArgumentException(
                        "the sigma that reaches the target must be a finite double, but the target was " + target);
            }
        }
        double low = high / 2;
        while (logDelta(low, target.epsilon()) <= wanted) {
            low /= 2;
        }
        while (high - low > PRECISION * high) {
            double middle = low + (high - low) / 2;
            if (logDelta(middle, target.epsilon()) > wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return new AnalyticGaussian(high);
    }

    /** The standard deviation of the noise over the sensitivity. */
    public double sigma() {
        return sigma;
    }

    /**
     * The privacyDelta at an epsilon.
     *
     * @param epsilon at least 0 and finite
     * @return in [0, 1]
     * @throws IllegalArgumentException if epsilon is out of its range
     */
    public double privacyDelta(double epsilon) {
        return Math.min(1, Math.exp(logDelta(sigma, Check.notNegative("epsilon", epsilon))));
    }

    /**
     * The epsilon at a privacyDelta.
     *
     * @param privacyDelta in [0, 1)
     * @return at least 0
     * @throws IllegalArgumentException if privacyDelta is out of its range
     */
    public double epsilon(double privacyDelta) {
        double wanted = Math.log(Check.belowOne("privacyDelta", privacyDelta));
        if (sigma == 0 || privacyDelta == 0) {
            return Double.POSITIVE_INFINITY;
        }
        if (logDelta(sigma, 0) <= wanted) {
            return 0;
        }
        double high = 1 / sigma;
        while (logDelta(sigma, high) > wanted) {
            high *= 2;
        }
        double low = 0;
        while (high - low > PRECISION * high) {
            double middle = low + (high - low) / 2;
            if (logDelta(sigma, middle) > wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }

    /**
     * e^epsilon phi(b) = phi(a), so delta = phi(a) (M(-a) - M(-b)) with Mills' ratio M. The two are 1/sigma apart: where
     * that is little their difference is integrated instead.
     */
    private static double logDelta(double sigma, double epsilon) {
        double half = 0.5 / sigma;
        double a = half - epsilon * sigma;
        double b = -half - epsilon * sigma;
        if (sigma == 0 || a > 38) {
            return 0;
        }
        double logDensity = NormalTail.logDensity(a);
        if (logDensity < UNDERFLOW) {
            return logDensity;
        }
        if (sigma >= 2) {
            return logDensity + Math.log(millsDifference(-a, 1 / sigma));
        }
        if (a > 0) {
            return Math.log(NormalTail.upper(-a) - Math.exp(logDensity) * NormalTail.mills(-b));
        }
        return logDensity + Math.log(NormalTail.mills(-a) - NormalTail.mills(-b));
    }

    /**
     * M(x) - M(x + gap), for x of at least -1/4. M(x) is the integral of e^(-x s - s^2/2) over s > 0, so this is that of
     * {@code e^(-x s - s^2/2) (1 - e^(-gap s))}, of one sign; by the double-exponential rule s = c e^(y - e^-y) (Takahasi
     * and Mori, 1974), c the width of the peak.
     */
    private static double millsDifference(double x, double gap) {
        double width = 1 / Math.max(1, x);
        double step = 1.0 / 32;
        double sum = 0;
        for (int i = -128; i <= 160; i++) {
            double y = i * step;
            double s = width * Math.exp(y - Math.exp(-y));
            double weight = s * (1 + Math.exp(-y));
            sum += weight * Math.exp(-x * s - 0.5 * s * s) * -Math.expm1(-gap * s);
        }
        return sum * step;
    }
}
