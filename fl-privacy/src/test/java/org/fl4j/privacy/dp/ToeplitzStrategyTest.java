package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

class ToeplitzStrategyTest {

    @ParameterizedTest
    @CsvFileSource(resources = "/org/fl4j/privacy/dp/matrix-mechanism.csv")
    void matchesTheKnownAnswersToTheirDigits(
            int rounds,
            int separation,
            int bands,
            @Nullable BigDecimal sensitivity,
            @Nullable BigDecimal largestRow,
            @Nullable BigDecimal maxError,
            @Nullable BigDecimal rootMeanSquareError) {
        ToeplitzStrategy strategy = ToeplitzStrategy.squareRoot(rounds, bands);
        double sens = strategy.sensitivity(separation);

        assertDigits(sensitivity, sens);
        assertDigits(largestRow, strategy.largestRow());
        assertDigits(maxError, sens * strategy.largestRow());
        assertDigits(rootMeanSquareError, sens * strategy.rootMeanSquareRow());
    }

    /** Half a unit of the last printed digit, and the 2^-36 by which a sensitivity is rounded up. */
    private static void assertDigits(@Nullable BigDecimal printed, double computed) {
        if (printed != null) {
            double unit = printed.ulp().doubleValue();
            assertEquals(printed.doubleValue(), computed, 0.5 * unit + 0x1p-36 * computed);
        }
    }

    /** All patterns of rounds that are far enough apart, and C as it is multiplied out. */
    @ParameterizedTest
    @CsvSource({"1,1,1", "6,1,3", "7,2,7", "9,3,2", "10,3,10", "12,4,4", "12,5,7", "12,20,12"})
    void theSensitivityIsTheLargestOfAllPatterns(int rounds, int separation, int bands) {
        ToeplitzStrategy strategy = ToeplitzStrategy.squareRoot(rounds, bands).quantised();
        double largest = 0;
        for (int pattern = 0; pattern < 1 << rounds; pattern++) {
            if (isSeparated(pattern, separation)) {
                largest = Math.max(largest, norm(strategy, pattern));
            }
        }
        double sensitivity = strategy.sensitivity(separation);

        assertEquals(largest, sensitivity, 1e-9 * largest);
        assertTrue(sensitivity >= largest, "rounded up");
    }

    private static boolean isSeparated(int pattern, int separation) {
        int last = Integer.MIN_VALUE / 2;
        for (int t = 0; t < Integer.SIZE; t++) {
            if ((pattern >> t & 1) == 1) {
                if (t - last < separation) {
                    return false;
                }
                last = t;
            }
        }
        return true;
    }

    private static double norm(ToeplitzStrategy strategy, int pattern) {
        double squares = 0;
        for (int t = 0; t < strategy.rounds(); t++) {
            double entry = 0;
            for (int s = 0; s <= t; s++) {
                boolean takesPart = (pattern >> s & 1) == 1;
                entry += takesPart && t - s < strategy.coefficients().length ? strategy.coefficients()[t - s] : 0;
            }
            squares += entry * entry;
        }
        return Math.sqrt(squares);
    }

    @Test
    void theSensitivityNeedsCoefficientsThatFallAndAreNotNegative() {
        ToeplitzStrategy rises = new ToeplitzStrategy(new double[] {1, 0.25, 0.5}, 3);
        ToeplitzStrategy negative = new ToeplitzStrategy(new double[] {1, -0.25}, 3);

        assertEquals(
                "the sensitivity is known for coefficients that are non-negative and do not increase, but coefficient 2"
                        + " was 0.5",
                assertThrows(IllegalStateException.class, () -> rises.sensitivity(1))
                        .getMessage());
        assertThrows(IllegalStateException.class, () -> negative.sensitivity(1));
    }

    @Test
    void roundedCoefficientsAreDyadicAndCostNothing() {
        ToeplitzStrategy exact = ToeplitzStrategy.squareRoot(1000, 1000);
        ToeplitzStrategy rounded = exact.quantised();

        for (int k = 0; k < 1000; k++) {
            assertEquals(exact.coefficients()[k], rounded.coefficients()[k], 0x1p-17);
            assertEquals((double) rounded.scaled()[k], rounded.coefficients()[k] * 0x1p16);
        }
        assertEquals(1L << 16, exact.scaled()[0]);
        assertEquals(
                exact.sensitivity(100) * exact.largestRow(), rounded.sensitivity(100) * rounded.largestRow(), 1e-3);
    }

    /** C^-1 by solving C y = e_1 row by row, for bands 1, 1/2: y_t = (-1/2)^t. */
    @Test
    void theNoiseOfARoundIsTheNormOfTheInversesRow() {
        ToeplitzStrategy two = ToeplitzStrategy.squareRoot(5, 2);

        assertEquals(Math.sqrt(1 + 1.0 / 4 + 1.0 / 16 + 1.0 / 64 + 1.0 / 256), two.noiseOfARound(), 1e-15);
        assertEquals(1, ToeplitzStrategy.squareRoot(5, 1).noiseOfARound());
        assertEquals(Math.sqrt(5), ToeplitzStrategy.squareRoot(5, 1).largestRow(), 1e-15);
    }

    @Test
    void plansSayWhatTheyCost() {
        MatrixPlan plan = MatrixPlan.over(1000).separatedBy(100);

        assertEquals(new MatrixPlan(1000, 100, 100, MatrixPlan.Coefficients.SQUARE_ROOT), plan);
        assertEquals(15.6886718869, plan.maxError(), 1e-3);
        assertEquals(12.1031885258, plan.rootMeanSquareError(), 1e-3);
        assertEquals(
                new MatrixPlan(50, 100, 50, MatrixPlan.Coefficients.SQUARE_ROOT),
                MatrixPlan.over(50).separatedBy(100));
        assertEquals(Math.sqrt(20), MatrixPlan.over(20).sensitivity(), 1e-9, "one band is independent noise");
        assertEquals(
                "rounds must be at most 65536 and bands at most the rounds, but was 10 and 11",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> MatrixPlan.over(10).bands(11))
                        .getMessage());
        for (int[] wrong : new int[][] {{0, 1, 1}, {1, 0, 1}, {1, 1, 0}, {65_537, 1, 1}}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> new MatrixPlan(wrong[0], wrong[1], wrong[2], MatrixPlan.Coefficients.SQUARE_ROOT),
                    Arrays.toString(wrong));
        }
    }
}
