package org.fl4j.privacy.accounting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every kind of loss must hold, by sums over small steps of v. */
class EventLossContractTest {

    private static final int STEPS = 400_000;

    static Stream<Arguments> losses() {
        return Stream.of(
                        PrivacyEvent.unsampled(0.7),
                        PrivacyEvent.unsampled(1.2).poisson(0.3),
                        Laplace.unsampled(0.5),
                        Laplace.unsampled(3),
                        Laplace.unsampled(1.5).poisson(0.2),
                        new RandomizedResponse(2, 0.7),
                        new RandomizedResponse(5, 1.1),
                        LatticeNoise.discreteGaussian(0.8, 1),
                        LatticeNoise.discreteGaussian(3, 2).ofParties(4).plusSkellam(5),
                        LatticeNoise.skellam(6, 2),
                        new GaussianWithoutReplacement(0.8, 3, 10),
                        new GaussianWithoutReplacement(12, 1, 2),
                        GaussianMixture.of(1, Map.of(0.0, 0.5, 1.0, 0.3, 2.0, 0.2)),
                        GaussianMixture.of(2, Map.of(0.5, 0.4, 1.5, 0.6)))
                .flatMap(event ->
                        Arrays.stream(EventLoss.Direction.values()).map(direction -> Arguments.of(event, direction)));
    }

    @ParameterizedTest
    @MethodSource("losses")
    void massesTailsAndLossesAreOfOneLaw(PrivacyEvent event, EventLoss.Direction direction) {
        EventLoss curve = EventLoss.of(event, direction);
        double from = Math.max(curve.lowest(), -14);
        double to = Math.min(curve.highest(), 2000);
        boolean atoms = curve instanceof AtomLoss;
        int n = atoms ? (int) curve.highest() : STEPS;
        double width = (to - from) / n;
        double above = 0;
        double underOther = 0;
        double last = Double.POSITIVE_INFINITY;
        for (int i = n - 1; i >= 0; i--) {
            double v = from + (i + 0.5) * width;
            double loss = curve.loss(v);
            above += curve.density(v) * width;
            underOther += curve.density(v) * width * Math.exp(-loss - curve.centre());
            assertTrue(loss <= last, "losses rise with v");
            last = loss;
            if (i % (atoms ? 1 : 20_000) == 0) {
                double edge = from + i * width;
                assertEquals(above, curve.above(edge), 2e-5);
                assertEquals(underOther, curve.aboveUnderOther(edge), 2e-5);
                assertEquals(1, curve.above(edge) + curve.below(edge), 1e-10);
            }
        }
        assertEquals(1, above, 2e-5);
        assertEquals(1, underOther, 2e-5);
    }

    @ParameterizedTest
    @MethodSource("losses")
    void aLossIsFoundWhereItBegins(PrivacyEvent event, EventLoss.Direction direction) {
        EventLoss curve = EventLoss.of(event, direction);
        double from = curve.withBelow(1e-6);
        double to = curve.withAbove(1e-6);
        assertTrue(curve.above(to) <= 1e-6 && curve.below(from) <= 1e-6);
        double bottom = curve.loss(from);
        double top = curve.loss(to);
        for (int i = 1; i < 50; i++) {
            double loss = bottom + (top - bottom) * i / 50;
            double v = curve.at(loss);
            double slack = 1e-9 * (1 + Math.abs(top - bottom));
            double little = curve instanceof AtomLoss ? 1 : 1e-9;
            assertTrue(curve.loss(v) >= loss - slack, () -> "at least " + loss);
            assertTrue(curve.loss(v - little) <= loss + slack, () -> "not before " + loss);
        }
    }
}
