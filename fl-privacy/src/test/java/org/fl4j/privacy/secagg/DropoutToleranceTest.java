package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutToleranceTest {

    @Test
    void factoriesSetTheRates() {
        assertEquals(new DropoutTolerance(0.05, 0.33), DropoutTolerance.DEFAULT);
        assertEquals(new DropoutTolerance(0.05, 0.2), DropoutTolerance.ofDropouts(0.2));
        assertEquals(
                new DropoutTolerance(0.1, 0.2), DropoutTolerance.ofDropouts(0.2).withAdversaries(0.1));
        assertEquals(new DropoutTolerance(0, 0), new DropoutTolerance(-0.0, -0.0));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.01, 1, 1.5, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void rejectsRatesOutOfRange(double rate) {
        String expected = " must be in [0, 1), but was " + rate;
        IllegalArgumentException dropouts =
                assertThrows(IllegalArgumentException.class, () -> DropoutTolerance.ofDropouts(rate));
        IllegalArgumentException adversaries =
                assertThrows(IllegalArgumentException.class, () -> DropoutTolerance.DEFAULT.withAdversaries(rate));
        assertEquals("dropoutRate" + expected, dropouts.getMessage());
        assertEquals("adversarialRate" + expected, adversaries.getMessage());
    }
}
