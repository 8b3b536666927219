package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.fl4j.privacy.dp.ExactAcceptance.Proposal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscreteGaussianTest {

    @ParameterizedTest
    @ValueSource(doubles = {4095.999, 0, -5000, Double.NaN})
    void rejectsTooCoarseAGrid(double sigma) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> DiscreteGaussian.of(sigma));
        assertEquals(
                "sigma must be at least 4096 grid steps, but was " + sigma
                        + "; choose a finer grid, as on this one the accountants' continuous Gaussian understates delta",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0x1.0000000000001p30, Double.POSITIVE_INFINITY})
    void rejectsTooFineAGrid(double sigma) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> DiscreteGaussian.of(sigma));
        assertEquals(
                "sigma must be at most 1073741824 grid steps, but was " + sigma
                        + "; choose a coarser grid, as on this one noisy sums are not exact in FP64",
                e.getMessage());
    }

    @Test
    void acceptsBothEndsOfTheRange() {
        assertEquals(4_096, DiscreteGaussian.of(4_096).sigma());
        assertEquals(0x1p30, DiscreteGaussian.of(0x1p30).sigma());
    }

    @Test
    void rejectsANegativeLength() {
        DiscreteGaussian gaussian = DiscreteGaussian.of(4_096);
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> gaussian.draw(-1));
        assertEquals("n must be at least 0, but was -1", e.getMessage());
    }

    @Test
    void aDrawHasItsLengthAndBitsOfItsOwn() {
        // Two draws of 64 values agree with probability below 2^-700.
        DiscreteGaussian gaussian = DiscreteGaussian.of(4_096);
        assertEquals(0, gaussian.draw(0).length);
        long[] draw = gaussian.draw(64);
        assertEquals(64, draw.length);
        assertFalse(Arrays.equals(draw, gaussian.draw(64)));
    }

    @Test
    void seededBitsGiveTheRecordedValues() {
        // Recorded from the first version that passed the tests of the distribution.
        assertArrayEquals(
                new long[] {3877, 55, 1330, -4050, -716, 255, -1026, -6414}, seeded(DiscreteGaussian.of(4_096), 42, 8));
        assertArrayEquals(
                new long[] {947072933, 29505463, 338603570, 1207679427}, seeded(DiscreteGaussian.of(1e9), 42, 4));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 1, 63, 4_096, 8_191.9, 0x1p20, 0x1p30})
    void withoutFloatingPointTheValuesAreTheSame(double sigma) {
        assertArrayEquals(
                seeded(DiscreteGaussian.ofFewSteps(sigma), 7, 30_000),
                seeded(DiscreteGaussian.withoutFloatingPoint(sigma), 7, 30_000));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0x1p40, 0x1.fffffp45, 0x1p46})
    void finerGridsAreAsExact(double sigma) {
        long[] values = seeded(DiscreteGaussian.fine(sigma), 7, 30_000);
        assertArrayEquals(seeded(DiscreteGaussian.withoutFloatingPoint(sigma), 7, 30_000), values);
        // The mean square is chi-square over 30,000: seven deviations of sqrt(2 / 30,000), wrong once in 10^11.
        double squares = 0;
        for (long value : values) {
            squares += value / sigma * (value / sigma) / values.length;
        }
        assertEquals(1, squares, 7 * Math.sqrt(2.0 / values.length));
    }

    @ParameterizedTest
    @ValueSource(doubles = {4_095, 0x1.0000000000001p46, Double.NaN})
    void rejectsAFineGridThatIsNone(double sigma) {
        assertEquals(
                "sigma must be from 4096.0 to 7.0368744177664E13 fine steps, but was " + sigma,
                assertThrows(IllegalArgumentException.class, () -> DiscreteGaussian.fine(sigma))
                        .getMessage());
    }

    @Test
    void aBlockOfTheTailIsAsWideAsAllColumns() {
        // sigma = 8191.9: columns of 2^7, so blocks of 2^15, and 2^5 cells for the tail.
        DiscreteGaussian gaussian = DiscreteGaussian.ofFewSteps(8_191.9);
        assertEquals(new Proposal(32_768, 0, 4), gaussian.inBlock(0, 0));
        assertEquals(new Proposal(32_768 + 3, 0, 4), gaussian.inBlock(0, 3 << 13));
        assertEquals(new Proposal(65_535, 0, 4), gaussian.inBlock(0, Long.MAX_VALUE));
        assertEquals(new Proposal(-65_536, 0, 4), gaussian.inBlock(0, -1));
        assertEquals(new Proposal(-65_537, 0, 5), gaussian.inBlock(1, Long.MIN_VALUE));
        assertEquals(new Proposal(131_072 + 32_767, 0, 7), gaussian.inBlock(3, Long.MAX_VALUE));
    }

    static long[] seeded(DiscreteGaussian gaussian, long seed, int n) {
        long[] noise = new long[n];
        try (AesCtrBits bits = AesCtrBits.insecure(seed)) {
            gaussian.fill(noise, bits);
        }
        return noise;
    }
}
