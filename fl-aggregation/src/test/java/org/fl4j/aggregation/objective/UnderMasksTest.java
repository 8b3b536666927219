package org.fl4j.aggregation.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.mean.FedNova;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A rule that carries an objective needs only a sum: under a secure protocol it comes to the same weights, bit for bit. */
class UnderMasksTest {

    static Stream<LinearAggregator> rules() {
        return Stream.of(
                FedProx.of(0.3),
                FedProx.on(FedNova.byExamples(), 0.3),
                Scaffold.uniform(),
                FedDyn.of(0.5),
                QFedAvg.withFairness(1));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void comesToTheSame(LinearAggregator rule) {
        assertEquals(
                new CurveFederation().run(rule, 6).state(),
                new CurveFederation().run(InsecureForTests.around(rule, 3), 6).state());
    }
}
