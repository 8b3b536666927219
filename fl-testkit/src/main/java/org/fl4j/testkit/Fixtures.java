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

/** Layouts, round contexts and updates for tests. All contexts and updates are of round {@value #ROUND}. */
public final class Fixtures {

    public static final int ROUND = 3;

    private Fixtures() {}

    /** One trainable parameter, {@code w}, in FP64. */
    public static ParameterLayout layout(int length) {
        return layout(DataType.DOUBLE, length);
    }

    /** One trainable parameter, {@code w}. */
    public static ParameterLayout layout(DataType dtype, int length) {
        return layout(dtype, ParameterSpec.trainable("w", length));
    }

    public static ParameterLayout layout(DataType dtype, ParameterSpec... specs) {
        return new ParameterLayout(dtype, List.of(specs));
    }

    /** A trainable {@code w}, a statistic {@code mean} and a trainable {@code b}, of these lengths. */
    public static ParameterLayout layoutWithStatistics(DataType dtype, int before, int statistics, int after) {
        return layout(
                dtype,
                ParameterSpec.trainable("w", before),
                ParameterSpec.statistic("mean", statistics),
                ParameterSpec.trainable("b", after));
    }

    /** Every one of 1,000 clients is in the cohort. */
    public static RoundContext context(ParameterLayout layout) {
        return context(layout, 1000, new SamplingScheme.EveryClient());
    }

    public static RoundContext context(ParameterLayout layout, long population, SamplingScheme sampling) {
        return new RoundContext(ROUND, layout, population, sampling, ComponentState.EMPTY, 20_240_501);
    }

    public static ClientId client(int client) {
        return new ClientId("client-" + client);
    }

    public static ClientUpdate update(int client, ModelDelta delta) {
        return update(client, delta, 1);
    }

    public static ClientUpdate update(int client, ModelDelta delta, long numExamples) {
        return update(client(client), delta, numExamples, ObjectiveSpec.EMPIRICAL_RISK);
    }

    public static ClientUpdate update(ClientId client, ParameterLayout layout, long numExamples, double... delta) {
        return update(client, ModelDelta.of(layout, delta), numExamples, ObjectiveSpec.EMPIRICAL_RISK);
    }

    public static ClientUpdate update(ClientId client, ModelDelta delta, long numExamples, ObjectiveSpec objective) {
        return new ClientUpdate(client, ROUND, 0, delta, numExamples, Map.of(), Map.of(), objective);
    }

    /** Coordinates from N(0, 1), 1 to 1,000 examples: no two sums of such in different orders have the same bits. */
    public static ClientUpdate randomUpdate(long seed, int client, ParameterLayout layout, ObjectiveSpec objective) {
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, client, "update"));
        double[] values = gaussian(random, layout.length());
        return update(client(client), ModelDelta.of(layout, values), 1 + random.nextInt(1000), objective);
    }

    /** Coordinates from N(0, 1). */
    public static double[] gaussian(DeterministicRandom random, int length) {
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextGaussian();
        }
        return values;
    }
}
