package org.fl4j.aggregation;

import java.util.Map;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * What a rule makes of a round's updates.
 *
 * @param aggregate the displacement for the server optimizer, {@code [d]}
 * @param state what the rule remembers for the next round
 * @param metrics numbers for listeners; under a private rule only noised ones
 */
public record AggregationResult(ModelDelta aggregate, ComponentState state, Map<String, Double> metrics) {

    /**
     * Copies the map.
     *
     * @param aggregate as above
     * @param state as above
     * @param metrics as above
     */
    public AggregationResult {
        metrics = Map.copyOf(metrics);
    }

    /**
     * A result of a rule that remembers nothing and reports nothing.
     *
     * @param aggregate the displacement
     * @return the result
     */
    public static AggregationResult of(ModelDelta aggregate) {
        return new AggregationResult(aggregate, ComponentState.EMPTY, Map.of());
    }
}
