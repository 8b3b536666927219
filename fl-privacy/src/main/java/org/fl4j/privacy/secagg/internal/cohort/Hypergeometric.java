package org.fl4j.privacy.secagg.internal.cohort;

/**
 * How many marked clients are among some drawn without replacement: P(X = x) = C(K, x) C(n - K, k - x) / C(n, k).
 *
 * <p>A tail is its first term, from Stirling's series, times a sum of ratios of neighbouring terms, the largest first;
 * its relative error is below 1e-7 for n up to 10^6, where log n! of 1e7 has lost as much.
 *
 * @param n clients
 * @param marked K of them, from 0 to n
 * @param drawn k of them, from 0 to n
 */
record Hypergeometric(int n, int marked, int drawn) {

    private static final double HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
    private static final int STIRLING_FROM = 32;
    private static final double[] SMALL = smallLogFactorials();

    /** The smallest t &gt;= from with P(X &gt; t) &lt;= exp(logBound), for a bound below 1 / (k + 1). */
    int upperQuantile(double logBound, int from) {
        // The mode is as likely as k + 1 values are on average, or more, so P(X > mode - 1) is above the bound.
        int t = Math.max(from, mode());
        while (t < Math.min(marked, drawn) && logAtLeast(t + 1) > logBound) {
            t++;
        }
        return t;
    }

    /** The smallest t &gt;= from with P(X &lt;= t) &gt;= exp(logBound), for a bound below 1 / (k + 1). */
    int lowerQuantile(double logBound, int from) {
        // The unmarked among the drawn are k - X, so P(X <= t) = P(k - X >= k - t).
        Hypergeometric unmarked = new Hypergeometric(n, n - marked, drawn);
        int t = Math.max(from, drawn - (n - marked));
        while (t < drawn - unmarked.mode() && unmarked.logAtLeast(drawn - t) < logBound) {
            t++;
        }
        return t;
    }

    /** The likeliest number of marked clients; of two the larger. */
    int mode() {
        return (int) ((drawn + 1L) * (marked + 1L) / (n + 2L));
    }

    /** log P(X &gt;= x) for x from the mode to the largest X: from there on terms only fall. */
    double logAtLeast(int x) {
        double sum = 1;
        double term = 1;
        for (int i = x; i < Math.min(marked, drawn) && term > 0x1p-60 * sum; i++) {
            // P(i + 1) / P(i)
            term *= (double) (marked - i) / (i + 1) * (drawn - i) / (n - marked - drawn + i + 1);
            sum += term;
        }
        return logProbability(x) + Math.log(sum);
    }

    /** log P(X = x), for x that X can be. */
    double logProbability(int x) {
        return logChoose(marked, x) + logChoose(n - marked, drawn - x) - logChoose(n, drawn);
    }

    /** log C(n, k). */
    static double logChoose(int n, int k) {
        return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
    }

    /** log n!, Stirling's series: for n &gt;= 32 the first term left out is below 1e-13. */
    static double logFactorial(int n) {
        if (n < STIRLING_FROM) {
            return SMALL[n];
        }
        double inverse = 1.0 / n;
        double square = inverse * inverse;
        double series = inverse * (1.0 / 12 - square * (1.0 / 360 - square / 1260));
        return (n + 0.5) * Math.log(n) - n + HALF_LOG_TWO_PI + series;
    }

    private static double[] smallLogFactorials() {
        double[] logs = new double[STIRLING_FROM];
        double factorial = 1;
        for (int n = 1; n < logs.length; n++) {
            factorial *= n;
            logs[n] = Math.log(factorial);
        }
        return logs;
    }
}
