package org.fl4j.server.report;

import java.util.Map;
import org.fl4j.server.checkpoint.ServerState;

/** How a round ended. */
public sealed interface RoundResult {

    /**
     * Where the next round starts.
     *
     * @return the state after the round
     */
    ServerState state();

    /**
     * The global weights took a step.
     *
     * @param state the next state
     * @param report what happened
     */
    record Advanced(ServerState state, RoundReport report) implements RoundResult {}

    /**
     * No aggregate was produced: the state is unchanged except for the round counter and, under a private rule, the ledger,
     * which stays charged.
     *
     * @param state the next state
     * @param report what happened
     * @param reason why, with the values
     */
    record Abandoned(ServerState state, RoundReport report, String reason) implements RoundResult {}

    /**
     * The rule's guard did not admit the round: nothing ran, nothing is spent, and asking again gives the same answer.
     *
     * @param state the state before, unchanged
     * @param reason why
     * @param values the figures behind the reason
     */
    record Refused(ServerState state, String reason, Map<String, Double> values) implements RoundResult {

        /**
         * Copies the map.
         */
        public Refused {
            values = Map.copyOf(values);
        }
    }
}
