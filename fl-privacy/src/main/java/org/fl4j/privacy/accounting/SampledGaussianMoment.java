package org.fl4j.privacy.accounting;

/**
 * The moment behind the Renyi divergence of the Poisson-subsampled Gaussian,
 *
 * <pre>
 *   A(alpha) = E over u ~ N(0, 1) of (1 + w)^alpha,   w = q (e^t - 1),   t = u/z - 1/(2 z^2)
 * </pre>
 *
 * <p>(Mironov, Talwar, Zhang 2019, equation 6 with x = z u), for integer and fractional orders alike. Because E w = 0,
 *
 * <pre>  A - 1 = E g,   g = (1 + w)^alpha - 1 - alpha w = (1 + w) ((1 + w)^(alpha - 1) - 1) - (alpha - 1) w,</pre>
 *
 * <p>and g is nowhere negative (Bernoulli's inequality). So A - 1 is summed directly, from terms of one sign: nothing
 * cancels, however near A is to 1, and there is no alternating binomial series.
 *
 * <p>The sum is the trapezoidal rule on the whole line. The integrand is analytic for |Im u| below pi z, where 1 + w first
 * vanishes, and |1 + w| is at most its value on the real line; so with half-width d the error is about
 * {@code e^(d^2/2 - 2 pi d/h)} (Trefethen and Weideman, SIAM Review 56, 2014, theorem 5.1), here e^-40. The mass sits
 * between 0 and 2/z, where the quadratic part of g peaks, and around alpha/z; W is so wide that what lies outside is below
 * e^-40 of the whole, since (1 + w)^alpha is at most 2^alpha max(1, q e^t)^alpha.
 */
final class SampledGaussianMoment {

    /** Below this, nodes become too many and amplification too little: what one noise multiplier costs is 2^19 alpha. */
    static final double SMALLEST_NOISE_MULTIPLIER = 0x1p-10;

    private static final double ACCURACY = 40;

    /** Of ln (1 + w)^(alpha - 1): beyond, nothing beside (1 + w)^alpha counts, which must not overflow before it is scaled. */
    private static final double LARGE_POWER = 600;

    private final double z;
    private final double q;
    private final double alpha;

    private SampledGaussianMoment(double z, double q, double alpha) {
        this.z = z;
        this.q = q;
        this.alpha = alpha;
    }

    /** ln A(alpha) for z of at least {@link #SMALLEST_NOISE_MULTIPLIER} and q in (0, 1). */
    static double log(double z, double q, double alpha) {
        return new SampledGaussianMoment(z, q, alpha).log();
    }

    private double log() {
        double d = Math.min(Math.PI * z, 6);
        double h = 2 * Math.PI * d / (d * d / 2 + ACCURACY);
        double w = Math.sqrt(2 * (ACCURACY + alpha * Math.log(2)));
        long firstEnd = (long) Math.ceil((2 / z + w) / h);
        long secondStart = Math.max(firstEnd + 1, (long) Math.floor((alpha / z - w) / h));
        long secondEnd = (long) Math.ceil((alpha / z + w) / h);
        long start = (long) Math.floor(-w / h);
        double scale = 0;
        if (alpha * (alpha - 1) / (2 * z * z) > 600) {
            scale = Math.max(peak(start, firstEnd, h), peak(secondStart, secondEnd, h));
        }
        double sum = sum(start, firstEnd, h, scale) + sum(secondStart, secondEnd, h, scale);
        double scaled = sum * h / Math.sqrt(2 * Math.PI);
        return scale == 0 ? Math.log1p(scaled) : scale + Math.log(scaled + Math.exp(-scale));
    }

    private double peak(long from, long to, double h) {
        double peak = 0;
        for (long i = from; i <= to; i++) {
            double u = i * h;
            peak = Math.max(peak, alpha * logRatio(t(u)) - u * u / 2);
        }
        return peak;
    }

    private double sum(long from, long to, double h, double scale) {
        double sum = 0;
        for (long i = from; i <= to; i++) {
            double u = i * h;
            sum += term(t(u), -u * u / 2 - scale);
        }
        return sum;
    }

    private double t(double u) {
        return (u - 0.5 / z) / z;
    }

    /** ln(1 + w). */
    private double logRatio(double t) {
        return t > 30 ? t + Math.log(q + (1 - q) * Math.exp(-t)) : Math.log1p(q * Math.expm1(t));
    }

    /** g e^exponent. */
    private double term(double t, double exponent) {
        double log = logRatio(t);
        double power = (alpha - 1) * log;
        if (power > LARGE_POWER) {
            return Math.exp(alpha * log + exponent);
        }
        double w = t > 30 ? Math.exp(Math.log(q) + t) : q * Math.expm1(t);
        if (Math.abs(alpha * w) < 0.25) {
            return series(w) * Math.exp(exponent);
        }
        if (t > 30) {
            return Math.exp(log + exponent) * Math.expm1(power) - (alpha - 1) * Math.exp(Math.log(q) + t + exponent);
        }
        return ((1 + w) * Math.expm1(power) - (alpha - 1) * w) * Math.exp(exponent);
    }

    /** The sum of binomial(alpha, k) w^k from k = 2 on: each term at most |alpha w| / k times the last, for k up to alpha. */
    private double series(double w) {
        double term = alpha * (alpha - 1) / 2 * w * w;
        double sum = term;
        for (int k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k++) {
            term *= (alpha - k + 1) / k * w;
            sum += term;
        }
        return sum;
    }
}
