package org.fl4j.aggregation.mean;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.objective.FedDyn;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.objective.QFedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.robust.NormBounding;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.compression.LinearCodec;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.testkit.TestClippedMean;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

class SketchedTest {

    private static final LinearCodec HALF_OF_ROTATION = LinearCodec.rotation().keeping(0.5);
    private static final ParameterLayout WITH_STATISTICS = Fixtures.layoutWithStatistics(DataType.DOUBLE, 3, 2, 4);

    /** A rotation in FP32 of standard normal coordinates. */
    private static final double FP32 = 5e-6;

    @Nested
    class Rotated extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return Sketched.on(FedAvg.byExamples(), LinearCodec.rotation());
        }

        @Override
        protected ParameterLayout layout() {
            return WITH_STATISTICS;
        }

        @Override
        protected double rounding() {
            return FP32;
        }
    }

    @Nested
    class SomeCoordinates extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return Sketched.on(FedAvg.byCappedExamples(100), LinearCodec.randomK(0.5));
        }

        /** Of half of the coordinates it is not one. */
        @Override
        protected boolean isMean() {
            return false;
        }
    }

    @Nested
    class Bounded extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return Sketched.on(new TestClippedMean(), HALF_OF_ROTATION);
        }

        @Override
        protected boolean isMean() {
            return false;
        }

        @Override
        protected double rounding() {
            return 2e-3;
        }
    }

    /** All coordinates in FP64: nothing is lost, whatever the rule does with roles, scalars and damping. */
    @Test
    void withAllCoordinatesItIsTheRule() {
        for (LinearAggregator rule : List.of(
                FedAvg.byExamples(),
                FedNova.byExamples(),
                FedProx.of(0.1),
                QFedAvg.withFairness(1),
                new TestClippedMean())) {
            assertEquals(decoded(rule), decoded(Sketched.on(rule, LinearCodec.randomK(1))), rule::toString);
        }
    }

    /** Norms are kept: h_k of q-FedAvg is what it is without. */
    @Test
    void underARotationItIsTheRuleWithinFp32() {
        for (LinearAggregator rule : List.of(FedAvg.byExamples(), FedNova.byExamples(), QFedAvg.withFairness(1))) {
            ModelDelta expected = decoded(rule).aggregate();
            ModelDelta actual =
                    decoded(Sketched.on(rule, LinearCodec.rotation())).aggregate();
            for (int i = 0; i < expected.layout().length(); i++) {
                assertEquals(expected.get(i), actual.get(i), FP32 * (1 + expected.norm2()), rule::toString);
            }
        }
    }

    @Test
    void statisticsTravelAsTheyAre() {
        ModelDelta expected = decoded(FedAvg.byExamples()).aggregate();
        ModelDelta actual =
                decoded(Sketched.on(FedAvg.byExamples(), HALF_OF_ROTATION)).aggregate();
        ParameterLayout.Span mean = WITH_STATISTICS.span("mean");
        for (int i = mean.from(); i < mean.to(); i++) {
            assertEquals(expected.get(i), actual.get(i));
        }
        assertEquals(
                List.of(Segment.unbounded(Segment.DELTA, 4 + 2), Segment.unbounded(Segment.WEIGHT, 1)),
                Sketched.on(FedAvg.byExamples(), HALF_OF_ROTATION)
                        .begin(Fixtures.context(WITH_STATISTICS))
                        .segments());
    }

    @Test
    void roundsHaveDifferentMapsAndAttemptsAtOneTheSame() {
        LinearAggregator rule = Sketched.on(FedAvg.uniform(), HALF_OF_ROTATION);
        ParameterLayout layout = Fixtures.layout(100);
        ClientUpdate update = Fixtures.randomUpdate(1, 1, layout, rule.objective());
        RoundContext context = Fixtures.context(layout);
        RoundContext other = new RoundContext(4, layout, 1000, context.sampling(), context.state(), context.seed() + 1);

        assertEquals(encoded(rule.begin(context), update, 1), encoded(rule.begin(context.withAttempt(1)), update, 1));
        assertNotEquals(encoded(rule.begin(context), update, 1), encoded(rule.begin(other), update, 1));
    }

    /** A rule that clips damps what it has clipped: 500 clipped to 4, then a quarter of that. */
    @Test
    void dampingReachesTheRule() {
        LinearAggregator rule = Sketched.on(NormBounding.of(4), LinearCodec.randomK(1));
        ParameterLayout layout = Fixtures.layout(3);
        ClientUpdate update = Fixtures.update(0, ModelDelta.of(layout, 300, -400, 0));

        Summand sum = encoded(rule.begin(Fixtures.context(layout)), update, 0.25);

        assertArrayEquals(new double[] {0.6, -0.8, 0}, sum.toArray(Segment.DELTA), 1e-12);
    }

    @Test
    void rejectsWhatASketchCannotCarry() {
        assertEquals(
                "the rule must not be one whose clients remember, but was Scaffold on FedAvg.uniform; they would remember"
                        + " deltas of which the server got only a sketch",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Sketched.on(Scaffold.uniform(), LinearCodec.rotation()))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> Sketched.on(FedDyn.of(0.1), LinearCodec.rotation()));
        LinearAggregator rule = Sketched.on(FedAvg.uniform(), LinearCodec.rotation());
        assertEquals(
                "Sketched on FedAvg.uniform: there is no TRAINABLE parameter to sketch in ParameterLayout[2 x FLOAT,"
                        + " [mean[2]c statistic]]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> rule.begin(Fixtures.context(
                                        Fixtures.layout(DataType.FLOAT, ParameterSpec.statistic("mean", 2)))))
                        .getMessage());
        ParameterLayout layout = Fixtures.layout(DataType.FLOAT, ParameterSpec.trainable("w", 4));
        ModelDelta large = ModelDelta.of(layout, 3e38, 3e38, 3e38, 3e38);
        ClientUpdate update = Fixtures.update(0, large);
        assertRejected(
                "the sketch of the delta has a coordinate that is not finite; did the client's model diverge?",
                rule.begin(Fixtures.context(layout)),
                Fixtures.update(0, ModelDelta.of(layout, 3e38, 3e38, 3e38, 0)));
        assertRejected(
                "an update must have no vectors beside its delta to be sketched, but has [control]",
                rule.begin(Fixtures.context(layout)),
                new ClientUpdate(
                        update.client(),
                        update.round(),
                        0,
                        ModelDelta.zero(layout),
                        1,
                        Map.of("control", large),
                        Map.of(),
                        update.objective()));
    }

    @Test
    void rejectsVectorsForClients() {
        LinearAggregator sends = context -> new LinearRound.Forwarding() {
            @Override
            public LinearRound inner() {
                return FedAvg.uniform().begin(context);
            }

            @Override
            public Map<String, ModelDelta> taskVectors() {
                return Map.of("control", ModelDelta.zero(context.layout()));
            }
        };
        LinearRound round = Sketched.on(sends, LinearCodec.randomK(0.5)).begin(Fixtures.context(Fixtures.layout(4)));

        assertEquals(
                "a rule over sketches must not send clients vectors beside the weights, but was [control]; they would be of"
                        + " the sketch's layout, ParameterLayout[2 x DOUBLE, [sketch[2]c]]",
                assertThrows(IllegalStateException.class, round::taskVectors).getMessage());
    }

    private static void assertRejected(String reason, LinearRound round, ClientUpdate update) {
        assertEquals(
                reason,
                assertThrows(
                                UpdateRejectedException.class,
                                () -> round.encoder().encode(update))
                        .reason());
    }

    /** Of twelve clients' damped updates, with the scalars that the rules read. */
    private static Aggregation.Result decoded(LinearAggregator rule) {
        LinearRound round = rule.begin(Fixtures.context(WITH_STATISTICS));
        Summand total = Summand.zero(round.segments());
        for (int client = 0; client < 12; client++) {
            ClientUpdate plain = Fixtures.randomUpdate(9, client, WITH_STATISTICS, rule.objective());
            ClientUpdate update = new ClientUpdate(
                    plain.client(),
                    plain.round(),
                    plain.token(),
                    plain.delta(),
                    plain.numExamples(),
                    Map.of(),
                    Map.of(ClientUpdate.STEPS, 2.0 + client, "global-loss", 0.5 + client),
                    plain.objective());
            total.add(encoded(round, update, client % 2 == 0 ? 1 : 0.5));
        }
        return round.decode(total);
    }

    private static Summand encoded(LinearRound round, ClientUpdate update, double damping) {
        Summand sum = Summand.zero(round.segments());
        round.encoder().encode(update, damping).addTo(sum);
        return sum;
    }
}
