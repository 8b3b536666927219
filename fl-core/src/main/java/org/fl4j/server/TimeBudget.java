package org.fl4j.server;

import java.time.Duration;
import java.util.Optional;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ComponentState;

/**
 * How long a run may be.
 *
 * @param limit after the round by which it has passed the run ends
 * @param isInState whether the state has the runner's time; otherwise the time that rounds took is counted here, over all parts of a run
 */
record TimeBudget(Duration limit, boolean isInState) {

    private static final String KIND = "time-spent";
    private static final String NANOS = "nanos";

    /** A refused round took nothing. Where the state has the time nothing is added, so that it keeps its bits. */
    RoundResult spend(RoundResult result, long nanos) {
        if (isInState || result instanceof RoundResult.Refused) {
            return result;
        }
        ServerState state = result.state();
        ServerState later = state.withProgress(
                KIND,
                ComponentState.of(KIND, 1)
                        .with(NANOS, counted(state).plusNanos(nanos).toNanos()));
        return result instanceof RoundResult.Abandoned abandoned
                ? new RoundResult.Abandoned(later, abandoned.report(), abandoned.reason())
                : new RoundResult.Advanced(later, ((RoundResult.Advanced) result).report());
    }

    Optional<String> ended(ServerState state) {
        Duration spent = isInState ? state.time() : counted(state);
        return spent.compareTo(limit) < 0
                ? Optional.empty()
                : Optional.of(
                        "round " + state.round() + ": " + spent + " have passed, and the time budget is " + limit);
    }

    private static Duration counted(ServerState state) {
        ComponentState kept = state.progress().state(KIND);
        return kept.isEmpty()
                ? Duration.ZERO
                : Duration.ofNanos(kept.expect(KIND, 1).longValue(NANOS));
    }
}
