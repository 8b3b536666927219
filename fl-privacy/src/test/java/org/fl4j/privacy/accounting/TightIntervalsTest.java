package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How narrow intervals are, and that they hold what they must.
 *
 * <p>The known privacyDeltas are of the direction REMOVE, the larger one there, by an inversion integral that has no grid of losses,
 *
 * <pre>  delta(epsilon) = 1/pi integral over w > 0 of Re M(s)^n e^(-s epsilon) / (s (s + 1)),   s = theta + i w,   M(s) = E e^(s L),</pre>
 *
 * <p>M by the trapezoidal rule over the noise in extended precision (64 bits), the integral by Gauss and Legendre's rule with 16 points on
 * panels that grow with w; at another theta and with finer steps the first four agree to 1e-6 at least.
 */
class TightIntervalsTest {

    private static final PrivacyLossAccountant ACCOUNTANT = PrivacyLossAccountant.create();

    @ParameterizedTest
    @CsvSource({
        "0.01, 1, 1000, 1e-6, 2.1245, 1.000120359e-6",
        "0.001, 0.8, 20000, 1e-6, 1.286, 9.990540785e-7",
        "1e-4, 0.8, 20000, 1e-8, 0.191, 1.001097197e-8",
        "1e-4, 1, 2000, 1e-12, 0.1058, 1.000704e-12",
        "1e-5, 0.6, 20000, 1e-8, 0.16922, 1.00018994e-8",
        "1e-6, 0.4, 20000, 1e-6, 0.19018, 1.0000725e-6"
    })
    void encloseTheInversionIntegral(
            double q, double z, long rounds, double privacyDelta, double epsilon, double known) {
        Composition composition = Composition.of(event(q, z), rounds);

        PrivacyLossAccountant.Interval deltas = ACCOUNTANT.privacyDelta(composition, epsilon);
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(composition, privacyDelta);
        PrivacyLossAccountant.Interval ofKnown = ACCOUNTANT.epsilon(composition, known);

        assertTrue(deltas.contains(known), () -> deltas + " " + known);
        assertTrue(ofKnown.contains(epsilon), () -> ofKnown + " " + epsilon);
        assertTrue(known > privacyDelta ? epsilons.upper() > epsilon : epsilons.lower() < epsilon, epsilons::toString);
    }

    /** Intervals of 2026-11-27, up to 88 % wide; the second pair is that code without its bound of rounding, no certificate. */
    @ParameterizedTest
    @CsvSource({
        "1e-5, 0.6, 20000, 1e-8, 0.12052, 0.18265, 0.16920, 0.16928",
        "1e-4, 0.8, 20000, 1e-8, 0.18975, 0.19217, 0.19099, 0.19108",
        "1e-4, 1, 2000, 1e-12, 0.08680, 0.11349, 0.10580, 0.10583"
    })
    void lieWithinTheWideOnesOfBefore(
            double q, double z, long rounds, double delta, double low, double high, double from, double to) {
        PrivacyLossAccountant.Interval epsilons = ACCOUNTANT.epsilon(Composition.of(event(q, z), rounds), delta);

        assertTrue(epsilons.lower() > low && epsilons.upper() < high, epsilons::toString);
        assertTrue(epsilons.lower() <= to && epsilons.upper() >= from, epsilons::toString);
        assertNarrow(epsilons);
    }

    static List<double[]> corners() {
        List<double[]> corners = new ArrayList<>();
        for (double q : new double[] {1e-2, 1e-4, 1e-5, 1e-6}) {
            for (double z : new double[] {0.4, 0.7, 3}) {
                for (double rounds : new double[] {200, 20_000}) {
                    corners.add(new double[] {q, z, rounds, 1e-6});
                    corners.add(new double[] {q, z, rounds, 1e-12});
                }
            }
        }
        corners.add(new double[] {1e-3, 0.4, 2000, 1e-6});
        corners.add(new double[] {1e-4, 0.8, 20_000, 1e-12});
        corners.add(new double[] {1e-3, 0.6, 200, 1e-12});
        return corners;
    }

    /** The corners of the grid and the three widest of its 360 points: at most max(1e-3 epsilon, 5e-5). */
    @ParameterizedTest(name = "corner {index}")
    @MethodSource("corners")
    void areNarrowAtTheCorners(double... corner) {
        Composition composition = Composition.of(event(corner[0], corner[1]), (long) corner[2]);

        assertNarrow(ACCOUNTANT.epsilon(composition, corner[3]));
    }

    /** Sampling with q all but 1 is the exact Gaussian of z / sqrt(rounds), here to 1e-12; any rounding left out would show. */
    @ParameterizedTest
    @CsvSource({"40, 20000, 1e-6", "40, 20000, 1e-12", "3, 200, 1e-10", "300, 200, 1e-12"})
    void encloseTheComposedGaussianNarrowly(double z, long rounds, double delta) {
        double exact = AnalyticGaussian.ofSigma(z / Math.sqrt((double) rounds)).epsilon(delta);

        PrivacyLossAccountant.Interval epsilons =
                ACCOUNTANT.epsilon(Composition.of(event(Math.nextDown(1.0), z), rounds), delta);

        assertTrue(epsilons.contains(exact), () -> epsilons + " " + exact);
        assertNarrow(epsilons);
    }

    /** Wherever losses are cut, both bounds hold; cut a little above the answer, they are close. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.02, 0.1, 0.1058, 0.11, 0.3, 2, 20, 1e9})
    void holdWhereverLossesAreCut(double cut) {
        double known = 1.000704e-12;
        Composition composition = Composition.of(event(1e-4, 1), 2000);
        CompositionLoss loss =
                new CompositionLoss(EventLoss.Counted.of(composition, EventLoss.Direction.REMOVE), 1e-19, cut);
        ConvolutionWindow.TiltedSupport support = loss.support(loss.tiltFor(known));
        CompositionLoss.Binned binned = loss.binned(support.window(loss.step(support.theta(), 60)));
        double lower = binned.optimistic().deltaAtLeast(0.1058);
        double upper = binned.pessimistic().deltaAtMost(0.1058);

        assertTrue(lower <= known && known <= upper, () -> lower + " " + upper);
        if (cut >= 0.1058 && cut <= 0.11) {
            assertEquals(known, lower, 0.01 * known);
            assertEquals(known, upper, 0.01 * known);
        }
    }

    /** Distinct events in parallel: the same bits every time, and the mixture of two halves between its parts. */
    @Test
    void areTheSameBitsHoweverManyThreads() {
        Composition composition = Composition.empty();
        for (int i = 0; i < 60; i++) {
            composition = composition.plus(event(0.01, 0.8 + 0.01 * i), 10);
        }
        PrivacyLossAccountant.Interval first = ACCOUNTANT.epsilon(composition, 1e-6);

        assertEquals(first, ACCOUNTANT.epsilon(composition, 1e-6));
        assertNarrow(first);
        assertTrue(first.upper()
                > ACCOUNTANT
                        .epsilon(Composition.of(event(0.01, 1.39), 600), 1e-6)
                        .lower());
        assertTrue(first.lower()
                < ACCOUNTANT
                        .epsilon(Composition.of(event(0.01, 0.8), 600), 1e-6)
                        .upper());
    }

    private static void assertNarrow(PrivacyLossAccountant.Interval epsilons) {
        assertTrue(epsilons.width() <= Math.max(1e-3 * epsilons.lower(), 5e-5), epsilons::toString);
    }

    private static SampledGaussian event(double q, double z) {
        return PrivacyEvent.unsampled(z).poisson(q);
    }
}
