package org.fl4j.server.report;

import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;

/**
 * Is told how a run goes: progress, evaluation, logs. It cannot change the model: it gets immutable records, and what it
 * throws is logged once and otherwise ignored. All it can do to a run is {@link #endsRunAfter end it}.
 *
 * <p>Called on the thread that runs the rounds, in the order of registration.
 */
public interface RoundListener {

    /**
     * What a listener may keep or forward of the run that starts next, or of one that continues. Called before
     * {@link #runStarted}.
     *
     * @param disclosure the same for the whole run
     */
    default void runDiscloses(Disclosure disclosure) {}

    /**
     * A run starts.
     *
     * @param provenance what the run runs on
     * @param from the state it starts from
     * @param rounds how many rounds were asked for
     */
    default void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {}

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

    /**
     * Whether the run ends here though more rounds were asked for, such as when an evaluation says that the model is good
     * enough. Asked after {@link #roundEnded}; one listener that says so is enough. The state is saved, so a later run goes
     * on from it.
     *
     * <p>Privacy: where the answer depends on clients' data, so does the number of rounds, which the guarantee of a private
     * rule does not cover.
     *
     * @param result how the round ended
     * @return false unless overridden
     */
    default boolean endsRunAfter(RoundResult result) {
        return false;
    }

    /** The run that was {@linkplain #runStarted started} has ended, also where it throws. Called once a run, after all else. */
    default void runEnded() {}
}
