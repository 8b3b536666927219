package org.fl4j.testkit;

import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;

/** Layouts, rounds and updates for the tests of this package. */
public final class Updates {

    static final int ROUND = 3;

    private Updates() {}

    public static ParameterLayout layout(int length) {
        return new ParameterLayout(DataType.DOUBLE, List.of(ParameterSpec.trainable("w", length)));
    }

    public static RoundContext context(ParameterLayout layout) {
        return new RoundContext(
                ROUND, layout, 1000, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 20_240_501);
    }

    public static ClientUpdate of(ClientId client, ParameterLayout layout, long numExamples, double... delta) {
        return of(client, ModelDelta.of(layout, delta), numExamples, ObjectiveSpec.EMPIRICAL_RISK);
    }

    public static ClientUpdate of(ClientId client, ModelDelta delta, long numExamples, ObjectiveSpec honoured) {
        return new ClientUpdate(client, ROUND, delta, numExamples, Map.of(), Map.of(), honoured);
    }

    /** Coordinates from N(0, 1), 1 to 1,000 examples: no two sums of such in different orders have the same bits. */
    public static ClientUpdate random(long seed, int client, ParameterLayout layout, ObjectiveSpec honoured) {
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, client, "update"));
        double[] values = new double[layout.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return of(new ClientId("client-" + client), ModelDelta.of(layout, values), 1 + random.nextInt(1000), honoured);
    }
}
