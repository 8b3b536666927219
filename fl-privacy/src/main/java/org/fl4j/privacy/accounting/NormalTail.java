package org.fl4j.privacy.accounting;

/**
 * The upper tail of the standard normal distribution, Q(x) = P(X > x), and what is left of it beside the density,
 *
 * <pre>  M(x) = Q(x) / phi(x)   (Mills' ratio),</pre>
 *
 * <p>to about 1e-15 relative, also where Q underflows.
 *
 * <p>Q(x) = erfc(x / sqrt 2) / 2. Below 1, erf by its Maclaurin series. From 1 on, the trapezoidal rule with step h on
 * erfc's integral and the residue at its pole,
 *
 * <pre>
 *   erfc(y) = (h y e^(-y^2) / pi) (1/y^2 + 2 sum over n >= 1 of e^(-n^2 h^2) / (n^2 h^2 + y^2)) - 2 / (e^(2 pi y / h) - 1),
 * </pre>
 *
 * <p>whose error is below e^(-pi^2/h^2) relative, 1e-17 for h = 1/2 (Chiarella and Reichl, "On the evaluation of integrals
 * related to the error function", Mathematics of Computation 22, 1968; Matta and Reichl, same journal 25, 1971).
 */
final class NormalTail {

    private static final double H = 0.5;
    private static final double LOG_SQRT_2_PI = 0.5 * Math.log(2 * Math.PI);
    private static final double[] SQUARES = new double[13];
    private static final double[] GAUSSIANS = new double[13];

    static {
        for (int n = 1; n <= SQUARES.length; n++) {
            SQUARES[n - 1] = n * H * n * H;
            GAUSSIANS[n - 1] = Math.exp(-SQUARES[n - 1]);
        }
    }

    private NormalTail() {}

    /** Q(x); NaN for NaN. */
    static double upper(double x) {
        if (x < 0) {
            return 1 - upper(-x);
        }
        double y = x * Math.sqrt(0.5);
        return y < 1 ? 0.5 - 0.5 * erf(y) : mills(x) * density(x);
    }

    /** M(x). */
    static double mills(double x) {
        double y = x * Math.sqrt(0.5);
        return y < 1 ? upper(x) / density(x) : Math.sqrt(Math.PI / 2) * scaledErfc(y);
    }

    /** phi(x); x^2/2 is rounded, and its rounding error put back. */
    static double density(double x) {
        double square = x * x;
        double lost = Math.fma(x, x, -square);
        return Math.exp(-0.5 * square) * (1 - 0.5 * lost) / Math.sqrt(2 * Math.PI);
    }

    /** ln phi(x). */
    static double logDensity(double x) {
        return -0.5 * x * x - LOG_SQRT_2_PI;
    }

    private static double erf(double y) {
        double term = y;
        double sum = y;
        for (int k = 1; Math.abs(term) > 1e-17 * Math.abs(sum); k++) {
            term *= -y * y / k;
            sum += term / (2 * k + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }

    /** e^(y^2) erfc(y) for y of at least 1. */
    private static double scaledErfc(double y) {
        double sum = 0;
        for (int n = SQUARES.length - 1; n >= 0; n--) {
            sum += GAUSSIANS[n] / (SQUARES[n] + y * y);
        }
        double integral = H * y / Math.PI * (1 / (y * y) + 2 * sum);
        boolean besidePole = y < Math.PI / H;
        return besidePole ? integral - 2 * Math.exp(y * y) / Math.expm1(2 * Math.PI * y / H) : integral;
    }
}
