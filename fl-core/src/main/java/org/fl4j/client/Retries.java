package org.fl4j.client;

import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.internal.Check;
import org.fl4j.internal.Stages;
import org.fl4j.model.Evaluation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How often and when a client that fails is called again; {@link ClientProvider#retrying} says what counts. */
record Retries(int times, Duration backOff) {

    private static final Logger LOG = LoggerFactory.getLogger(ClientProvider.class);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int MOST_DOUBLINGS = 20;

    Retries {
        Check.atLeast("times", times, 1);
        if (backOff.isNegative() || backOff.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("backOff must be from 0 to " + LONGEST + ", but was " + backOff);
        }
    }

    Client around(Client client) {
        if (!client.mayBeCalledAgain()) {
            return client;
        }
        return client instanceof NonBlockingClient far ? new NonBlocking(this, far) : new Blocking(this, client);
    }

    /** Nanoseconds before the call after so many that failed: the back-off, doubled each time. */
    private long pause(int failed) {
        return backOff.multipliedBy(1L << Math.min(failed - 1, MOST_DOUBLINGS)).toNanos();
    }

    private boolean isFinal(Throwable thrown, int failed) {
        return failed > times || !(thrown instanceof Exception) || isMeant(thrown);
    }

    /** The client's answer, the server's failure or the round's end, which another call would not change. */
    private static boolean isMeant(Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < 100; depth++) {
            if (cause instanceof UpdateRejectedException
                    || cause instanceof ClientRunner.ServerFailureException
                    || cause instanceof InterruptedException
                    || cause instanceof RunInterruptedException
                    || cause instanceof ClosedByInterruptException
                    || (cause instanceof InterruptedIOException && !(cause instanceof SocketTimeoutException))) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static void note(ClientId client, int failed, Throwable thrown) {
        LOG.debug("client '{}' failed {} times and is called again", client, failed, thrown);
    }

    private record Blocking(Retries retries, Client client) implements Client {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            return call(() -> client.train(task));
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return call(() -> client.evaluate(task));
        }

        @Override
        public Optional<String> objection(TrainingTask task) {
            return client.objection(task);
        }

        private <T> T call(Callable<T> call) throws Exception {
            for (int failed = 1; ; failed++) {
                try {
                    return call.call();
                } catch (Exception e) {
                    if (retries.isFinal(e, failed) || Thread.currentThread().isInterrupted()) {
                        throw e;
                    }
                    note(id(), failed, e);
                    TimeUnit.NANOSECONDS.sleep(retries.pause(failed));
                }
            }
        }
    }

    private record NonBlocking(Retries retries, NonBlockingClient client) implements NonBlockingClient {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public CompletionStage<ClientUpdate> trainAsync(TrainingTask task) {
            return call(() -> client.trainAsync(task));
        }

        @Override
        public CompletionStage<Evaluation> evaluateAsync(EvaluationTask task) {
            return call(() -> client.evaluateAsync(task));
        }

        @Override
        public Optional<String> objection(TrainingTask task) {
            return client.objection(task);
        }

        private <T> CompletableFuture<T> call(Callable<CompletionStage<T>> call) {
            Attempts<T> attempts = new Attempts<>(retries, client.id(), call);
            attempts.next();
            return attempts.result;
        }
    }

    /** The calls of one client for one task: one after another, each begun where the wait for it ended. */
    private static final class Attempts<T> {

        private final CompletableFuture<T> result = new CompletableFuture<>();
        private final Retries retries;
        private final ClientId client;
        private final Callable<CompletionStage<T>> call;
        private int failed;

        Attempts(Retries retries, ClientId client, Callable<CompletionStage<T>> call) {
            this.retries = retries;
            this.client = client;
            this.call = call;
        }

        void next() {
            CompletableFuture<T> attempt;
            try {
                attempt = Stages.linked(call.call());
            } catch (Throwable t) {
                ended(null, t);
                return;
            }
            CompletableFuture<?> unusedEnd = result.whenComplete((value, thrown) -> {
                if (result.isCancelled()) {
                    attempt.cancel(true);
                }
            });
            CompletableFuture<?> unusedNext = attempt.whenComplete(this::ended);
        }

        private void ended(@Nullable T value, @Nullable Throwable thrown) {
            if (thrown == null) {
                result.complete(value);
                return;
            }
            Throwable cause = Stages.causeOf(thrown);
            failed++;
            if (result.isDone() || retries.isFinal(cause, failed)) {
                result.completeExceptionally(cause);
                return;
            }
            note(client, failed, cause);
            Executor later = CompletableFuture.delayedExecutor(retries.pause(failed), TimeUnit.NANOSECONDS);
            later.execute(() -> {
                if (!result.isDone()) {
                    next();
                }
            });
        }
    }
}
