package org.fl4j.server.evaluation;

import org.fl4j.internal.Check;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;

/**
 * Every k-th round, and after the last of the rounds asked for, or where a further one was refused. Where a listener ends
 * the run, or too many abandoned rounds do, nobody knows of it yet when this is asked: a listener may go by the evaluation.
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
