package org.fl4j.server;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;

/**
 * Runs clients one after the other. One that says it is {@link #stuck} misses the deadline there and then, whatever the
 * clock says, and is left at work.
 */
final class StragglerRunner implements ClientRunner {

    private final CompletableFuture<Void> stuck = new CompletableFuture<>();
    private final List<ClientRunner.Limits> asked = new ArrayList<>();

    /** Called by a client that will not come back soon. */
    void stuck() {
        stuck.complete(null);
    }

    /** The limits of every run so far. */
    List<ClientRunner.Limits> asked() {
        return asked;
    }

    @Override
    public <R> void run(
            List<ClientId> cohort,
            ClientRunner.Work<R> work,
            ClientRunner.Limits limits,
            Consumer<? super ClientOutcome<R>> sink) {
        asked.add(limits);
        for (ClientId client : cohort) {
            boolean stuckBefore = stuck.isDone();
            CompletableFuture<ClientOutcome<R>> outcome =
                    CompletableFuture.supplyAsync(() -> perform(work, client), StragglerRunner::onAThreadOfItsOwn);
            await(stuckBefore ? outcome : CompletableFuture.anyOf(outcome, stuck));
            sink.accept(outcome.getNow(new ClientOutcome.TimedOut<>(client, limits.deadline())));
        }
    }

    /** Not {@code join}, which a test's time limit could not interrupt. */
    private static void await(CompletableFuture<?> future) {
        try {
            future.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void onAThreadOfItsOwn(Runnable work) {
        Thread thread = new Thread(work, "straggler-runner");
        thread.setDaemon(true);
        thread.start();
    }

    private static <R> ClientOutcome<R> perform(ClientRunner.Work<R> work, ClientId client) {
        try {
            return work.perform(client);
        } catch (Exception e) {
            return new ClientOutcome.Failed<>(client, e);
        }
    }
}
