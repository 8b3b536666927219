package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.LongToIntFunction;

/** Goodness of fit with a false alarm at most once in a million, and the exact probabilities to fit. */
final class NoiseStatistics {

    /** A normal variable is above it with probability 1e-6. */
    private static final double ONE_SIDED = 4.753424308822899;

    /** A normal variable is beyond it, on either side, with probability 1e-6. */
    static final double TWO_SIDED = 4.891638475698986;

    private NoiseStatistics() {}

    /** P(-limit) ... P(limit) for the discrete Gaussian, in FP64; what is beyond 12 sigma does not count. */
    static double[] probabilities(double sigma, int limit) {
        double[] rho = new double[2 * limit + 1];
        for (int x = -limit; x <= limit; x++) {
            rho[x + limit] = Math.exp(-0.5 * (x / sigma) * (x / sigma));
        }
        double total = 1;
        for (int x = 1; x <= 12 * sigma + 2; x++) {
            total += 2 * Math.exp(-0.5 * (x / sigma) * (x / sigma));
        }
        for (int i = 0; i < rho.length; i++) {
            rho[i] /= total;
        }
        return rho;
    }

    static long[] histogram(long[] values, int bins, LongToIntFunction binOf) {
        long[] counts = new long[bins];
        for (long value : values) {
            counts[binOf.applyAsInt(value)]++;
        }
        return counts;
    }

    /** Pearson's test; every expectation must be at least 5. */
    static void assertFits(long[] counts, double[] probabilities, long n) {
        double statistic = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = n * probabilities[i];
            assertTrue(expected >= 5, "too few expected in bin " + i);
            statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        assertBelowLimit(statistic, counts.length - 1);
    }

    static void assertUniform(long[] counts, long n) {
        double[] probabilities = new double[counts.length];
        Arrays.fill(probabilities, 1.0 / counts.length);
        assertFits(counts, probabilities, n);
    }

    static void assertBelowLimit(double statistic, int freedom) {
        double limit = limit(freedom);
        assertTrue(statistic < limit, "chi-square " + statistic + " with " + freedom + " degrees, limit " + limit);
    }

    /**
     * The value that chi-square exceeds with probability at most 1e-6, by Wilson and Hilferty, PNAS 1931; for few degrees
     * the formula is too large, by 15 % for one and 7 % for three.
     */
    static double limit(int freedom) {
        double spread = 2.0 / (9 * freedom);
        return freedom * Math.pow(1 - spread + ONE_SIDED * Math.sqrt(spread), 3);
    }

    /** A count whose law is Poisson's to a part in 10^5: neither tail may be less likely than 5e-7. */
    static void assertPoisson(long count, double expected) {
        double below = 0;
        double logOfTerm = -expected;
        double atMost = Math.exp(logOfTerm);
        for (int k = 1; k <= count; k++) {
            logOfTerm += Math.log(expected / k);
            below = atMost;
            atMost += Math.exp(logOfTerm);
        }
        assertTrue(atMost > 5e-7 && 1 - below > 5e-7, count + " where " + expected + " are expected");
    }

    /** A mean of n independent values with this expectation and standard deviation. */
    static void assertMean(double mean, double expected, double deviation, int n) {
        double allowed = TWO_SIDED * deviation / Math.sqrt(n);
        assertTrue(
                Math.abs(mean - expected) < allowed, mean + " where " + expected + " +- " + allowed + " is expected");
    }
}
