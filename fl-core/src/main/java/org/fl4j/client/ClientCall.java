package org.fl4j.client;

import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.fl4j.ClientId;
import org.fl4j.internal.Stages;
import org.jspecify.annotations.Nullable;

/**
 * One client's turn on a thread: for the whole of its work, for its beginning, or for the rest once the answer is there. The flags are
 * guarded by the run's lock.
 */
final class ClientCall<R> {

    final int position;
    final long started = System.nanoTime();
    boolean holds;
    boolean lost;
    boolean dropped;
    private @Nullable CompletableFuture<Callable<ClientOutcome<R>>> answer;

    ClientCall(int position, @Nullable CompletableFuture<Callable<ClientOutcome<R>>> answer) {
        this.position = position;
        this.answer = answer;
    }

    /** The turn in which the rest is done. */
    ClientCall<R> again() {
        return new ClientCall<>(position, answer);
    }

    boolean isRest() {
        return answer != null;
    }

    /** Begins the work; whether the rest of it can be done at once. */
    boolean begin(ClientRunner.Work<R> work, ClientId client) throws Exception {
        CompletableFuture<Callable<ClientOutcome<R>>> begun = Stages.linked(Objects.requireNonNull(
                work.start(client), () -> "the work for client '" + client + "' returned no stage"));
        answer = begun;
        return begun.isDone();
    }

    CompletableFuture<Callable<ClientOutcome<R>>> answer() {
        return Objects.requireNonNull(answer);
    }

    ClientOutcome<R> rest(ClientId client) throws Exception {
        Callable<ClientOutcome<R>> rest = Stages.valueOf(answer());
        ClientOutcome<R> outcome = Objects.requireNonNull(
                        rest, () -> "the work for client '" + client + "' has no rest")
                .call();
        Objects.requireNonNull(outcome, () -> "the work for client '" + client + "' returned no outcome");
        if (!outcome.client().equals(client)) {
            throw new IllegalStateException(
                    "the work for client '" + client + "' returned an outcome of client '" + outcome.client() + "'");
        }
        return outcome;
    }
}
