package org.fl4j.aggregation.optimizer;

import java.util.List;
import org.fl4j.aggregation.Rounds;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.aggregation.ServerOptimizer.Step;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.nd4j.linalg.api.buffer.DataType;

/** What tests of server optimizers share: a layout with a statistic between TRAINABLE parameters, random vectors. */
final class Steps {

    private Steps() {}

    static List<ServerOptimizer> all(double rate) {
        return List.of(
                FedAvgM.withLearningRate(rate),
                FedAdagrad.withLearningRate(rate),
                FedAdam.withLearningRate(rate),
                FedYogi.withLearningRate(rate));
    }

    static ModelWeights weights(ParameterLayout layout, double... values) {
        ModelDelta from = ModelDelta.of(layout, values);
        return zero(layout).plus(from);
    }

    static ModelDelta random(ParameterLayout layout, long seed) {
        return ModelDelta.of(layout, Rounds.gaussian(seed, layout.length()));
    }

    static ModelWeights randomWeights(ParameterLayout layout, long seed) {
        return zero(layout).plus(random(layout, seed));
    }

    /** Rounds 1, 2, ... with these aggregates. */
    static Step run(ServerOptimizer optimizer, ModelWeights start, ModelDelta... aggregates) {
        Step last = new Step(start, ComponentState.EMPTY);
        for (int i = 0; i < aggregates.length; i++) {
            last = optimizer.step(i + 1, last.weights(), aggregates[i], last.state());
        }
        return last;
    }

    private static ModelWeights zero(ParameterLayout layout) {
        int d = layout.length();
        return layout.dtype() == DataType.DOUBLE
                ? ModelWeights.copyOf(layout, new double[d])
                : ModelWeights.copyOf(layout, new float[d]);
    }
}
