package org.fl4j.server;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.report.Traffic;
import org.fl4j.weights.ModelDelta;

/** The middle of a round, from the cohort to the aggregate: what differs between direct, linear and secure rules. */
sealed interface UpdateCollector permits DirectCollector, LinearCollector, SecureCollector {

    /**
     * Begins a round of the rule. What does not fit is thrown here or, under masks, by {@link #taskVectors}: before
     * anything is spent.
     */
    static UpdateCollector begin(Aggregator rule, RoundContext context) {
        if (rule instanceof SecureAggregator secure) {
            return new SecureCollector(secure, context);
        }
        DirectRound round = DirectRound.guarded((DirectAggregator) rule, context);
        return round instanceof LinearRound linear && rule instanceof LinearAggregator
                ? new LinearCollector(linear)
                : new DirectCollector(round);
    }

    /** What every client is sent beside the weights. */
    Map<String, ModelDelta> taskVectors();

    Collected collect(Cohort cohort);

    /**
     * What came of it.
     *
     * @param outcomes in the order of the cohort
     * @param accepted whose updates are in the result
     * @param result empty if the round is to be abandoned
     * @param reason why there is no result
     * @param mayBeRepeated whether the round may be attempted again where there is none
     * @param traffic what a report may hold of the bytes
     */
    record Collected(
            List<ClientOutcome<ClientUpdate.Receipt>> outcomes,
            List<ClientId> accepted,
            Optional<Aggregation.Result> result,
            String reason,
            boolean mayBeRepeated,
            Traffic traffic) {

        private static final Traffic UNCOUNTED = new Traffic.Total(Map.of());

        static Collected of(
                List<ClientOutcome<ClientUpdate.Receipt>> outcomes,
                List<ClientId> accepted,
                Aggregation.Result result) {
            return new Collected(outcomes, accepted, Optional.of(result), "", false, UNCOUNTED);
        }

        static Collected nothing(List<ClientOutcome<ClientUpdate.Receipt>> outcomes, String reason) {
            return new Collected(outcomes, List.of(), Optional.empty(), reason, true, UNCOUNTED);
        }

        Collected neverRepeated() {
            return new Collected(outcomes, accepted, result, reason, false, traffic);
        }

        Collected carrying(Traffic its) {
            return new Collected(outcomes, accepted, result, reason, mayBeRepeated, its);
        }
    }
}
