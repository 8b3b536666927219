package org.fl4j.server;

/** Every k-th round, and the last one of a run. */
final class EvaluationRounds {

    private final int every;
    private int last;

    EvaluationRounds(int every) {
        if (every < 1) {
            throw new IllegalArgumentException("every must be at least 1. Provided value: " + every);
        }
        this.every = every;
    }

    void runStarted(ServerState from, int rounds) {
        last = from.round() + rounds;
    }

    boolean isDue(RoundResult result) {
        int round = result.state().round();
        return !(result instanceof RoundResult.Refused) && (round % every == 0 || round == last);
    }
}
