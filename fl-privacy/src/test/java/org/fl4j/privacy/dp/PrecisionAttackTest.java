package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;

/**
 * The attack of Mironov, "On Significance of the Least Significant Bits for Differential Privacy", CCS 2012, on Gaussian
 * noise (Jin, McMurtry, Rubinstein, Ohrimenko, "Are We There Yet? Timing and Floating-Point Attacks on Differential
 * Privacy Systems", S&amp;P 2022): which doubles are possible tells the input. Inputs 0 and 1, sigma = 1, and only outputs
 * below 1/4 in size are looked at. With input 1 the noise was in (-5/4, -3/4), a multiple of 2^-53, and the sum is exact:
 * an output between these multiples proves that the input was 0.
 */
class PrecisionAttackTest {

    private static final int N = 2_000_000;
    private static final double NEAR = 0.25;

    /** Below 2^-60 everything is one class: {@code patterns} counts the lowest set bit, 2^-1 ... 2^-60. */
    private static final int PATTERNS = 61;

    @Test
    void floatingPointNoiseTellsTheInput() {
        Random random = new Random(21);
        long[] ofZero = patterns(() -> 0 + random.nextGaussian());
        long[] ofOne = patterns(() -> 1 + random.nextGaussian());

        // Five in six outputs near 0 have a bit below 2^-53 with input 0, and none has with input 1.
        assertTrue(finerThan(53, ofZero) > 0.7 * sum(ofZero), "finer " + finerThan(53, ofZero) + " of " + sum(ofZero));
        assertEquals(0, finerThan(53, ofOne));
        assertTrue(distance(ofZero, ofOne) > 100 * NoiseStatistics.limit(PATTERNS - 1));
    }

    @Test
    void integerNoiseOnAGridDoesNot() {
        // Grid 2^-20: sigma is 2^20 steps and the input 0 or 2^20 steps.
        try (AesCtrBits bits = AesCtrBits.insecure(22)) {
            DiscreteGaussian gaussian = DiscreteGaussian.of(0x1p20);
            long[] ofZero = patterns(() -> (0 + gaussian.sample(bits)) * 0x1p-20);
            long[] ofOne = patterns(() -> ((1 << 20) + gaussian.sample(bits)) * 0x1p-20);

            assertEquals(0, finerThan(20, ofZero));
            assertEquals(0, finerThan(20, ofOne));
            // Nothing to tell them by: a false alarm at most once in a million seeds.
            NoiseStatistics.assertBelowLimit(distance(ofZero, ofOne), used(ofZero, ofOne) - 1);
        }
    }

    /** How many outputs near 0 have their lowest set bit at 2^-i. */
    private static long[] patterns(DoubleSupplier mechanism) {
        long[] counts = new long[PATTERNS];
        for (int i = 0; i < N; i++) {
            double y = mechanism.getAsDouble();
            if (Math.abs(y) < NEAR && y != 0) {
                int trailing = Long.numberOfTrailingZeros(Double.doubleToRawLongBits(y) | 1L << 52);
                counts[Math.min(PATTERNS - 1, 52 - trailing - Math.getExponent(y))]++;
            }
        }
        return counts;
    }

    private static long finerThan(int bit, long[] patterns) {
        long count = 0;
        for (int i = bit + 1; i < PATTERNS; i++) {
            count += patterns[i];
        }
        return count;
    }

    /** Pearson's statistic for two samples of one law, over the patterns that are common enough. */
    private static double distance(long[] first, long[] second) {
        double ratio = Math.sqrt((double) sum(second) / sum(first));
        double statistic = 0;
        for (int i = 0; i < PATTERNS; i++) {
            if (first[i] + second[i] >= 20) {
                double difference = first[i] * ratio - second[i] / ratio;
                statistic += difference * difference / (first[i] + second[i]);
            }
        }
        return statistic;
    }

    private static int used(long[] first, long[] second) {
        int used = 0;
        for (int i = 0; i < PATTERNS; i++) {
            used += first[i] + second[i] >= 20 ? 1 : 0;
        }
        return used;
    }

    private static long sum(long[] counts) {
        return java.util.Arrays.stream(counts).sum();
    }
}
