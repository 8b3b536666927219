package org.fl4j.testkit;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;

/**
 * The same work, begun and left to threads of a transport where the runner asks for that. Of every other client the whole is done there, and of
 * those between them the whole is the rest, which must not be done there. Under a runner that does not ask it is the work itself.
 */
record WorkInStages<R>(ClientRunner.Work<R> work) implements ClientRunner.Work<R> {

    private static final ExecutorService THREADS = Executors.newCachedThreadPool(TransportThread::new);

    /** A class, not a group: a thread that a runner makes while it is called from here would inherit the group. */
    private static final class TransportThread extends Thread {

        TransportThread(Runnable task) {
            super(task);
            setDaemon(true);
        }
    }

    @Override
    public ClientOutcome<R> perform(ClientId client) throws Exception {
        return work.perform(client);
    }

    @Override
    public CompletionStage<Callable<ClientOutcome<R>>> start(ClientId client) {
        CompletableFuture<Callable<ClientOutcome<R>>> stage = new CompletableFuture<>();
        boolean isDoneThere = client.value().hashCode() % 2 == 0;
        THREADS.execute(() -> {
            try {
                stage.complete(isDoneThere ? done(work.perform(client)) : () -> work.perform(client));
            } catch (Throwable t) {
                stage.completeExceptionally(t);
            }
        });
        return stage;
    }

    private static <R> Callable<ClientOutcome<R>> done(ClientOutcome<R> outcome) {
        return () -> {
            if (Thread.currentThread() instanceof TransportThread) {
                throw new AssertionError("the rest of the work was done on a thread of the transport");
            }
            return outcome;
        };
    }
}
