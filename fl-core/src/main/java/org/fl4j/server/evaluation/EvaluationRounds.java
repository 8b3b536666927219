package org.fl4j.server.evaluation;

import org.fl4j.internal.Check;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;

/**
 * Every k-th round, and the last: of the rounds asked for, or before one that the guard refuses. A run that a listener or
 * too many abandoned rounds end has not ended yet when this is asked, as a listener may decide by the evaluation.
 */
final class EvaluationRounds {

    private final int every;
    private int last;
    private int evaluated;

    EvaluationRounds(int every) {
        Check.atLeast("every", every, 1);
        this.every = every;
    }

    void runStarted(ServerState from, int rounds) {
        last = from.round() + rounds;
        evaluated = from.round();
    }

    /** Asked once after each round. A refused round has run nothing: its state is that of the round before. */
    boolean isDue(RoundResult result) {
        int round = result.state().round();
        boolean ends = round == last || result instanceof RoundResult.Refused;
        boolean due = round > evaluated && (ends || round % every == 0);
        if (due) {
            evaluated = round;
        }
        return due;
    }
}
