package org.fl4j.server;

/**
 * Is told how a run goes: progress, evaluation, logs. It cannot change the model: it gets immutable records, and what it
 * throws is logged once and otherwise ignored.
 *
 * <p>Called on the thread that runs the rounds, in the order of registration.
 */
public interface RoundListener {

    /**
     * A run starts.
     *
     * @param provenance what the run runs on
     * @param from the state it starts from
     * @param rounds how many rounds were asked for
     */
    default void runStarted(Provenance provenance, ServerState from, int rounds) {}

    /**
     * A round starts.
     *
     * @param round counted from 1
     */
    default void roundStarted(int round) {}

    /**
     * A round ended.
     *
     * @param result how
     */
    default void roundEnded(RoundResult result) {}
}
