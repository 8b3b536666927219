package org.fl4j.client;

import java.time.Duration;
import java.util.function.Function;
import org.fl4j.ClientId;

/**
 * The outcome of one client in one round. A failure of a client is a value, never an exception of the round; a failure of the server is
 * {@link ClientRunner.ServerFailureException}.
 *
 * @param <R> the type of a result
 */
public sealed interface ClientOutcome<R> {

    /**
     * Who.
     *
     * @return the client
     */
    ClientId client();

    /** Returns this outcome in words, for reasons and logs, with the client's id. Not for clients of a private rule. */
    default String describe() {
        String client = "client '" + client() + "'";
        if (this instanceof Failed<R> failed) {
            return client + " failed: " + failed.reason();
        }
        if (this instanceof Rejected<R> rejected) {
            return rejected.reason().startsWith(client) ? rejected.reason() : client + ": " + rejected.reason();
        }
        if (this instanceof TimedOut<R> timedOut) {
            return client + " missed the deadline of " + timedOut.after();
        }
        if (this instanceof NotStarted<R> notStarted) {
            return client + " was not started before the deadline of " + notStarted.after();
        }
        if (this instanceof Busy<R> busy) {
            return client + " is still at work on round " + busy.round() + " and was not called";
        }
        if (this instanceof Stale<R> stale) {
            return client + " was abandoned: its update would have a staleness of at least " + stale.staleness();
        }
        return client + (this instanceof Surplus ? " was not needed" : " completed");
    }

    /**
     * The same outcome with another result.
     *
     * @param <S> the type of the other result
     * @param change makes it of this one; called only for a completed client
     * @return the outcome
     */
    default <S> ClientOutcome<S> map(Function<? super R, ? extends S> change) {
        if (this instanceof Completed<R> completed) {
            return new Completed<>(completed.client(), change.apply(completed.result()));
        }
        if (this instanceof Failed<R> failed) {
            return new Failed<>(failed.client(), failed.cause());
        }
        if (this instanceof TimedOut<R> timedOut) {
            return new TimedOut<>(timedOut.client(), timedOut.after());
        }
        if (this instanceof Rejected<R> rejected) {
            return new Rejected<>(rejected.client(), rejected.reason());
        }
        if (this instanceof NotStarted<R> notStarted) {
            return new NotStarted<>(notStarted.client(), notStarted.after());
        }
        if (this instanceof Busy<R> busy) {
            return new Busy<>(busy.client(), busy.round());
        }
        if (this instanceof Stale<R> stale) {
            return new Stale<>(stale.client(), stale.staleness());
        }
        return new Surplus<>(client());
    }

    /**
     * The client did its work.
     *
     * @param <R> the type of the result
     * @param client who
     * @param result its result
     */
    record Completed<R>(ClientId client, R result) implements ClientOutcome<R> {}

    /**
     * The client threw. An {@link Error} is a value as well: a class that is missing, or memory that is, in one client's
     * code is no reason to end the run of the others.
     *
     * @param <R> the type of a result
     * @param client who
     * @param cause what it threw; of a class of the client's, so its methods may throw in turn
     */
    record Failed<R>(ClientId client, Throwable cause) implements ClientOutcome<R> {

        /**
         * The cause in words, for logs and reports.
         *
         * @return its {@code toString()}, or the name of its class where that throws
         */
        public String reason() {
            return ClientRunner.ServerFailureException.inWords(cause);
        }

        @Override
        public String toString() {
            return "Failed[client=" + client + ", cause=" + reason() + "]";
        }
    }

    /**
     * The client was at work and had not finished at the deadline: a straggler.
     *
     * @param <R> the type of a result
     * @param client who
     * @param after the deadline
     */
    record TimedOut<R>(ClientId client, Duration after) implements ClientOutcome<R> {}

    /**
     * The deadline passed before the client's turn came: it was not called, so this says nothing about the client.
     *
     * @param <R> the type of a result
     * @param client who
     * @param after the deadline
     */
    record NotStarted<R>(ClientId client, Duration after) implements ClientOutcome<R> {}

    /**
     * The client was still at work on an earlier call, whose deadline had passed, and was not called again.
     *
     * @param <R> the type of a result
     * @param client who
     * @param round of the call it is still at work on
     */
    record Busy<R>(ClientId client, int round) implements ClientOutcome<R> {}

    /**
     * The client answered with something the server does not take.
     *
     * @param <R> the type of a result
     * @param client who
     * @param reason who, when, expected, actual
     */
    record Rejected<R>(ClientId client, String reason) implements ClientOutcome<R> {}

    /**
     * The client was at work on a task of asynchronous rounds for so long that its update would be too stale.
     *
     * @param <R> the type of a result
     * @param client who
     * @param staleness which its update would have had in the next round
     */
    record Stale<R>(ClientId client, int staleness) implements ClientOutcome<R> {}

    /**
     * The client was over-selected: enough others had finished first.
     *
     * @param <R> the type of a result
     * @param client who
     */
    record Surplus<R>(ClientId client) implements ClientOutcome<R> {}
}
