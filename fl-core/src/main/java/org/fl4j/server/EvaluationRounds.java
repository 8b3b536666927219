package org.fl4j.server;

/** Every k-th round, and wherever a run ends: after its last round, or where it was refused a further one. */
final class EvaluationRounds {

    private final int every;
    private int last;
    private int evaluated;

    EvaluationRounds(int every) {
        if (every < 1) {
            throw new IllegalArgumentException("every must be at least 1. Provided value: " + every);
        }
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
