package org.fl4j.privacy.dp;

import static org.fl4j.privacy.dp.NoiseStatistics.assertFits;
import static org.fl4j.privacy.dp.NoiseStatistics.assertMean;
import static org.fl4j.privacy.dp.NoiseStatistics.assertPoisson;
import static org.fl4j.privacy.dp.NoiseStatistics.assertUniform;
import static org.fl4j.privacy.dp.NoiseStatistics.histogram;
import static org.fl4j.privacy.dp.NoiseStatistics.probabilities;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ten million values against the exact law. Every assertion below has a false alarm at most once in a million seeds; the
 * seeds are fixed.
 */
class DiscreteGaussianDistributionTest {

    private static final int N = 10_000_000;

    // Python, decimal with 40 digits: sums over -40 ... 40.
    @ParameterizedTest
    @CsvSource({
        "1,   0.398942278266862, 0.241970723224461, 0.999999788767728",
        "0.5, 0.786570707041948, 0.106450769423145, 0.215012675088138"
    })
    void ourExactProbabilitiesAreTheKnownOnes(double sigma, double atZero, double atOne, double variance) {
        double[] p = probabilities(sigma, 12);
        double sum = 0;
        for (int x = -12; x <= 12; x++) {
            sum += p[x + 12] * x * x;
        }
        assertEquals(atZero, p[12], 1e-14);
        assertEquals(atOne, p[13], 1e-14);
        assertEquals(variance, sum, 1e-14);
    }

    // Every integer on its own up to the limit. 63: the last column ends at 4.06 sigma, the rest is the tail.
    @ParameterizedTest
    @CsvSource({"0.5, 2", "0.7, 3", "1, 5", "3.3, 15", "20.5, 90", "63, 260", "4096, 12000", "8191.9, 24000"})
    void everyIntegerHasItsProbability(double sigma, int limit) {
        // One bin for all that is beyond; where that is less than 1 in all, it goes with the least integer.
        double[] p = probabilities(sigma, limit);
        double beyond = 1 - Arrays.stream(p).sum();
        boolean merge = beyond * N < 1;
        int last = merge ? 0 : p.length;
        double[] expected = Arrays.copyOf(p, merge ? p.length : p.length + 1);
        expected[last] += beyond;
        long[] counts =
                histogram(seeded(sigma, 11), expected.length, x -> Math.abs(x) <= limit ? (int) x + limit : last);
        assertFits(counts, expected, N);
    }

    @Test
    void thousandBinsOfEqualProbability() {
        int limit = 40_960;
        double[] p = probabilities(4_096, limit);
        int[] binOf = new int[2 * limit + 1];
        double[] expected = new double[1_000];
        double below = 0;
        for (int i = 0; i < p.length; i++) {
            binOf[i] = Math.min(999, (int) (below * 1_000));
            expected[binOf[i]] += p[i];
            below += p[i];
        }
        assertFits(histogram(seeded(4_096, 12), 1_000, x -> binOf[(int) x + limit]), expected, N);
    }

    // P(x = r mod m) is 1/m within a factor of 1 +- 2 exp(-2 pi^2 sigma^2 / m^2), at worst 1 +- 6e-9.
    @ParameterizedTest
    @ValueSource(doubles = {0x1p12, 0x1p20, 1e9, 0x1p30})
    void lowBitsAreUniform(double sigma) {
        long[] noise = seeded(sigma, 13);
        for (int modulus : new int[] {2, 4, 64, 4_096}) {
            assertUniform(histogram(noise, modulus, x -> (int) x & (modulus - 1)), N);
        }
    }

    // The moments of y = x / sigma are the continuous Gaussian's: 0, 1, 0, 3 with variances 1, 2, 15, 96 of the powers.
    @ParameterizedTest
    @ValueSource(doubles = {0x1p12, 8_191.9, 0x1p20, 0x1p30})
    void momentsAndNeighbours(double sigma) {
        long[] noise = seeded(sigma, 14);
        double[] sums = new double[6];
        double last = 0;
        double lastButOne = 0;
        for (long x : noise) {
            double y = x / sigma;
            sums[0] += y;
            sums[1] += y * y;
            sums[2] += y * y * y;
            sums[3] += y * y * y * y;
            sums[4] += y * last;
            sums[5] += y * lastButOne;
            lastButOne = last;
            last = y;
        }
        assertMean(sums[0] / N, 0, 1, N);
        assertMean(sums[1] / N, 1, Math.sqrt(2), N);
        assertMean(sums[2] / N, 0, Math.sqrt(15), N);
        assertMean(sums[3] / N, 3, Math.sqrt(96), N);
        assertMean(sums[4] / N, 0, 1, N);
        assertMean(sums[5] / N, 0, 1, N);
    }

    // P(x > 0) = P(x < 0): the mean of the sign, without zeros to speak of, has deviation 1.
    @ParameterizedTest
    @ValueSource(doubles = {1, 0x1p12, 0x1p30})
    void bothSignsAreAsLikely(double sigma) {
        long sum = 0;
        for (long x : seeded(sigma, 15)) {
            sum += Long.signum(x);
        }
        assertMean((double) sum / N, 0, 1, N);
    }

    // 63.32 and 0.5733 in a million beyond 4 and 5 sigma; the sums are those of the exact law.
    @ParameterizedTest
    @ValueSource(doubles = {0x1p12, 8_191.9})
    void tailsHaveTheirProbability(double sigma) {
        int four = (int) (4 * sigma);
        int five = (int) (5 * sigma);
        long[] beyond = new long[4];
        DiscreteGaussian gaussian = DiscreteGaussian.of(sigma);
        try (AesCtrBits bits = AesCtrBits.insecure(16)) {
            for (int i = 0; i < 4 * N; i++) {
                long x = gaussian.sample(bits);
                if (x > four || x < -four) {
                    beyond[x > 0 ? 0 : 1]++;
                    beyond[2] += x > five ? 1 : 0;
                    beyond[3] += x < -five ? 1 : 0;
                }
            }
        }
        assertPoisson(beyond[0], 4.0 * N * above(sigma, four));
        assertPoisson(beyond[1], 4.0 * N * above(sigma, four));
        assertPoisson(beyond[2], 4.0 * N * above(sigma, five));
        assertPoisson(beyond[3], 4.0 * N * above(sigma, five));
    }

    private static double above(double sigma, int x) {
        int limit = (int) (11 * sigma);
        double[] p = probabilities(sigma, limit);
        double sum = 0;
        for (int y = limit; y > x; y--) {
            sum += p[y + limit];
        }
        return sum;
    }

    private static long[] seeded(double sigma, long seed) {
        return DiscreteGaussianTest.seeded(DiscreteGaussian.ofFewSteps(sigma), seed, N);
    }
}
