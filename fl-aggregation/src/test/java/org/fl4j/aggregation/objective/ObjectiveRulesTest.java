package org.fl4j.aggregation.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.function.DoubleFunction;
import java.util.stream.Stream;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.mean.FedNova;
import org.fl4j.aggregation.mean.Sketched;
import org.fl4j.compression.LinearCodec;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every rule that carries an objective. */
class ObjectiveRulesTest {

    static Stream<LinearAggregator> rules() {
        return Stream.of(
                FedProx.of(0.3),
                FedProx.on(FedNova.byExamples(), 0.3),
                Scaffold.uniform(),
                FedDyn.of(0.5),
                QFedAvg.withFairness(1),
                FedProx.on(Sketched.on(FedNova.byExamples(), LinearCodec.rotation()), 0.3));
    }

    /** It needs only a sum. */
    @ParameterizedTest
    @MethodSource("rules")
    void hasTheSameStateUnderASecureProtocol(LinearAggregator rule) {
        assertEquals(
                new CurveFederation().run(rule, 6).state(),
                new CurveFederation().run(InsecureForTests.on(rule, 3), 6).state());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aResumedRunEqualsAnUninterruptedOne(LinearAggregator rule) {
        CurveFederation inPieces = new CurveFederation().selector(ClientSelector.uniform(2));
        ServerState half = inPieces.run(rule, 4).state();
        ServerState reread = ServerState.fromBytes(half.toBytes());

        assertEquals(
                new CurveFederation()
                        .selector(ClientSelector.uniform(2))
                        .run(rule, 8)
                        .state(),
                inPieces.run(rule, reread, 4).state());
    }

    static Stream<Arguments> parameters() {
        return Stream.of(
                parameter("alpha must be > 0", FedDyn::of),
                parameter("mu must be >= 0", FedProx::of),
                parameter("q must be >= 0", QFedAvg::withFairness),
                parameter("rate must be > 0", QFedAvg.withFairness(1)::withLocalLearningRate));
    }

    private static Arguments parameter(String range, DoubleFunction<LinearAggregator> rule) {
        return Arguments.of(range, rule);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("parameters")
    void rejectsParametersOutOfRange(String range, DoubleFunction<LinearAggregator> rule) {
        double below = range.endsWith("> 0") ? 0 : -Double.MIN_VALUE;
        for (double bad : new double[] {below, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertEquals(
                    range + " and < infinity, but was " + bad,
                    assertThrows(IllegalArgumentException.class, () -> rule.apply(bad))
                            .getMessage());
        }
    }
}
