package org.fl4j.benchmarks;

import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;

/** Updates of random deltas, and the round that they belong to. */
final class BenchmarkUpdates {

    private BenchmarkUpdates() {}

    static ParameterLayout layout(int parameters) {
        return new ParameterLayout(DataType.FLOAT, List.of(ParameterSpec.trainable("w", parameters)));
    }

    static RoundContext context(ParameterLayout layout, int clients) {
        return new RoundContext(1, layout, clients, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 1);
    }

    static ModelDelta delta(ParameterLayout layout, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        double[] values = new double[layout.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextDouble() - 0.5;
        }
        return ModelDelta.of(layout, values);
    }

    static ClientUpdate update(ParameterLayout layout, int client) {
        return new ClientUpdate(
                new ClientId("client-" + client),
                1,
                0,
                delta(layout, client),
                1 + client % 7,
                Map.of(),
                Map.of(),
                ObjectiveSpec.EMPIRICAL_RISK);
    }
}
