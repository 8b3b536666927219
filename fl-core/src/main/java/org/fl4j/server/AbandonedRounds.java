package org.fl4j.server;

import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.server.report.RoundResult;
import org.jspecify.annotations.Nullable;

/**
 * Counts the rounds of one run that were abandoned in a row, and ends the run when there are too many, or when there were
 * no others: without it, a run whose clients all fail in every round would look as if it had trained.
 */
final class AbandonedRounds {

    private final int limit;
    private int inARow;
    private boolean anyOther;
    private RoundResult.@Nullable Abandoned first;

    AbandonedRounds(int limit) {
        this.limit = limit;
    }

    /**
     * To be told of each round's end.
     *
     * @param anyClients whether the population has clients: then an empty cohort is chance, or no client was available, and
     *     neither a failure nor a success
     * @throws FederatedServer.RunAbandonedException if this is one too many
     */
    void roundEnded(RoundResult result, boolean anyClients) {
        if (!(result instanceof RoundResult.Abandoned abandoned)) {
            inARow = 0;
            anyOther = true;
            return;
        }
        if (anyClients && abandoned.report().outcomes().isEmpty()) {
            return;
        }
        inARow++;
        RoundResult.Abandoned since = inARow == 1 || first == null ? abandoned : first;
        first = since;
        if (inARow >= limit) {
            throw new FederatedServer.RunAbandonedException(
                    inARow + " rounds in a row were abandoned, up to round "
                            + abandoned.report().round() + "; the first: " + since.reason()
                            + "; RoundPolicy.withMaxAbandoned says how many end a run",
                    causeOf(since.report()));
        }
    }

    /**
     * To be told of the run's end.
     *
     * @throws FederatedServer.RunAbandonedException if several rounds were abandoned and no other ended; one alone may be chance
     */
    void runEnded() {
        RoundResult.Abandoned since = first;
        if (limit < Integer.MAX_VALUE && !anyOther && inARow > 1 && since != null) {
            throw new FederatedServer.RunAbandonedException(
                    "no round of the run advanced: " + inARow + " were abandoned; the first: " + since.reason(),
                    causeOf(since.report()));
        }
    }

    private static @Nullable Throwable causeOf(RoundResult.Report report) {
        for (ClientOutcome<ClientUpdate.Receipt> outcome : report.outcomes()) {
            if (outcome instanceof ClientOutcome.Failed<ClientUpdate.Receipt> failed) {
                return failed.cause();
            }
        }
        return null;
    }
}
