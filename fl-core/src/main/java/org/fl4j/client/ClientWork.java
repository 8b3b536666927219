package org.fl4j.client;

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
     * @return {@link ClientOutcome.Completed}, or {@link ClientOutcome.Rejected} with the reason
     * @throws Exception makes the outcome {@link ClientOutcome.Failed}
     */
    ClientOutcome<R> perform(ClientId client) throws Exception;
}
