package org.fl4j.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams, bounds and messages; the distributions are in {@link DeterministicRandomStatisticsTest}. */
class DeterministicRandomTest {

    /** The JDK's SplittableRandom is SplitMix64 with the same default increment. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 42, Long.MIN_VALUE, Long.MAX_VALUE, 0x9E3779B97F4A7C15L})
    void streamIsThatOfSplittableRandom(long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        SplittableRandom oracle = new SplittableRandom(seed);
        for (int i = 0; i < 1000; i++) {
            assertEquals(oracle.nextLong(), random.nextLong());
        }
    }

    /** The reference implementation's first outputs for seed 1234567 (Vigna, splitmix64.c). */
    @Test
    void streamHasThePublishedStart() {
        DeterministicRandom random = new DeterministicRandom(1234567);
        long[] start = {random.nextLong(), random.nextLong(), random.nextLong()};
        assertArrayEquals(new long[] {6457827717110365317L, 3203168211198807973L, -8629252141511181193L}, start);
    }

    @Test
    void doublesAreTheTop53Bits() {
        DeterministicRandom random = new DeterministicRandom(5);
        DeterministicRandom bits = new DeterministicRandom(5);
        for (int i = 0; i < 1000; i++) {
            double expected = (bits.nextLong() >>> 11) / 9007199254740992.0;
            assertEquals(expected, random.nextDouble());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 1 << 30, Integer.MAX_VALUE})
    void boundedIntegersStayBelowTheirBound(int bound) {
        DeterministicRandom random = new DeterministicRandom(bound);
        for (int i = 0; i < 10_000; i++) {
            int value = random.nextInt(bound);
            assertTrue(value >= 0 && value < bound, () -> value + " is not in [0, " + bound + ")");
        }
    }

    @Test
    void logGammaIsFiniteAtTheSmallestAndLargestShapes() {
        DeterministicRandom random = new DeterministicRandom(6);
        for (double shape : new double[] {1e-300, 1e-10, 1e-3, 1, 1e6, 1e300, Double.MAX_VALUE}) {
            for (int i = 0; i < 1000; i++) {
                assertTrue(Double.isFinite(random.nextLogGamma(shape)), () -> "shape " + shape);
            }
        }
    }

    @Test
    void permutationsHoldEachIndexOnce() {
        for (int length = 0; length < 50; length++) {
            int[] order = new DeterministicRandom(length).permutation(length);
            Arrays.sort(order);
            for (int i = 0; i < length; i++) {
                assertEquals(i, order[i]);
            }
        }
    }

    @Test
    void permutationIsAShuffleOfTheIndices() {
        int[] values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        new DeterministicRandom(9).shuffle(values);
        assertArrayEquals(new DeterministicRandom(9).permutation(10), values);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -5})
    void rejectsBoundsBelowOne(int bound) {
        DeterministicRandom random = new DeterministicRandom(0);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> random.nextInt(bound));
        assertEquals("bound must be at least 1, but was " + bound, e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void rejectsShapesThatAreNotPositive(double shape) {
        DeterministicRandom random = new DeterministicRandom(0);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> random.nextLogGamma(shape));
        assertEquals("shape must be > 0 and < infinity, but was " + shape, e.getMessage());
    }
}
