package org.fl4j.privacy.dp;

/**
 * Exact confidence bounds of a probability from k hits in n trials (Clopper and Pearson, Biometrika 1934): each is wrong
 * with at most the stated probability. By bisection on the binomial tail, summed in logarithms.
 */
final class ClopperPearson {

    private static final int BISECTIONS = 60;

    private ClopperPearson() {}

    /** The largest p for which k hits or more have at most that probability. */
    static double lower(int k, int n, double wrong) {
        if (k == 0) {
            return 0;
        }
        double low = 0;
        double high = (double) k / n;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (tail(k, n, middle, 1) <= wrong) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The smallest p for which k hits or fewer have at most that probability. */
    static double upper(int k, int n, double wrong) {
        if (k == n) {
            return 1;
        }
        double low = (double) k / n;
        double high = 1;
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (tail(k, n, middle, -1) <= wrong) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }

    /** P(X = k) + P(X = k + step) + ..., terms falling away from the mean. */
    private static double tail(int k, int n, double p, int step) {
        if (p <= 0 || p >= 1) {
            return 0;
        }
        double log =
                logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p);
        double term = 1;
        double sum = 0;
        double odds = p / (1 - p);
        for (int j = k; j >= 0 && j <= n && term > 1e-18 * sum; j += step) {
            sum += term;
            term *= step > 0 ? odds * (n - j) / (j + 1) : j / (odds * (n - j + 1));
        }
        return Math.exp(log) * sum;
    }

    /** Stirling's series, below 1e-10 from 20 on; the sum before. */
    private static double logFactorial(int n) {
        double log = 0;
        if (n < 20) {
            for (int i = 2; i <= n; i++) {
                log += Math.log(i);
            }
            return log;
        }
        double x = n;
        return x * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI * x) + 1 / (12 * x) - 1 / (360 * x * x * x);
    }
}
