package org.fl4j.aggregation;

import java.util.Map;
import org.fl4j.weights.ModelDelta;

/**
 * One round of a {@link DirectAggregator}: what its clients are sent beside the weights, and how their updates combine.
 *
 * <p>Immutable and thread-safe, unlike the {@link Aggregation} it starts.
 */
@FunctionalInterface
public interface DirectRound {

    /**
     * Named vectors for every client's task, such as SCAFFOLD's control variate.
     *
     * @return none unless the rule needs some
     */
    default Map<String, ModelDelta> taskVectors() {
        return Map.of();
    }

    /**
     * Begins a round for a driver, or for a rule around the rule, and checks that what it adds to a sum is charged to a
     * budget.
     *
     * @param rule the rule
     * @param context the round
     * @return its round
     * @throws IllegalStateException if the rule adds noise and has no guard
     */
    static DirectRound guarded(DirectAggregator rule, RoundContext context) {
        return rule instanceof LinearAggregator linear ? LinearRound.guarded(linear, context) : rule.begin(context);
    }

    /**
     * Starts to combine updates.
     *
     * @return takes the round's updates; to be closed
     */
    Aggregation aggregation();
}
