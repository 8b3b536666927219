package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalPairTest {

    @ParameterizedTest
    @CsvSource({"1, 1e-5", "2, 1e-5", "0.5, 1e-3", "1, 1e-12", "8, 1e-9", "0.1, 1e-6"})
    void withEqualDeviationsItIsTheAnalyticGaussian(double gap, double delta) {
        double expected = AnalyticGaussian.ofSigma(1 / gap).epsilon(delta);

        assertEquals(expected, new NormalPair(gap, 1, 1).epsilon(delta), 1e-9 * expected + 1e-12);
        assertEquals(expected, new NormalPair(-3 * gap, 3, 3).epsilon(delta), 1e-9 * expected + 1e-12);
    }

    /** Against the integral of max(0, p - e^epsilon q), and of max(0, q - e^epsilon p), by the trapezoidal rule. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1.2, 0.5",
        "1, 1.2, 1, 0.5",
        "0, 1, 1.5, 0.3",
        "2, 0.5, 1, 1",
        "-1, 1, 2, 0",
        "3, 2, 1.9, 2",
        "0.2, 1, 1.01, 0.4"
    })
    void isTheIntegralOfWhatExceeds(double gap, double with, double without, double epsilon) {
        double sum = 0;
        double other = 0;
        double step = 1e-4;
        for (double x = -40; x < 40; x += step) {
            double p = density((x - gap) / with) / with;
            double q = density(x / without) / without;
            sum += step * Math.max(0, p - Math.exp(epsilon) * q);
            other += step * Math.max(0, q - Math.exp(epsilon) * p);
        }

        assertEquals(Math.max(sum, other), new NormalPair(gap, with, without).privacyDelta(epsilon), 1e-8);
    }

    private static double density(double x) {
        return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    }

    @Test
    void theTwoDirectionsAreOne() {
        assertEquals(new NormalPair(1, 1, 2).epsilon(1e-6), new NormalPair(-1, 2, 1).epsilon(1e-6), 1e-9);
    }

    @Test
    void alikeIsZeroAndFarApartIsLarge() {
        assertEquals(0, new NormalPair(0, 1, 1).epsilon(1e-9));
        assertTrue(new NormalPair(1e6, 1, 1).epsilon(1e-5) > 4e11);
        assertEquals(Double.POSITIVE_INFINITY, new NormalPair(1e200, 1e-3, 2e-3).epsilon(1e-5));
        assertEquals(Double.POSITIVE_INFINITY, new NormalPair(0, 1e-200, 1).epsilon(1e-5));
    }

    /** A normal that is added to both is post-processing. */
    @Test
    void noiseOnBothNeverRaisesEpsilon() {
        double before = Double.POSITIVE_INFINITY;
        for (double more = 0; more < 3; more += 0.25) {
            double epsilon = new NormalPair(1.3, Math.hypot(1, more), Math.hypot(0.8, more)).epsilon(1e-5);
            assertTrue(epsilon <= before);
            before = epsilon;
        }
    }

    @Test
    void rejectsBadInput() {
        assertEquals(
                "gap must be finite, but was NaN",
                assertThrows(IllegalArgumentException.class, () -> new NormalPair(Double.NaN, 1, 1))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> new NormalPair(1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new NormalPair(1, 1, Double.POSITIVE_INFINITY));
        NormalPair pair = new NormalPair(1, 1, 1);
        assertEquals(
                "privacyDelta must be > 0 and < 1, but was 0.0",
                assertThrows(IllegalArgumentException.class, () -> pair.epsilon(0))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> pair.privacyDelta(-1));
    }
}
