package org.fl4j.client;

import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.MaskingClient;

/**
 * One who holds data that may not leave and trains on them. {@link LocalClient} trains in this JVM; a host implements
 * this interface over its own transport for clients elsewhere, and decorators (local privacy, faults, timing) wrap one
 * client in another. Under a secure rule a client elsewhere is a {@link MaskingClient}.
 *
 * <p>Thread rule: the runner calls a client from one thread at a time, different clients from different threads;
 * while a client has not returned, it is not called again, also in later rounds ({@link ClientOutcome.Busy}). A
 * client may throw anything: the {@link ClientRunner} is the one place that catches it and makes it a
 * {@link ClientOutcome.Failed}.
 */
public interface Client {

    /**
     * Who this is.
     *
     * @return always the same id
     */
    ClientId id();

    /**
     * Trains from the task's global weights on.
     *
     * @param task what to do
     * @return the update
     * @throws Exception for any reason; the round continues without this client
     */
    ClientUpdate train(TrainingTask task) throws Exception;

    /**
     * Evaluates global weights on this client's own data.
     *
     * @param task the weights, and what to collect
     * @return how well they do; with other statistics than the task asks for it is left out
     * @throws Exception for any reason; the evaluation continues without this client
     */
    Evaluation evaluate(EvaluationTask task) throws Exception;

    /**
     * Why this client could not do a task like this one, whatever its data. The server asks before the first round of a
     * run, so that a mistake in the set-up does not pass for clients that fail: under a private rule nobody would be told
     * of those. Decorators delegate.
     *
     * @param task a task of the round to come; the seed is no client's
     * @return empty if nothing speaks against it, and for a client that cannot tell without looking at its data or
     *     without a message to where they are
     */
    default Optional<String> objection(TrainingTask task) {
        return Optional.empty();
    }

    /**
     * Whether a call that failed may be made again with the same task, which {@link ClientProvider#retrying} does. A client that is one
     * end of a protocol says no.
     *
     * @return true unless overridden
     */
    default boolean mayBeCalledAgain() {
        return true;
    }
}
