package org.fl4j.privacy.dp;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

/** Rounds and clients that always send the same delta. */
final class Releases {

    static final SamplingScheme EVERYBODY = new SamplingScheme.EveryClient();

    private Releases() {}

    static RoundContext context(int d, long population) {
        return context(d, population, EVERYBODY);
    }

    static RoundContext context(int d, long population, SamplingScheme sampling) {
        return Fixtures.context(Fixtures.layout(d), population, sampling);
    }

    static ModelWeights start(int d) {
        return ModelWeights.copyOf(Fixtures.layout(d), new double[d]);
    }

    static ClientProvider clients(int n, ModelDelta delta) {
        return differing(n, id -> delta);
    }

    static ClientProvider differing(int n, Function<ClientId, ModelDelta> deltas) {
        return ClientProvider.of(ClientId.numbered("c", n), id -> new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) {
                return new ClientUpdate(
                        id,
                        task.round(),
                        task.token(),
                        deltas.apply(id),
                        3,
                        Map.of(),
                        Map.of(ClientUpdate.LOSS, 0.5),
                        task.objective());
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                return new Evaluation(3, 0.5, List.of());
            }
        });
    }

    /** The same noise in every run. */
    static NoiseSource seeded(long seed) {
        org.fl4j.random.DeterministicRandom random = new org.fl4j.random.DeterministicRandom(seed);
        return (distribution, n) -> {
            long[] noise = new long[n];
            for (int i = 0; i < n; i++) {
                noise[i] = Math.round(distribution.sigma() * random.nextGaussian());
            }
            return noise;
        };
    }
}
