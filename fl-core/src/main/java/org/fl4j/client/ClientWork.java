package org.fl4j.client;

import org.fl4j.ClientId;

/**
 * What a {@link ClientRunner} does for one client, on a thread of its own choice.
 *
 * @param <R> the type of a result
 */
@FunctionalInterface
public interface ClientWork<R> {

    /**
     * Does the work.
     *
     * @param client for whom
     * @return {@link ClientOutcome.Completed}, or why there is no result: {@link ClientOutcome.Rejected} with the reason,
     *     {@link ClientOutcome.Busy}
     * @throws ServerFailureException ends the run, also as the cause of another exception
     * @throws Exception makes the outcome {@link ClientOutcome.Failed}, and so does an {@link Error}
     */
    ClientOutcome<R> perform(ClientId client) throws Exception;
}
