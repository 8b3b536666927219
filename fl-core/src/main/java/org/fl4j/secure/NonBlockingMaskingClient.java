package org.fl4j.secure;

import java.util.Objects;
import java.util.concurrent.CompletionStage;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.NonBlockingClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.internal.Stages;

/** A {@link MaskingClient} that answers without holding a thread; {@link NonBlockingClient} says what holds for its stages. */
public interface NonBlockingMaskingClient extends MaskingClient, NonBlockingClient {

    /**
     * Begins to answer the server's message of one stage, and returns soon: the thread is one of the runner's.
     *
     * @param task what the server asks in this round: the same in all its stages
     * @param message the stage's bytes
     * @return completes with the answer's bytes
     * @throws Exception for any reason; the round continues without this client
     */
    CompletionStage<byte[]> answerAsync(TrainingTask task, byte[] message) throws Exception;

    /** Waits for {@link #answerAsync}; an interrupt cancels its stage. */
    @Override
    default byte[] answer(TrainingTask task, byte[] message) throws Exception {
        return Stages.await(
                Objects.requireNonNull(answerAsync(task, message), "answerAsync returned null, not a stage"));
    }

    /** Throws, as {@link MaskingClient#train} does. */
    @Override
    default ClientUpdate train(TrainingTask task) throws Exception {
        return MaskingClient.super.train(task);
    }

    /** Throws, as {@link #train} does. */
    @Override
    default CompletionStage<ClientUpdate> trainAsync(TrainingTask task) throws Exception {
        train(task);
        throw new AssertionError("a client that sends clear updates as well overrides trainAsync");
    }
}
