package org.fl4j.server.evaluation;

import org.fl4j.model.Evaluation;

/** Is told how the global weights do. Called on the thread that runs the rounds. */
@FunctionalInterface
public interface EvaluationListener {

    /**
     * The global weights were evaluated.
     *
     * @param round after which round
     * @param evaluation how they did
     */
    void evaluated(int round, Evaluation evaluation);
}
