package org.fl4j.aggregation;

import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

/**
 * How the server steps: from the global weights and the round's aggregate to the next global weights (Reddi et al.,
 * ICLR 2021). Independent of how the aggregate was formed.
 *
 * <p>Immutable and thread-safe; momentum and the like are in the {@link ComponentState}. Adaptive rules act on TRAINABLE
 * parameters only and add statistics plainly.
 */
public interface ServerOptimizer {

    /**
     * Takes a step.
     *
     * @param round the round, counted from 1, for schedules; abandoned rounds count, though no step is taken
     * @param global the global weights, {@code [d]}
     * @param aggregate the round's aggregate, {@code [d]}
     * @param state what the last step left; {@link ComponentState#EMPTY} at first
     * @return the next weights and state
     */
    Step step(int round, ModelWeights global, ModelDelta aggregate, ComponentState state);

    /**
     * The result of a step.
     *
     * @param weights the next global weights
     * @param state for the next step
     */
    record Step(ModelWeights weights, ComponentState state) {}

    /**
     * The step of FedAvg: {@code global + aggregate}.
     *
     * @return an optimizer without state
     */
    static ServerOptimizer plain() {
        return (round, global, aggregate, state) -> new Step(global.plus(aggregate), ComponentState.EMPTY);
    }
}
