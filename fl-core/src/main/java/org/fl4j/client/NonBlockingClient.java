package org.fl4j.client;

import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.fl4j.internal.Stages;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.NonBlockingMaskingClient;

/**
 * A client that answers without holding a thread, over a transport of the host that does not block: a thousand of them take a few
 * threads. {@link InProcessRunner} keeps as many waiting as its {@linkplain InProcessRunner#withWindow window} has room for; under any
 * other runner they block.
 *
 * <pre>{@code
 * record HttpClientOf(ClientId id, HttpClient http, URI uri) implements NonBlockingClient {
 *     public CompletionStage<ClientUpdate> trainAsync(TrainingTask task) {
 *         return http.sendAsync(request(uri, task.toBytes()), BodyHandlers.ofByteArray())
 *                 .thenApply(response -> ClientUpdate.fromBytes(response.body()));
 *     }
 * }
 * }</pre>
 *
 * <ul>
 *   <li>A stage may complete on any thread. Only the hand-over happens there: checks and the rule's look at the update run on a
 *       thread of the runner.
 *   <li>A stage that fails is the client's failure, as an exception of {@link #train} is.
 *   <li>The client is busy ({@link ClientOutcome.Busy}) until its stage completes. When the round no longer waits for it, the stage is
 *       cancelled if it is a {@link java.util.concurrent.Future}, which completes it: cancelling must not block, and what it does
 *       not reach, such as a request further up, is the host's to end.
 *   <li>A decorator around it should be one as well; one that is a plain {@link Client} holds a thread.
 *   <li>Under a secure rule a client elsewhere is a {@link NonBlockingMaskingClient}.
 * </ul>
 */
public interface NonBlockingClient extends Client {

    /**
     * Begins to train from the task's global weights on, and returns soon: the thread is one of the runner's.
     *
     * @param task what to do
     * @return completes with the update
     * @throws Exception for any reason; the round continues without this client
     */
    CompletionStage<ClientUpdate> trainAsync(TrainingTask task) throws Exception;

    /**
     * Begins to evaluate global weights on this client's own data.
     *
     * @param task the weights
     * @return completes with how well they do
     * @throws Exception for any reason; the evaluation continues without this client
     */
    CompletionStage<Evaluation> evaluateAsync(EvaluationTask task) throws Exception;

    /** Waits for {@link #trainAsync}; an interrupt cancels its stage. */
    @Override
    default ClientUpdate train(TrainingTask task) throws Exception {
        return Stages.await(Objects.requireNonNull(trainAsync(task), "trainAsync returned null, not a stage"));
    }

    /** Waits for {@link #evaluateAsync}; an interrupt cancels its stage. */
    @Override
    default Evaluation evaluate(EvaluationTask task) throws Exception {
        return Stages.await(Objects.requireNonNull(evaluateAsync(task), "evaluateAsync returned null, not a stage"));
    }
}
