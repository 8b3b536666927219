package org.fl4j.server.report;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
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
    record Advanced(ServerState state, Report report) implements RoundResult {}

    /**
     * No aggregate was produced: the state is unchanged except for the round counter and, under a private rule, the ledger,
     * which stays charged.
     *
     * @param state the next state
     * @param report what happened
     * @param reason why, with the values
     */
    record Abandoned(ServerState state, Report report, String reason) implements RoundResult {}

    /**
     * The rule's guard did not admit the round: nothing ran, nothing is spent, and asking again gives the same answer.
     *
     * @param state the state before, unchanged
     * @param reason why
     * @param values the figures of the reason
     */
    record Refused(ServerState state, String reason, Map<String, Double> values) implements RoundResult {

        /**
         * Copies the map.
         */
        public Refused {
            values = Map.copyOf(values);
        }
    }

    /**
     * What happened in a round. Which clients completed is part of it: a replay with the same set gives the same bits.
     *
     * <p>Under a private rule there are no outcomes and no metrics but the rule's own: who took part is not released.
     *
     * @param round counted from 1
     * @param outcomes the outcome of each client, in the order of the cohort
     * @param metrics the rule's metrics, what a validation measured ({@code validation.accuracy}), and {@code loss}, the training loss of the clients that sent one, weighted by
     *     examples, where the server saw it
     * @param traffic the bytes of the messages, as far as they may be told
     * @param attempts how many the round took; the rest of the report is of the last
     * @param duration wall time of the last attempt and of the wait before it, listeners excluded; zero under a private rule, as it follows
     *     from who took part, unless participation counts are public
     */
    record Report(
            int round,
            List<ClientOutcome<ClientUpdate.Receipt>> outcomes,
            Map<String, Double> metrics,
            Traffic traffic,
            int attempts,
            Duration duration) {

        /**
         * Copies the collections.
         */
        public Report {
            outcomes = List.copyOf(outcomes);
            metrics = Map.copyOf(metrics);
        }

        /** Returns a copy with one more metric. */
        public Report with(String metric, double value) {
            Map<String, Double> more = new HashMap<>(metrics);
            more.put(metric, value);
            return new Report(round, outcomes, more, traffic, attempts, duration);
        }

        /**
         * The clients whose updates were accepted.
         *
         * @return in the order of the cohort
         */
        public List<ClientId> completed() {
            return outcomes.stream()
                    .filter(outcome -> outcome instanceof ClientOutcome.Completed)
                    .map(ClientOutcome::client)
                    .toList();
        }

        /**
         * The mean training loss of the clients that took a step, weighted by examples.
         *
         * @return empty where the server did not see it, or no client took a step
         */
        public OptionalDouble loss() {
            Double loss = metrics.get(ClientUpdate.LOSS);
            return loss == null ? OptionalDouble.empty() : OptionalDouble.of(loss);
        }
    }
}
