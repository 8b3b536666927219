package org.fl4j.privacy.secagg.internal.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HypergeometricTest {

    @Test
    void logFactorials() {
        BigInteger factorial = BigInteger.ONE;
        for (int n = 1; n <= 300; n++) {
            factorial = factorial.multiply(BigInteger.valueOf(n));
            int shift = Math.max(0, factorial.bitLength() - 1000);
            double expected = Math.log(factorial.shiftRight(shift).doubleValue()) + shift * Math.log(2);
            assertEquals(expected, Hypergeometric.logFactorial(n), 1e-14 * Math.max(10, expected), "n = " + n);
        }
        assertEquals(0, Hypergeometric.logFactorial(0));
    }

    /** C(5, 2) C(15, 6) / C(20, 8) = 10 * 5005 / 125970. */
    @Test
    void aProbabilityByHand() {
        assertEquals(Math.log(50050.0 / 125970), new Hypergeometric(20, 5, 8).logProbability(2), 1e-14);
    }

    @ParameterizedTest
    @CsvSource({"1000, 50, 400, 1e-11", "100000, 5000, 900, 1e-9", "1000000, 330000, 9000, 1e-7"})
    void probabilitiesAddUpToOne(int n, int marked, int drawn, double error) {
        Hypergeometric distribution = new Hypergeometric(n, marked, drawn);
        double sum = IntStream.rangeClosed(0, Math.min(marked, drawn))
                .mapToDouble(x -> Math.exp(distribution.logProbability(x)))
                .sum();
        assertEquals(1, sum, error);
    }

    /** P(X >= x) in exact fractions, from the mode to the largest x. */
    @ParameterizedTest
    @CsvSource({"300, 99, 68", "300, 15, 40", "100, 95, 30", "120, 60, 118"})
    void upperTails(int n, int marked, int drawn) {
        Hypergeometric urn = new Hypergeometric(n, marked, drawn);
        int largest = Math.min(marked, drawn);
        BigDecimal below = BigDecimal.ZERO;
        for (int x = largest; x >= urn.mode(); x--) {
            below = atMost(n, marked, drawn, x - 1);
            double expected = Math.log(BigDecimal.ONE.subtract(below).doubleValue());
            assertEquals(expected, urn.logAtLeast(x), 1e-11, "x = " + x);
        }
        assertTrue(below.doubleValue() < 0.6, "the mode was reached");
    }

    /** Every urn of up to 12 against the definition, in exact fractions; the bound 1/20 is below 1 / (k + 1). */
    @Test
    void quantilesOfSmallUrns() {
        double bound = 1.0 / 20.5;
        for (int n = 1; n <= 12; n++) {
            for (int marked = 0; marked <= n; marked++) {
                for (int drawn = 0; drawn <= n; drawn++) {
                    Hypergeometric urn = new Hypergeometric(n, marked, drawn);
                    String name = urn.toString();
                    int upper = upper(n, marked, drawn, bound);
                    int lower = lower(n, marked, drawn, bound);
                    assertEquals(upper, urn.upperQuantile(Math.log(bound), 0), name);
                    assertEquals(upper + 1, urn.upperQuantile(Math.log(bound), upper + 1), name);
                    assertEquals(lower, urn.lowerQuantile(Math.log(bound), 0), name);
                    assertEquals(lower + 1, urn.lowerQuantile(Math.log(bound), lower + 1), name);
                }
            }
        }
    }

    private static int upper(int n, int marked, int drawn, double bound) {
        int t = 0;
        while (1 - atMost(n, marked, drawn, t).doubleValue() > bound) {
            t++;
        }
        return Math.max(t, drawn - (n - marked));
    }

    private static int lower(int n, int marked, int drawn, double bound) {
        int t = 0;
        while (atMost(n, marked, drawn, t).doubleValue() < bound) {
            t++;
        }
        return t;
    }

    private static BigDecimal atMost(int n, int marked, int drawn, int t) {
        BigInteger sum = BigInteger.ZERO;
        for (int x = 0; x <= t; x++) {
            sum = sum.add(choose(marked, x).multiply(choose(n - marked, drawn - x)));
        }
        return new BigDecimal(sum).divide(new BigDecimal(choose(n, drawn)), new MathContext(150));
    }

    private static BigInteger choose(int n, int k) {
        if (k < 0 || k > n) {
            return BigInteger.ZERO;
        }
        BigInteger product = BigInteger.ONE;
        for (int i = 0; i < k; i++) {
            product = product.multiply(BigInteger.valueOf(n - i)).divide(BigInteger.valueOf(i + 1));
        }
        return product;
    }
}
