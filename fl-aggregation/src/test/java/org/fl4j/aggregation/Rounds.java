package org.fl4j.aggregation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.client.ClientUpdate;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;

/** Rounds of a rule over given deltas. */
public final class Rounds {

    private Rounds() {}

    /** The update with one scalar. */
    public static ClientUpdate withScalar(ClientUpdate update, String name, double value) {
        return with(update, Map.of(), Map.of(name, value));
    }

    /** The update with one vector. */
    public static ClientUpdate withVector(ClientUpdate update, String name, ModelDelta vector) {
        return with(update, Map.of(name, vector), Map.of());
    }

    private static ClientUpdate with(
            ClientUpdate update, Map<String, ModelDelta> vectors, Map<String, Double> scalars) {
        return new ClientUpdate(
                update.client(),
                update.round(),
                update.token(),
                update.delta(),
                update.numExamples(),
                vectors,
                scalars,
                update.objective());
    }

    public static List<ModelDelta> deltas(ParameterLayout layout, double[][] values) {
        List<ModelDelta> deltas = new ArrayList<>();
        for (double[] each : values) {
            deltas.add(ModelDelta.of(layout, each));
        }
        return deltas;
    }

    /** Coordinates from N(0, 1): no two are equal. */
    public static List<ModelDelta> random(long seed, int clients, ParameterLayout layout) {
        List<ModelDelta> deltas = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            deltas.add(ModelDelta.of(layout, gaussian(Seeds.derive(seed, i, "delta"), layout.length())));
        }
        return deltas;
    }

    public static double[] gaussian(long seed, int length) {
        return Fixtures.gaussian(new DeterministicRandom(seed), length);
    }

    public static ModelDelta aggregate(DirectAggregator rule, List<ModelDelta> deltas) {
        return result(rule, Fixtures.context(deltas.get(0).layout()), deltas).aggregate();
    }

    /** A round as the server runs it. */
    public static Aggregation.Result result(DirectAggregator rule, RoundContext context, List<ModelDelta> deltas) {
        try (Aggregation aggregation = rule.begin(context).aggregation()) {
            for (int i = 0; i < deltas.size(); i++) {
                aggregation.add(i, Fixtures.update(i, deltas.get(i), 1));
            }
            Optional<String> shortfall = aggregation.shortfall();
            if (shortfall.isPresent()) {
                throw new IllegalStateException(shortfall.get());
            }
            return aggregation.finish();
        }
    }

    public static Optional<String> shortfall(DirectAggregator rule, int clients) {
        ParameterLayout layout = Fixtures.layout(2);
        try (Aggregation aggregation = rule.begin(Fixtures.context(layout)).aggregation()) {
            List<ModelDelta> deltas = random(3, clients, layout);
            for (int i = 0; i < clients; i++) {
                aggregation.add(i, Fixtures.update(i, deltas.get(i), 1));
            }
            return aggregation.shortfall();
        }
    }

    public static double distance(ModelDelta a, ModelDelta b) {
        return a.minus(b).norm2();
    }
}
