package org.fl4j.remote;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.fl4j.FederatedLearningException;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.remote.MessageRefusedException.Refusal;

/**
 * A request that is not answered yet.
 *
 * @param id its id
 * @param who client and round, for messages
 * @param message the same bytes every time; asked on a transport's thread
 * @param decode reads the body of an answer; throws if it is damaged or does not answer the request
 * @param result what the server waits for
 */
record Pending<T>(
        RequestId id, String who, Supplier<byte[]> message, Function<byte[], T> decode, CompletableFuture<T> result) {

    /**
     * Reads an answer.
     *
     * @return completes {@link #result}, and with it what depends on it: to be run without a lock
     * @throws MessageRefusedException if its body is damaged or foreign
     */
    Runnable read(Answer answer) {
        return switch (answer.outcome()) {
            case COMPLETED -> {
                T value = decoded(answer.body().bytes());
                yield () -> result.complete(value);
            }
            case REJECTED -> () -> result.completeExceptionally(new UpdateRejectedException(answer.reason()));
            case FAILED -> () -> fail("it failed where its data are: " + answer.reason());
        };
    }

    void fail(String why) {
        result.completeExceptionally(new FederatedLearningException(who + ": " + why));
    }

    private T decoded(byte[] body) {
        try {
            return decode.apply(body);
        } catch (MessageRefusedException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new MessageRefusedException(
                    Refusal.MALFORMED, who + ": its answer is damaged or no answer to what was asked", e);
        }
    }
}
