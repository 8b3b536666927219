package org.fl4j.privacy.secagg.internal.cohort;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatesTest {

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
        Rates rates = new Rates(rate, rate);

        assertEquals(down, rates.adversaries(n));
        assertEquals(down, rates.dropouts(n));
        assertEquals(up, rates.dropoutsRoundedUp(n));
    }

    @Test
    void sumsAreExact() {
        assertEquals(new BigDecimal("0.3"), new Rates(0.1, 0.2).adversariesPlusDropouts(1));
        assertEquals(new BigDecimal("0.5"), new Rates(0.1, 0.2).adversariesPlusDropouts(2));
    }
}
