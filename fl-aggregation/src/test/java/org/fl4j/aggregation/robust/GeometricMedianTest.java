package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Rounds;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeometricMedianTest {

    private final ParameterLayout layout = Fixtures.layout(1);
    private final RoundContext context = Fixtures.context(layout);

    /** On a line it is the weighted median: 4 of 7 examples are at 0, which uniform weights would put at 1. */
    @Test
    void weightsByExamples() {
        GeometricMedian byExamples = GeometricMedian.byExamples().withMaxIterations(10_000);
        GeometricMedian uniform = GeometricMedian.uniform().withMaxIterations(10_000);

        assertEquals(0, median(byExamples), 1e-5);
        assertEquals(1, median(uniform), 1e-5);
    }

    /** One iteration from the mean 11/3 of 0, 1 and 10: weights of 1/max(nu, distance), and with a large nu equal ones. */
    @Test
    void smoothsWithinNu() {
        double mean = 11.0 / 3;
        double[] pulls = {1 / mean, 1 / (mean - 1), 1 / (10 - mean)};
        double expected = (pulls[1] + 10 * pulls[2]) / (pulls[0] + pulls[1] + pulls[2]);
        GeometricMedian rule = GeometricMedian.uniform().withMaxIterations(1);

        assertEquals(expected, median(rule), 1e-14);
        assertEquals(mean, median(rule.withSmoothing(100)), 1e-14);
    }

    /** Over many stretches, and in small units: the remaining pull has none. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 1e-9})
    void endsWhenThePullsBalanceAndReportsItsIterations(double unit) {
        ParameterLayout wide = Fixtures.layout(9000);
        List<ModelDelta> deltas = new ArrayList<>();
        for (ModelDelta delta : Rounds.random(6, 20, wide)) {
            deltas.add(delta.times(unit * (1 + deltas.size())));
        }
        GeometricMedian rule = GeometricMedian.uniform().withSmoothing(1e-6 * unit);
        Aggregation.Result loose = Rounds.result(rule.withTolerance(1e-2), Fixtures.context(wide), deltas);
        Aggregation.Result tight = Rounds.result(rule.withTolerance(1e-10), Fixtures.context(wide), deltas);

        assertTrue(pull(deltas, loose.aggregate()) <= 1e-2);
        assertTrue(pull(deltas, tight.aggregate()) <= 1e-10);
        double few = loose.metrics().get(GeometricMedian.ITERATIONS);
        double many = tight.metrics().get(GeometricMedian.ITERATIONS);
        assertTrue(few < many && many < 100, () -> few + " and " + many);
    }

    @Test
    void endsAtTheIterationBound() {
        ParameterLayout wide = Fixtures.layout(30);
        GeometricMedian rule = GeometricMedian.uniform().withTolerance(0).withMaxIterations(3);

        assertEquals(
                Map.of("geometric-median.iterations", 3.0),
                Rounds.result(rule, Fixtures.context(wide), Rounds.random(6, 20, wide))
                        .metrics());
    }

    /** Attackers a million times as far as the rest do not loosen the end of the iteration. */
    @Test
    void attackersFarOutDoNotEndTheIterationEarly() {
        List<ModelDelta> honest = Rounds.random(6, 20, Fixtures.layout(30));
        List<ModelDelta> all = new ArrayList<>(honest);
        Rounds.random(8, 5, Fixtures.layout(30)).forEach(delta -> all.add(delta.times(1e6)));
        GeometricMedian exact =
                GeometricMedian.uniform().withMaxIterations(10_000).withTolerance(1e-12);

        assertTrue(
                Rounds.distance(Rounds.aggregate(exact, all), Rounds.aggregate(GeometricMedian.uniform(), all)) < 1e-4);
    }

    private static double pull(List<ModelDelta> deltas, ModelDelta from) {
        ModelDelta sum = ModelDelta.zero(from.layout());
        for (ModelDelta delta : deltas) {
            ModelDelta way = delta.minus(from);
            sum = sum.plus(way.times(1 / way.norm2() / deltas.size()));
        }
        return sum.norm2();
    }

    /** Of 0 with four examples, 1 with one and 10 with two. */
    private double median(GeometricMedian rule) {
        try (Aggregation aggregation = rule.begin(context).aggregation()) {
            aggregation.add(0, Fixtures.update(0, ModelDelta.of(layout, 0), 4));
            aggregation.add(1, Fixtures.update(1, ModelDelta.of(layout, 1), 1));
            aggregation.add(2, Fixtures.update(2, ModelDelta.of(layout, 10), 2));
            return aggregation.finish().aggregate().get(0);
        }
    }
}
