package org.fl4j.aggregation.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.DoubleStream;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.aggregation.ServerOptimizer.Step;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Three steps by hand of two coordinates, with a statistic between them: w from 1 with aggregates 1, -1/2, 1/4; b from
 * -1 with 2, 1/2, 0. eta = 0.1, beta1 = 1/2, beta2 = 3/4, tau = 1/2, so v starts at 1/4 and every m and v is exact in
 * FP64. The weights were computed with 40 decimal digits; they may differ by a few units in the last place, below
 * 1e-15.
 */
class KnownStepsTest {

    private static final ParameterLayout LAYOUT = Fixtures.layoutWithStatistics(DataType.DOUBLE, 1, 1, 1);
    private static final ModelDelta[] AGGREGATES = {
        ModelDelta.of(LAYOUT, 1, 3, 2), ModelDelta.of(LAYOUT, -0.5, 4, 0.5), ModelDelta.of(LAYOUT, 0.25, 5, 0)
    };

    /** What a coordinate should be after each of the three rounds. */
    private record Path(List<Double> x, List<Double> m, List<Double> v) {}

    /**
     * w: v = 1/4 + 1 = 5/4, + 1/4 = 3/2, + 1/16 = 25/16; m = Delta. x = 1 + 0.1 / (sqrt(5/4) + 1/2), then - 0.05 /
     * (sqrt(3/2) + 1/2), then + 0.025 / (5/4 + 1/2). b: v = 1/4 + 4 = 17/4, + 1/4 = 9/2, + 0.
     */
    @Test
    void fedAdagradWithoutMomentumByDefault() {
        expect(
                FedAdagrad.withLearningRate(0.1).withAdaptivity(0.5),
                new Path(
                        values(1.0618033988749895, 1.0328136040193259, 1.04709931830504),
                        values(1, -0.5, 0.25),
                        values(1.25, 1.5, 1.5625)),
                new Path(
                        values(-0.9219223593595585, -0.9028480023765039, -0.9028480023765039),
                        values(2, 0.5, 0),
                        values(4.25, 4.5, 4.5)));
    }

    /** w: m = 1/2, 1/4 - 1/4 = 0, 1/8. b: m = 1, 1/2 + 1/4 = 3/4, 3/8. v as without momentum. */
    @Test
    void fedAdagradWithMomentum() {
        expect(
                FedAdagrad.withLearningRate(0.1).withMomentum(0.5).withAdaptivity(0.5),
                new Path(
                        values(1.0309016994374947, 1.0309016994374947, 1.038044556580352),
                        values(0.5, 0, 0.125),
                        values(1.25, 1.5, 1.5625)),
                new Path(
                        values(-0.9609611796797792, -0.9323496442051973, -0.9180438764679063),
                        values(1, 0.75, 0.375),
                        values(4.25, 4.5, 4.5)));
    }

    /**
     * w: v = 3/16 + 1/4 = 7/16, 21/64 + 1/16 = 25/64, 75/256 + 1/64 = 79/256; b: v = 3/16 + 1 = 19/16, 57/64 + 1/16 =
     * 61/64, 183/256. The first step of w is 0.1 (1/2) / (sqrt(7/16) + 1/2) = 0.0430...; corrected for bias it would be
     * 0.1 / (sqrt(7/4) + 1/2) = 0.0548...
     */
    @Test
    void fedAdamWithoutBiasCorrection() {
        expect(
                FedAdam.withLearningRate(0.1)
                        .withMomentum(0.5)
                        .withSecondMoment(0.75)
                        .withAdaptivity(0.5),
                new Path(
                        values(1.043050087404306, 1.043050087404306, 1.0548926796351805),
                        values(0.5, 0, 0.125),
                        values(0.4375, 0.390625, 0.30859375)),
                new Path(
                        values(-0.9370960281722487, -0.88629269916016, -0.858421694495612),
                        values(1, 0.75, 0.375),
                        values(1.1875, 0.953125, 0.71484375)));
    }

    /**
     * w: Delta^2 = 1 is above v = 1/4, so v = 1/4 + 1/4 = 1/2 (with the other sign it would be 0); Delta^2 = 1/4 is
     * below it, so v = 1/2 - 1/16 = 7/16 (FedAdam: 25/64); 1/16 is below, v = 7/16 - 1/64 = 27/64. b: v = 1/4 + 1 =
     * 5/4, 5/4 - 1/16 = 19/16, and a 0 leaves it, where FedAdam forgets.
     */
    @Test
    void fedYogiOnBothSidesOfTheSign() {
        expect(
                FedYogi.withLearningRate(0.1)
                        .withMomentum(0.5)
                        .withSecondMoment(0.75)
                        .withAdaptivity(0.5),
                new Path(
                        values(1.0414213562373096, 1.0414213562373096, 1.0522954691710062),
                        values(0.5, 0, 0.125),
                        values(0.5, 0.4375, 0.421875)),
                new Path(
                        values(-0.9381966011250105, -0.891018622254197, -0.8674296328187903),
                        values(1, 0.75, 0.375),
                        values(1.25, 1.1875, 1.1875)));
    }

    /** Where Delta^2 = v, sign(0) = 0: v stays, so x = 1 + 0.1 (1/4) / (1/2 + 1/2). */
    @Test
    void fedYogiStaysWhereTheSquareIsV() {
        Step step = FedYogi.withLearningRate(0.1)
                .withMomentum(0.5)
                .withAdaptivity(0.5)
                .step(1, Steps.weights(LAYOUT, 1, 0, 0), ModelDelta.of(LAYOUT, 0.5, 0, 0), ComponentState.EMPTY);

        assertEquals(0.25, step.state().doubles("v")[0]);
        assertEquals(1.025, step.weights().get(0), 1e-15);
    }

    /**
     * eta = 1/2, beta = 3/4; all exact. w: v = 1, 3/4 - 1/2 = 1/4, 3/16 + 1/4 = 7/16; x = 3/2, 13/8, 59/32. b: v = 2,
     * 3/2 + 1/2 = 2, 3/2; x = 0, 1, 7/4. Nesterov's form would begin with x = 1 + (7/4) / 2.
     */
    @Test
    void fedAvgM() {
        ModelWeights x = Steps.weights(LAYOUT, 1, 10, -1);
        ServerOptimizer optimizer = FedAvgM.withLearningRate(0.5).withMomentum(0.75);
        double[][] weights = {{1.5, 13, 0}, {1.625, 17, 1}, {1.84375, 22, 1.75}};
        double[][] v = {{1, 0, 2}, {0.25, 0, 2}, {0.4375, 0, 1.5}};
        ComponentState state = ComponentState.EMPTY;
        for (int i = 0; i < 3; i++) {
            Step step = optimizer.step(i + 1, x, AGGREGATES[i], state);
            x = step.weights();
            state = step.state();

            assertEquals(Steps.weights(LAYOUT, weights[i]), x);
            assertArrayEquals(v[i], state.doubles("v"));
        }
    }

    private static void expect(ServerOptimizer optimizer, Path w, Path b) {
        ModelWeights x = Steps.weights(LAYOUT, 1, 10, -1);
        ComponentState state = ComponentState.EMPTY;
        double[] statistic = {13, 17, 22};
        for (int i = 0; i < 3; i++) {
            Step step = optimizer.step(i + 1, x, AGGREGATES[i], state);
            x = step.weights();
            state = step.state();

            assertEquals(w.x().get(i), x.get(0), 1e-15);
            assertEquals(statistic[i], x.get(1));
            assertEquals(b.x().get(i), x.get(2), 1e-15);
            assertArrayEquals(new double[] {w.m().get(i), 0, b.m().get(i)}, state.doubles("m"));
            assertArrayEquals(new double[] {w.v().get(i), 0.25, b.v().get(i)}, state.doubles("v"));
        }
    }

    private static List<Double> values(double... values) {
        return DoubleStream.of(values).boxed().toList();
    }
}
