package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.data.StrokeDigits;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.Simulation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A federation in a unit test. */
class FederationTest {

    static Stream<LinearAggregator> rules() {
        return Stream.of(FedAvg.byExamples(), FedProx.of(0.1), Scaffold.uniform());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void tenWritersLearnDigitsTogetherAndTheSameSeedLearnsTheSame(LinearAggregator rule) {
        StrokeDigits digits = StrokeDigits.of(1);
        Simulation simulation = Simulation.with(rule)
                .over(Population.generated(10, writer -> digits.writer(writer, 40)), () -> new SoftmaxRegression(784, 10))
                .evaluateOn(digits.heldOut(200));
        Simulation.Result end = simulation.run(5);

        double accuracy = end.evaluations().get(5).accuracy().orElseThrow();
        assertTrue(accuracy > 0.5, () -> "accuracy " + accuracy);
        assertEquals(end, simulation.run(5));
    }
}
