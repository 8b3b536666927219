package org.fl4j.aggregation.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.aggregation.ServerOptimizer.Step;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.FloatAndDouble;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** What holds for every server optimizer, whatever the numbers. */
class OptimizerLawsTest {

    static Stream<ServerOptimizer> all() {
        return Steps.all(0.1).stream();
    }

    @FloatAndDouble
    void serverSgdWithRateOneIsFederatedAveragingBitForBit(DataType dtype) {
        ParameterLayout layout = Fixtures.layoutWithStatistics(dtype, 1500, 3, 2500);
        ModelWeights global = Steps.randomWeights(layout, 1);
        ModelDelta aggregate = Steps.random(layout, 2);
        Step step = FedAvgM.withLearningRate(1).withMomentum(0).step(1, global, aggregate, ComponentState.EMPTY);

        assertEquals(global.plus(aggregate), step.weights());
        assertEquals(ComponentState.EMPTY, step.state());
    }

    @Test
    void serverSgdWithRateOneKeepsTheSignOfZero() {
        ParameterLayout layout = Fixtures.layoutWithStatistics(DataType.FLOAT, 1, 1, 1);
        ModelWeights global = ModelWeights.copyOf(layout, new float[] {-0f, -0f, -0f});
        ModelDelta aggregate = ModelDelta.of(layout, -0.0, -0.0, -0.0);
        ServerOptimizer sgd = FedAvgM.withLearningRate(1).withMomentum(0);

        assertEquals(
                global.plus(aggregate),
                sgd.step(1, global, aggregate, ComponentState.EMPTY).weights());
    }

    /** Also behind the first thousands, where the loops work stretch by stretch. */
    @ParameterizedTest
    @MethodSource("all")
    void coordinatesAreIndependent(ServerOptimizer optimizer) {
        ParameterLayout layout = Fixtures.layoutWithStatistics(DataType.FLOAT, 1500, 3, 2500);
        ModelDelta[] aggregates = {Steps.random(layout, 2), Steps.random(layout, 3)};
        ModelWeights start = Steps.randomWeights(layout, 1);
        ModelWeights together = Steps.run(optimizer, start, aggregates).weights();

        for (int i : new int[] {0, 1023, 1024, 1499, 1503, 2526, 2527, 2528, 4002}) {
            ParameterLayout one = Fixtures.layout(DataType.FLOAT, 1);
            ModelWeights alone = Steps.run(
                            optimizer,
                            Steps.weights(one, start.get(i)),
                            ModelDelta.of(one, aggregates[0].get(i)),
                            ModelDelta.of(one, aggregates[1].get(i)))
                    .weights();

            assertEquals(alone.get(0), together.get(i), "coordinate " + i);
            assertNotEquals(start.get(i), together.get(i), "coordinate " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void statisticsAreAveragedPlainly(ServerOptimizer optimizer) {
        ParameterLayout layout = Fixtures.layoutWithStatistics(DataType.FLOAT, 2, 1100, 2);
        ModelWeights start = Steps.randomWeights(layout, 1);
        ModelDelta[] aggregates = {Steps.random(layout, 2), Steps.random(layout, 3)};
        ModelWeights end = Steps.run(optimizer, start, aggregates).weights();
        ModelWeights plain = start.plus(aggregates[0]).plus(aggregates[1]);

        for (int i = 2; i < 1102; i++) {
            assertEquals(plain.get(i), end.get(i));
        }
        assertNotEquals(plain.get(0), end.get(0));
    }

    @ParameterizedTest
    @MethodSource("all")
    void aZeroAggregateLeavesTheWeightsUnchanged(ServerOptimizer optimizer) {
        ParameterLayout layout = Fixtures.layoutWithStatistics(DataType.DOUBLE, 10, 2, 10);
        ModelWeights start = Steps.randomWeights(layout, 4);

        assertEquals(start, Steps.run(optimizer, start, ModelDelta.zero(layout)).weights());
    }

    @Test
    void usesTheLearningRateOfTheRound() {
        ParameterLayout layout = Fixtures.layoutWithStatistics(DataType.DOUBLE, 1, 1, 1);
        ModelWeights start = Steps.weights(layout, 0, 0, 0);
        ModelDelta one = ModelDelta.of(layout, 1, 1, 1);
        LearningRateSchedule rates = round -> 0.25 * round;

        assertEquals(
                Steps.weights(layout, 1.75, 1, 1.75),
                FedAvgM.withLearningRates(rates)
                        .step(7, start, one, ComponentState.EMPTY)
                        .weights());
        for (List<ServerOptimizer> pair : List.of(
                List.<ServerOptimizer>of(FedAdagrad.withLearningRates(rates), FedAdagrad.withLearningRate(1.75)),
                List.<ServerOptimizer>of(FedAdam.withLearningRates(rates), FedAdam.withLearningRate(1.75)),
                List.<ServerOptimizer>of(FedYogi.withLearningRates(rates), FedYogi.withLearningRate(1.75)))) {
            assertEquals(
                    pair.get(1).step(1, start, one, ComponentState.EMPTY),
                    pair.get(0).step(7, start, one, ComponentState.EMPTY));
        }
    }

    /** Squares above 1.8e308: infinite in v, and inf - inf in the next round's sign, if they did not saturate. */
    @ParameterizedTest
    @MethodSource("all")
    void hugeAggregatesLeaveNeitherNanNorInfinity(ServerOptimizer optimizer) {
        ParameterLayout layout = Fixtures.layoutWithStatistics(DataType.DOUBLE, 2, 1, 1);
        ModelDelta huge = ModelDelta.of(layout, 1e200, -Double.MAX_VALUE, 1, 1e308);
        ModelDelta small = ModelDelta.of(layout, 1, 1, 1, 1);
        Step end = Steps.run(
                optimizer, Steps.weights(layout, 0, 0, 0, 0), huge, huge.times(-1), huge, huge, huge, small, small);

        assertTrue(end.weights().isFinite());
        for (String name : optimizer instanceof FedAvgM ? List.of("v") : List.of("m", "v")) {
            for (double moment : end.state().doubles(name)) {
                assertTrue(Double.isFinite(moment), () -> name + " holds " + moment);
            }
        }
    }

    /** Nothing that hides it: the server refuses such weights, and the state of the round before stays. */
    @ParameterizedTest
    @MethodSource("all")
    void aNonFiniteAggregateChangesTheWeightsButNotTheState(ServerOptimizer optimizer) {
        ParameterLayout layout = Fixtures.layoutWithStatistics(DataType.DOUBLE, 1, 1, 1);
        Step before = Steps.run(optimizer, Steps.weights(layout, 1, 2, 3), ModelDelta.of(layout, 1, 1, 1));
        for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            Step after = optimizer.step(2, before.weights(), ModelDelta.of(layout, 0, 0, bad), before.state());

            assertFalse(after.weights().isFinite());
            assertEquals(before.state(), after.state());
        }
    }
}
