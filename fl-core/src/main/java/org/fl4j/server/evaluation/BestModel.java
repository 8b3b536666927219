package org.fl4j.server.evaluation;

import java.util.Optional;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.weights.ModelWeights;

/**
 * The best global weights of a run so far, by its {@link Validation}.
 *
 * @param round after which round
 * @param value what the measure said of them
 * @param weights the weights, {@code [d]}
 */
public record BestModel(int round, double value, ModelWeights weights) {

    /**
     * The best model of a run.
     *
     * @param state any state of the run
     * @return empty if its validation does not keep one, or has measured no round yet
     */
    public static Optional<BestModel> of(ServerState state) {
        return Progress.of(state).best();
    }
}
