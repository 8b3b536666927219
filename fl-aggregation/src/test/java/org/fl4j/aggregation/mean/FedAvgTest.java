package org.fl4j.aggregation.mean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.Segment;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.FloatAndDouble;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/** Three clients with 1, 2 and 5 examples and deltas (8, -1), (-4, 2), (0.8, 0.2), by hand. */
class FedAvgTest {

    /** (1 * 8 + 2 * -4 + 5 * 0.8) / 8 = 0.5 and (1 * -1 + 2 * 2 + 5 * 0.2) / 8 = 0.5. */
    @FloatAndDouble
    void weightsByExamples(DataType dtype) {
        ParameterLayout layout = layout(dtype);

        expect(ModelDelta.of(layout, 0.5, 0.5), FedAvg.byExamples(), layout, 1e-7);
    }

    /** (8 - 4 + 0.8) / 3 = 1.6 and (-1 + 2 + 0.2) / 3 = 0.4. */
    @FloatAndDouble
    void uniformWeightsAllClientsEqually(DataType dtype) {
        ParameterLayout layout = layout(dtype);

        expect(ModelDelta.of(layout, 1.6, 0.4), FedAvg.uniform(), layout, 1e-7);
    }

    @Test
    void averagesStatisticsLikeAllParameters() {
        ParameterLayout layout =
                Fixtures.layout(DataType.FLOAT, ParameterSpec.statistic("mean", 1), ParameterSpec.statistic("var", 1));

        expect(ModelDelta.of(layout, 1.6, 0.4), FedAvg.uniform(), layout, 1e-7);
    }

    /** In FLOAT, 2^24 + 1 is 2^24: a FLOAT sum of 2^24, 1 and -2^24 would be 0. */
    @Test
    void sumsInDoublePrecision() {
        ParameterLayout layout = layout(DataType.FLOAT);
        Aggregation aggregation =
                FedAvg.uniform().begin(Fixtures.context(layout)).aggregation();
        double[] deltas = {0x1p24, 1, -0x1p24, 0};
        for (int i = 0; i < deltas.length; i++) {
            aggregation.add(i, Fixtures.update(i, ModelDelta.of(layout, deltas[i], 0), 1));
        }

        assertEquals(ModelDelta.of(layout, 0.25, 0), aggregation.finish().aggregate());
    }

    @Test
    void theMeanOfOneClientIsItsDeltaBitForBit() {
        ParameterLayout layout = layout(DataType.FLOAT);
        ModelDelta delta = ModelDelta.of(layout, 0.1, -1e-30);
        for (long n : new long[] {1, 3, 7, 49, 1_000_003}) {
            Aggregation aggregation =
                    FedAvg.byExamples().begin(Fixtures.context(layout)).aggregation();
            aggregation.add(0, Fixtures.update(0, delta, n));

            assertEquals(delta, aggregation.finish().aggregate());
        }
    }

    @Test
    void theWeightSegmentIsBoundedWhereTheWeightIs() {
        ParameterLayout layout = layout(DataType.FLOAT);
        Segment delta = Segment.unbounded("delta", 2);

        Segment unbounded = Segment.unbounded("weight", 1);
        Map<FedAvg, Segment> weights = Map.of(
                FedAvg.byExamples(), unbounded,
                FedAvg.weighted(u -> 1), unbounded,
                FedAvg.uniform(), Segment.bounded("weight", 1, 1),
                FedAvg.byCappedExamples(3), Segment.bounded("weight", 1, 3),
                FedAvg.weightedUpTo(0.5, u -> 0.1), Segment.bounded("weight", 1, 0.5));

        weights.forEach((rule, weight) -> assertEquals(
                List.of(delta, weight), rule.begin(Fixtures.context(layout)).segments(), rule::toString));
    }

    /** (1 * 8 + 2 * -4 + 3 * 0.8) / 6 = 0.4 and (1 * -1 + 2 * 2 + 3 * 0.2) / 6 = 0.6. */
    @Test
    void weightsByExamplesUpToACap() {
        expect(
                ModelDelta.of(layout(DataType.DOUBLE), 0.4, 0.6),
                FedAvg.byCappedExamples(3),
                layout(DataType.DOUBLE),
                1e-15);
    }

    /** With weights 1 / n: (8 - 2 + 0.16) / 1.7 and (-1 + 1 + 0.04) / 1.7. */
    @Test
    void weightsByAFunction() {
        ModelDelta expected = ModelDelta.of(layout(DataType.DOUBLE), 6.16 / 1.7, 0.04 / 1.7);

        expect(expected, FedAvg.weighted(u -> 1.0 / u.numExamples()), layout(DataType.DOUBLE), 1e-15);
        expect(expected, FedAvg.weightedUpTo(1, u -> 1.0 / u.numExamples()), layout(DataType.DOUBLE), 1e-15);
    }

    @Test
    void rejectsNonPositiveAndExcessiveWeights() {
        ParameterLayout layout = layout(DataType.FLOAT);
        ClientUpdate update = Fixtures.update(0, ModelDelta.zero(layout), 5);

        for (double w : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertEquals(
                    Optional.of("FedAvg.weighted: the weight must be > 0 and < infinity, but was " + w),
                    refusal(FedAvg.weighted(u -> w), update));
        }
        assertEquals(
                Optional.of("FedAvg.weightedUpTo(4.0): the weight must be > 0 and <= 4.0, but was 5.0"),
                refusal(FedAvg.weightedUpTo(4, ClientUpdate::numExamples), update));
        assertEquals(Optional.empty(), refusal(FedAvg.weightedUpTo(5, ClientUpdate::numExamples), update));
    }

    private static Optional<String> refusal(FedAvg rule, ClientUpdate update) {
        return rule.begin(Fixtures.context(update.delta().layout()))
                .aggregation()
                .refusal(update);
    }

    @Test
    void rejectsNonPositiveCapsAndBounds() {
        assertEquals(
                "cap must be at least 1, but was 0",
                assertThrows(IllegalArgumentException.class, () -> FedAvg.byCappedExamples(0))
                        .getMessage());
        for (double bound : new double[] {0, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertEquals(
                    "largest must be > 0 and < infinity, but was " + bound,
                    assertThrows(IllegalArgumentException.class, () -> FedAvg.weightedUpTo(bound, u -> 1))
                            .getMessage());
        }
    }

    @Test
    void hasNoStateNoMetricsAndAName() {
        ParameterLayout layout = layout(DataType.FLOAT);
        Aggregation.Result result = aggregate(FedAvg.uniform(), layout);

        assertEquals(ComponentState.EMPTY, result.state());
        assertEquals(Map.of(), result.metrics());
        assertEquals(ObjectiveSpec.EMPIRICAL_RISK, FedAvg.uniform().objective());
        assertEquals("FedAvg.uniform", FedAvg.uniform().toString());
        assertEquals("FedAvg.byExamples", FedAvg.byExamples().toString());
        assertEquals("FedAvg.byCappedExamples(3)", FedAvg.byCappedExamples(3).toString());
    }

    private static void expect(ModelDelta expected, LinearAggregator rule, ParameterLayout layout, double within) {
        ModelDelta actual = aggregate(rule, layout).aggregate();

        assertEquals(layout, actual.layout());
        assertEquals(expected.get(0), actual.get(0), within);
        assertEquals(expected.get(1), actual.get(1), within);
    }

    private static Aggregation.Result aggregate(LinearAggregator rule, ParameterLayout layout) {
        Aggregation aggregation = rule.begin(Fixtures.context(layout)).aggregation();
        aggregation.add(0, Fixtures.update(0, ModelDelta.of(layout, 8, -1), 1));
        aggregation.add(1, Fixtures.update(1, ModelDelta.of(layout, -4, 2), 2));
        aggregation.add(2, Fixtures.update(2, ModelDelta.of(layout, 0.8, 0.2), 5));
        return aggregation.finish();
    }

    private static ParameterLayout layout(DataType dtype) {
        return Fixtures.layout(dtype, ParameterSpec.trainable("w", 1), ParameterSpec.trainable("b", 1));
    }
}
