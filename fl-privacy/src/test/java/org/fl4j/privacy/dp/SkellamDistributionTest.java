package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Skellam noise against its probabilities, which are computed here by the ascending series of the Bessel functions. */
class SkellamDistributionTest {

    private static final int DRAWS = 400_000;

    /** Chi-squared over all values expected at least 50 times: above its mean by 6 of its standard deviations once in 10^7. */
    @ParameterizedTest
    @ValueSource(doubles = {0.3, 1, 12.5, 400, 20_000})
    void drawsHaveTheirProbabilities(double variance) {
        long[] draws = new long[DRAWS];
        try (AesCtrBits bits = AesCtrBits.insecure(77)) {
            new SkellamDistribution(variance).fill(draws, bits);
        }
        int reach = (int) (6 * Math.sqrt(variance)) + 20;
        long[] counts = new long[2 * reach + 1];
        for (long draw : draws) {
            counts[(int) Math.max(-reach, Math.min(reach, draw)) + reach]++;
        }
        double chi = 0;
        int cells = 0;
        for (int x = -reach; x <= reach; x++) {
            double expected = DRAWS * probability(Math.abs(x), variance);
            if (expected >= 50) {
                double off = counts[x + reach] - expected;
                chi += off * off / expected;
                cells++;
            }
        }
        double above = (chi - cells) / Math.sqrt(2.0 * cells);
        assertTrue(cells >= 5 && above < 6, "chi squared " + chi + " over " + cells);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 2, 5476, 1e6})
    void momentsAreThoseOfItsVariance(double variance) {
        long[] draws = new long[DRAWS];
        try (AesCtrBits bits = AesCtrBits.insecure(78)) {
            new SkellamDistribution(variance).fill(draws, bits);
        }
        double mean = 0;
        double squares = 0;
        for (long draw : draws) {
            mean += (double) draw / DRAWS;
            squares += (double) draw * draw / DRAWS;
        }
        assertEquals(0, mean, 5 * Math.sqrt(variance / DRAWS));
        // The fourth central moment is 3 v^2 + v.
        assertEquals(variance, squares, 5 * Math.sqrt((2 * variance * variance + variance) / DRAWS));
    }

    @Test
    void varianceHasARange() {
        assertThrows(IllegalArgumentException.class, () -> new SkellamDistribution(0));
        assertThrows(IllegalArgumentException.class, () -> new SkellamDistribution(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new SkellamDistribution(0x1p31));
    }

    /** exp(-v) I_k(v) = sum_j exp(-v) (v/2)^(2j+k) / (j! (j+k)!), by logarithms. */
    private static double probability(int k, double v) {
        double half = Math.log(v / 2);
        double term = -v + k * half - logFactorial(k);
        double sum = 0;
        for (int j = 0; j < 2 * v + 4 * k + 200; j++) {
            sum += Math.exp(term);
            term += 2 * half - Math.log(j + 1.0) - Math.log(j + 1.0 + k);
        }
        return sum;
    }

    private static double logFactorial(int n) {
        double sum = 0;
        for (int i = 2; i <= n; i++) {
            sum += Math.log(i);
        }
        return sum;
    }
}
