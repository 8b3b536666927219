package org.fl4j.aggregation;

import java.util.Map;
import java.util.Optional;
import org.fl4j.client.ClientUpdate;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * Combines the updates of one {@link DirectRound}, added one at a time in the order of the cohort.
 *
 * <p>Thread rule: {@link #refusal} may be called from any thread at any time, the others from one thread.
 */
public interface Aggregation extends AutoCloseable {

    /**
     * Why the rule rejects an update that is otherwise valid (finite, right layout, at least one example).
     *
     * <p>What this throws is the rule's own failure, which ends the run; under a {@link PrivacyBudgetGuard}, where that could
     * show one client's data, it counts as a rejection.
     *
     * @param update a client's update
     * @return empty if the rule accepts it
     */
    default Optional<String> refusal(ClientUpdate update) {
        return Optional.empty();
    }

    /**
     * Adds an update.
     *
     * @param position the client's position in the cohort; ascending from call to call, with gaps where clients are
     *     missing
     * @param update not rejected
     */
    void add(int position, ClientUpdate update);

    /**
     * Why the updates added so far are not enough for the rule, such as the precondition of a robust rule with its
     * values: the round is then abandoned.
     *
     * @return empty if {@link #finish} may be called
     */
    default Optional<String> shortfall() {
        return Optional.empty();
    }

    /**
     * Combines the updates.
     *
     * @return the aggregate
     */
    Result finish();

    /** Frees what the round held outside the heap, such as a file. Called once, whether or not it was finished. */
    @Override
    default void close() {}

    /**
     * What a rule makes of a round's updates.
     *
     * @param aggregate the displacement for the server optimizer, {@code [d]}
     * @param state what the rule remembers for the next round
     * @param metrics numbers for listeners; under a private rule only noised ones
     */
    record Result(ModelDelta aggregate, ComponentState state, Map<String, Double> metrics) {

        /**
         * Copies the map.
         */
        public Result {
            metrics = Map.copyOf(metrics);
        }

        /**
         * A result of a rule that remembers nothing and reports nothing.
         *
         * @param aggregate the displacement
         * @return the result
         */
        public static Result of(ModelDelta aggregate) {
            return new Result(aggregate, ComponentState.EMPTY, Map.of());
        }
    }
}
