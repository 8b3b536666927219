package org.fl4j.privacy.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;

class OneRunBoundTest {

    /** Printed to 12 digits behind the point; origin in the file. */
    @ParameterizedTest
    @CsvFileSource(resources = "one-run-bound.csv", numLinesToSkip = 1)
    void knownAnswersWithoutDelta(int guesses, int right, double epsilon) {
        assertEquals(epsilon, new OneRunBound(guesses, guesses, right, 0).epsilon(0.95), 1e-12);
    }

    /** Steinke, Nasr, Jagielski, arXiv 2305.08846v1: appendix D, page 46, which rounds, and section 7, page 28, which cuts off. */
    @ParameterizedTest
    @CsvSource({"1000, 100, 75, 1e-4, 0.673", "100000, 1510, 1439, 1e-5, 2.675"})
    void valuesThatThePaperPrints(int canaries, int guesses, int right, double delta, double epsilon) {
        assertEquals(epsilon, new OneRunBound(canaries, guesses, right, delta).epsilon(0.95), 1e-3);
    }

    /** The formula term by term, from exact binomial coefficients. */
    @ParameterizedTest
    @CsvSource({"20, 20, 15, 0.01, 0.7", "50, 30, 30, 1e-3, 2", "50, 30, 12, 1e-3, 0", "400, 100, 97, 1e-5, 3.5"})
    void theFormulaInExactArithmetic(int canaries, int guesses, int right, double delta, double epsilon) {
        BigDecimal q = BigDecimal.valueOf(1 / (1 + Math.exp(-epsilon)));
        BigDecimal atLeast = BigDecimal.ZERO;
        for (int v = right; v <= guesses; v++) {
            atLeast = atLeast.add(probability(guesses, v, q));
        }
        BigDecimal steepest = BigDecimal.ZERO;
        BigDecimal below = BigDecimal.ZERO;
        for (int i = 1; i <= right; i++) {
            below = below.add(probability(guesses, right - i, q));
            steepest = steepest.max(below.divide(BigDecimal.valueOf(i), MathContext.DECIMAL128));
        }
        double expected = atLeast.doubleValue() + 2 * canaries * delta * steepest.doubleValue();

        double computed = new OneRunBound(canaries, guesses, right, delta).probability(epsilon);

        assertEquals(Math.min(1, expected), computed, 1e-12 * expected);
    }

    private static BigDecimal probability(int n, int k, BigDecimal q) {
        BigInteger ways = BigInteger.ONE;
        for (int i = 1; i <= k; i++) {
            ways = ways.multiply(BigInteger.valueOf(n - k + i)).divide(BigInteger.valueOf(i));
        }
        return new BigDecimal(ways)
                .multiply(q.pow(k))
                .multiply(BigDecimal.ONE.subtract(q).pow(n - k));
    }

    /**
     * Randomised response that tells a coin outright with probability delta each, the worst mechanism there is for independent coins: an
     * auditor guesses the r told first. How often the bound exceeds epsilon is computed, not sampled.
     */
    @Test
    void isWrongAtMostAsOftenAsStated() {
        double epsilon = 1.5;
        double delta = 1e-3;
        int canaries = 100;
        int guesses = 60;
        double wrong = 0;
        double honest = (1 - delta) / (1 + Math.exp(-epsilon)) + delta;
        for (int right = 0; right <= guesses; right++) {
            if (new OneRunBound(canaries, guesses, right, delta).epsilon(0.95) > epsilon) {
                wrong += probability(guesses, right, BigDecimal.valueOf(honest)).doubleValue();
            }
        }

        assertTrue(wrong > 1e-4 && wrong < 0.05, "wrong with probability " + wrong);
    }

    @Test
    void moreRightGuessesAndLessConfidenceShowMore() {
        double before = -1;
        for (int right = 50; right <= 100; right++) {
            double bound = new OneRunBound(1000, 100, right, 1e-5).epsilon(0.95);
            assertTrue(bound >= before, "at " + right);
            assertTrue(bound >= new OneRunBound(1000, 100, right, 1e-5).epsilon(0.99));
            before = bound;
        }
    }

    /** The term in delta is at least 2 m delta / r: at one part in a million a delta of 1e-5 shows nothing, whatever is guessed. */
    @Test
    void aLargeDeltaShowsNothingAtHighConfidence() {
        assertEquals(0, new OneRunBound(1000, 200, 200, 1e-5).epsilon(1 - 1e-6));
        assertTrue(new OneRunBound(1000, 200, 200, 5e-10).epsilon(1 - 1e-6) > 2.6);
        assertEquals(0, new OneRunBound(1000, 200, 100, 0).epsilon(0.95));
    }
}
