package org.fl4j.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The distributions. Seeds are fixed, so the tests do not flicker. "False rejection" is the probability that a correct
 * generator fails for a seed drawn at random: 6e-7 for five standard deviations of a mean, 1e-6 for the chi-square
 * limits, which are {@code scipy.stats.chi2.isf(1e-6, df)}.
 */
class DeterministicRandomStatisticsTest {

    private static final int DRAWS = 1_000_000;

    /** False rejection 1e-6 each: chi-square with 2, 9 and 99 degrees of freedom. */
    @ParameterizedTest
    @CsvSource({"3, 27.63", "10, 44.81", "100, 180.79"})
    void boundedIntegersAreUniform(int bound, double limit) {
        DeterministicRandom random = new DeterministicRandom(bound);
        int[] counts = new int[bound];
        for (int i = 0; i < DRAWS; i++) {
            counts[random.nextInt(bound)]++;
        }
        assertChiSquareBelow(limit, counts);
    }

    /**
     * A bound of 3/4 of 2^31 makes the bias of plain multiplication or remainder plain: some values would be twice as
     * frequent as others. False rejection 1e-6: chi-square with 2 degrees of freedom on the residues modulo 3 and 1e-6
     * on thirds of the range.
     */
    @Test
    void largeBoundsAreUnbiased() {
        int bound = 3 << 29;
        DeterministicRandom random = new DeterministicRandom(1);
        int[] residues = new int[3];
        int[] thirds = new int[3];
        for (int i = 0; i < DRAWS; i++) {
            int value = random.nextInt(bound);
            residues[value % 3]++;
            thirds[value / (1 << 29)]++;
        }
        assertChiSquareBelow(27.63, residues);
        assertChiSquareBelow(27.63, thirds);
    }

    /** False rejection 6e-7 for each moment: five standard deviations; the fourth power's variance is 96. */
    @Test
    void gaussianHasTheMomentsOfTheNormalDistribution() {
        DeterministicRandom random = new DeterministicRandom(2);
        double[] powers = new double[5];
        for (int i = 0; i < DRAWS; i++) {
            double z = random.nextGaussian();
            double power = 1;
            for (int p = 0; p < powers.length; p++) {
                powers[p] += power / DRAWS;
                power *= z;
            }
        }
        assertEquals(0, powers[1], 5 * Math.sqrt(1.0 / DRAWS));
        assertEquals(1, powers[2], 5 * Math.sqrt(2.0 / DRAWS));
        assertEquals(0, powers[3], 5 * Math.sqrt(15.0 / DRAWS));
        assertEquals(3, powers[4], 5 * Math.sqrt(96.0 / DRAWS));
    }

    /**
     * For X ~ Gamma(shape, 1): E log X = digamma(shape), Var log X = trigamma(shape), fourth cumulant
     * polygamma(3, shape); values from {@code scipy.special}. False rejection about 6e-7 for each of the two moments:
     * five standard deviations, the variance's being sqrt((kappa4 + 2 trigamma^2) / n).
     */
    @ParameterizedTest
    @CsvSource({
        "0.001, -1000.5755719318103, 1000001.6425331959, 6000000000006.467",
        "0.1, -10.423754940411076, 101.43329915079275, 60004.512876790235",
        "0.5, -1.9635100260214235, 4.93480220054468, 97.40909103400242",
        "1, -0.5772156649015329, 1.6449340668482266, 6.493939402266829",
        "2.5, 0.7031566406452432, 0.4903577561002349, 0.2239058488172521",
        "10, 2.251752589066721, 0.10516633568168576, 0.0023199013042898686",
        "1000, 6.907255195648812, 0.001000500166666633, 2.003001999999e-09",
    })
    void logGammaHasTheMomentsOfTheLogOfAGammaVariate(double shape, double digamma, double trigamma, double kappa4) {
        DeterministicRandom random = new DeterministicRandom(3);
        double[] sample = sample(() -> random.nextLogGamma(shape));
        double mean = Arrays.stream(sample).average().orElseThrow();
        double variance = Arrays.stream(sample)
                .map(x -> (x - mean) * (x - mean))
                .average()
                .orElseThrow();
        assertEquals(digamma, mean, 5 * Math.sqrt(trigamma / DRAWS));
        assertEquals(trigamma, variance, 5 * Math.sqrt((kappa4 + 2 * trigamma * trigamma) / DRAWS));
    }

    /** E X = Var X = shape. False rejection 6e-7: five standard deviations. */
    @ParameterizedTest
    @CsvSource({"0.5", "1", "7.5", "300"})
    void gammaHasItsShapeAsMean(double shape) {
        DeterministicRandom random = new DeterministicRandom(4);
        double[] sample = sample(() -> Math.exp(random.nextLogGamma(shape)));
        assertEquals(shape, Arrays.stream(sample).average().orElseThrow(), 5 * Math.sqrt(shape / DRAWS));
    }

    /** All 24 orders of four things. False rejection 1e-6: chi-square with 23 degrees of freedom. */
    @Test
    void permutationsAreUniform() {
        DeterministicRandom random = new DeterministicRandom(5);
        int[] counts = new int[24];
        for (int i = 0; i < 240_000; i++) {
            counts[rank(random.permutation(4))]++;
        }
        assertChiSquareBelow(70.55, counts);
    }

    /** The position of a permutation of four in lexicographic order. */
    private static int rank(int[] order) {
        int rank = 0;
        for (int i = 0; i < order.length; i++) {
            int smaller = 0;
            for (int j = i + 1; j < order.length; j++) {
                smaller += order[j] < order[i] ? 1 : 0;
            }
            rank = rank * (order.length - i) + smaller;
        }
        return rank;
    }

    private static double[] sample(DoubleSupplier draw) {
        double[] sample = new double[DRAWS];
        Arrays.setAll(sample, i -> draw.getAsDouble());
        return sample;
    }

    private static void assertChiSquareBelow(double limit, int[] counts) {
        double expected = Arrays.stream(counts).average().orElseThrow();
        double chiSquare = Arrays.stream(counts)
                .mapToDouble(c -> (c - expected) * (c - expected) / expected)
                .sum();
        assertTrue(chiSquare < limit, () -> "chi-square " + chiSquare + " of " + Arrays.toString(counts));
    }
}
