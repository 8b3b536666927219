package org.fl4j.server;

import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;

/** Plays the rounds of one run, one after another. */
@FunctionalInterface
interface RoundPlayer extends AutoCloseable {

    RoundResult play(ServerState state);

    /** Ends what is under way between rounds. */
    @Override
    default void close() {}
}
