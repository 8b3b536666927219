package org.fl4j.server;

import java.time.Duration;
import java.util.Optional;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ComponentState;

/**
 * How long the rounds of a run took on the real clock, over all its parts; in virtual time the state has the time itself.
 */
final class TimeBudget {

    private static final String KIND = "time-spent";
    private static final String NANOS = "nanos";

    private TimeBudget() {}

    /** A refused round took nothing; in virtual time nothing is counted, so that states have the same bits. */
    static RoundResult spend(RoundResult result, long nanos) {
        ServerState state = result.state();
        if (!state.time().isZero() || result instanceof RoundResult.Refused) {
            return result;
        }
        ServerState spent = state.withProgress(
                KIND,
                ComponentState.of(KIND, 1)
                        .with(NANOS, spent(state).plusNanos(nanos).toNanos()));
        return result instanceof RoundResult.Abandoned abandoned
                ? new RoundResult.Abandoned(spent, abandoned.report(), abandoned.reason())
                : new RoundResult.Advanced(spent, ((RoundResult.Advanced) result).report());
    }

    static Optional<String> ended(ServerState state, Duration limit) {
        Duration spent = state.time().isZero() ? spent(state) : state.time();
        return spent.compareTo(limit) < 0
                ? Optional.empty()
                : Optional.of(
                        "round " + state.round() + ": " + spent + " have passed, and the time budget is " + limit);
    }

    private static Duration spent(ServerState state) {
        ComponentState kept = state.progress().state(KIND);
        return kept.isEmpty()
                ? Duration.ZERO
                : Duration.ofNanos(kept.expect(KIND, 1).longValue(NANOS));
    }
}
