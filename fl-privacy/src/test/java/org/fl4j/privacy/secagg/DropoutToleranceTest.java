package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutToleranceTest {

    @Test
    void factories() {
        assertEquals(new DropoutTolerance(0.05, 0.33), DropoutTolerance.DEFAULT);
        assertEquals(new DropoutTolerance(0.05, 0.2), DropoutTolerance.ofDropouts(0.2));
        assertEquals(
                new DropoutTolerance(0.1, 0.2), DropoutTolerance.ofDropouts(0.2).withAdversaries(0.1));
        assertEquals(new DropoutTolerance(0, 0), new DropoutTolerance(-0.0, -0.0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, 1, 1.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void ratesAreFromZeroToBelowOne(double rate) {
        String expected = " must be at least 0 and below 1, but was " + rate;
        IllegalArgumentException dropouts =
                assertThrows(IllegalArgumentException.class, () -> DropoutTolerance.ofDropouts(rate));
        IllegalArgumentException adversaries =
                assertThrows(IllegalArgumentException.class, () -> DropoutTolerance.DEFAULT.withAdversaries(rate));
        assertEquals("dropoutRate" + expected, dropouts.getMessage());
        assertEquals("adversarialRate" + expected, adversaries.getMessage());
    }

    /** In FP64 0.07 * 100 is above 7, 0.29 * 100 below 29 and 0.1 * 3 above 0.3; here a rate is its decimal number. */
    @ParameterizedTest
    @CsvSource({
        "0.07, 100, 7, 7",
        "0.29, 100, 29, 29",
        "0.57, 100, 57, 57",
        "0.33, 100, 33, 33",
        "0.33, 500, 165, 165",
        "0.33, 10, 3, 4",
        "0.05, 10, 0, 1",
        "0.05, 19, 0, 1",
        "0.05, 20, 1, 1",
        "0.05, 21, 1, 2",
        "0, 1000, 0, 0",
        "1e-300, 1000, 0, 1",
        "0.9999999999999999, 2147483647, 2147483646, 2147483647"
    })
    void roundingIsExact(double rate, int n, int down, int up) {
        DropoutTolerance tolerance = new DropoutTolerance(rate, rate);

        assertEquals(down, tolerance.adversaries(n));
        assertEquals(down, tolerance.dropouts(n));
        assertEquals(up, tolerance.dropoutsRoundedUp(n));
    }

    @Test
    void sumsAreExact() {
        assertEquals(new BigDecimal("0.3"), new DropoutTolerance(0.1, 0.2).adversariesPlusDropouts(1));
        assertEquals(new BigDecimal("0.5"), new DropoutTolerance(0.1, 0.2).adversariesPlusDropouts(2));
    }
}
