package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CorrelatedNoiseTest {

    private static final double SIGMA = 0x1p30;

    /**
     * The proof of ADR 41, step by step: the released sum is computed from y = C x + z alone, in integers of any length, by
     * rounding off one column of C after the other. It is x + w bit for bit, whatever x is.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 12})
    void whatIsReleasedIsAFunctionOfTheIntegersCxPlusZ(int bands) {
        int rounds = 12;
        int d = 3;
        long[] scaled = ToeplitzStrategy.squareRoot(rounds, bands).scaled();
        CorrelatedNoise noise = noise(scaled, d, Long.MAX_VALUE);
        Random random = new Random(11);
        BigInteger[][] x = new BigInteger[rounds + 1][d];
        BigInteger[][] released = new BigInteger[rounds + 1][d];
        for (int t = 1; t <= rounds; t++) {
            long[] z = independent(t, d);
            double[] w = noise.of(t, CorrelatedNoiseTest::key);
            for (int i = 0; i < d; i++) {
                x[t][i] = BigInteger.valueOf(random.nextInt(1 << 21) - (1 << 20));
                BigInteger y = BigInteger.valueOf(z[i]);
                for (int k = 0; k < bands && k < t; k++) {
                    y = y.add(BigInteger.valueOf(scaled[k]).multiply(x[t - k][i]));
                }
                BigInteger rest = y;
                for (int k = 1; k < bands && k < t; k++) {
                    rest = rest.subtract(BigInteger.valueOf(scaled[k]).multiply(released[t - k][i]));
                }
                released[t][i] = rest.add(BigInteger.ONE.shiftLeft(15)).shiftRight(16);

                assertEquals(released[t][i], x[t][i].add(BigInteger.valueOf((long) w[i])));
                assertEquals(Math.rint(w[i]), w[i], "whole steps");
            }
        }
    }

    /**
     * Sums of the noise over the first rounds have the covariance B B^T, B = A C^-1. With 60,000 coordinates a sample covariance of
     * standard normals has a standard deviation of at most sqrt(2 / 60,000) times the product of the deviations: seven of them
     * for 36 entries are wrong once in 10^10.
     */
    @Test
    void prefixSumsHaveTheCovarianceOfTheFactorisation() {
        int rounds = 8;
        int d = 60_000;
        ToeplitzStrategy strategy = ToeplitzStrategy.squareRoot(rounds, 3).quantised();
        CorrelatedNoise noise = noise(strategy.scaled(), d, Long.MAX_VALUE);
        double[][] prefix = new double[rounds][d];
        for (int t = 0; t < rounds; t++) {
            double[] w = noise.of(t + 1, CorrelatedNoiseTest::key);
            for (int i = 0; i < d; i++) {
                prefix[t][i] = (t == 0 ? 0 : prefix[t - 1][i]) + w[i] / (SIGMA * 0x1p-16);
            }
        }
        double[] b = firstColumnOfB(strategy);
        for (int s = 0; s < rounds; s++) {
            for (int t = s; t < rounds; t++) {
                double stated = inner(b, s, t);
                double bound = 7 * Math.sqrt(2.0 / d) * Math.sqrt(inner(b, s, s) * inner(b, t, t));
                assertEquals(stated, mean(prefix[s], prefix[t]), bound, "sums up to " + s + " and " + t);
            }
        }
        assertEquals(Math.sqrt(inner(b, rounds - 1, rounds - 1)), strategy.largestRow(), 1e-12);
    }

    private static double[] firstColumnOfB(ToeplitzStrategy strategy) {
        double[] b = new double[strategy.rounds()];
        for (int t = 0; t < b.length; t++) {
            b[t] = 1;
            for (int k = 1; k <= t && k < strategy.coefficients().length; k++) {
                b[t] -= strategy.coefficients()[k] * b[t - k];
            }
        }
        return b;
    }

    private static double inner(double[] b, int s, int t) {
        double sum = 0;
        for (int i = 0; i <= s; i++) {
            sum += b[s - i] * b[t - i];
        }
        return sum;
    }

    private static double mean(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum / a.length;
    }

    /** In order, out of order, from the start of a resume, and without the memory for earlier rounds: the same bits. */
    @Test
    void noBitDependsOnWhatIsKept() {
        int d = 2 * CorrelatedNoise.BLOCK + 5;
        long[] scaled = ToeplitzStrategy.squareRoot(9, 4).scaled();
        CorrelatedNoise kept = noise(scaled, d, Long.MAX_VALUE);
        CorrelatedNoise computed = noise(scaled, d, 4L * d * Long.BYTES - 1);
        double[][] rounds = new double[10][];
        for (int t = 1; t <= 9; t++) {
            rounds[t] = kept.of(t, CorrelatedNoiseTest::key);
            assertArrayEquals(rounds[t], computed.of(t, CorrelatedNoiseTest::key), "round " + t);
        }
        assertArrayEquals(rounds[7], noise(scaled, d, Long.MAX_VALUE).of(7, CorrelatedNoiseTest::key));
        assertArrayEquals(rounds[2], kept.of(2, CorrelatedNoiseTest::key));
        assertArrayEquals(rounds[9], kept.of(9, CorrelatedNoiseTest::key));
    }

    @Test
    void noTwoStretchesRoundsOrSeedsShareNoise() {
        int d = 64;
        long[] one = {1L << 16};
        DiscreteGaussian distribution = DiscreteGaussian.fine(SIGMA);
        CorrelatedNoise noise = new CorrelatedNoise(
                one,
                List.of(
                        new CorrelatedNoise.Stretch(d, distribution),
                        new CorrelatedNoise.Stretch(3, null),
                        new CorrelatedNoise.Stretch(d, distribution)),
                0);
        double[] first = noise.of(1, CorrelatedNoiseTest::key);
        double[] second = noise.of(2, CorrelatedNoiseTest::key);
        double[] left = Arrays.copyOf(first, d);
        double[] right = Arrays.copyOfRange(first, d + 3, first.length);

        assertEquals(2 * d + 3, first.length);
        assertArrayEquals(new double[3], Arrays.copyOfRange(first, d, d + 3));
        assertFalse(Arrays.equals(left, right));
        assertFalse(Arrays.equals(first, second));
        assertFalse(Arrays.equals(first, noise.of(1, t -> key(t + 100))));
    }

    private static CorrelatedNoise noise(long[] scaled, int d, long limit) {
        return new CorrelatedNoise(
                scaled, List.of(new CorrelatedNoise.Stretch(d, DiscreteGaussian.fine(SIGMA))), limit);
    }

    private static long[] independent(int round, int d) {
        long[] z = new long[d];
        try (AesCtrBits bits = AesCtrBits.keyed(key(round), 0)) {
            DiscreteGaussian.fine(SIGMA).fill(z, bits);
        }
        return z;
    }

    private static byte[] key(int round) {
        byte[] key = new byte[AesCtrBits.KEY_BYTES];
        key[0] = (byte) round;
        return key;
    }
}
