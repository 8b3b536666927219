package org.fl4j.client;

import java.time.Duration;
import java.util.function.Function;

/**
 * What became of one client in one round. A failure of a client is a value, never an exception of the round.
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
            return new Rejected<>(rejected.client(), rejected.why());
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
     * The client threw.
     *
     * @param <R> the type of a result
     * @param client who
     * @param cause what it threw
     */
    record Failed<R>(ClientId client, Exception cause) implements ClientOutcome<R> {}

    /**
     * The client had not finished, or not started, at the deadline: a straggler.
     *
     * @param <R> the type of a result
     * @param client who
     * @param after the deadline
     */
    record TimedOut<R>(ClientId client, Duration after) implements ClientOutcome<R> {}

    /**
     * The client answered with something the server does not take.
     *
     * @param <R> the type of a result
     * @param client who
     * @param why who, when, expected, actual
     */
    record Rejected<R>(ClientId client, String why) implements ClientOutcome<R> {}

    /**
     * The client was over-selected: enough others had finished first.
     *
     * @param <R> the type of a result
     * @param client who
     */
    record Surplus<R>(ClientId client) implements ClientOutcome<R> {}
}
