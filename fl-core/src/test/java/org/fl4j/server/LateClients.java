package org.fl4j.server;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.NonBlockingClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.NonBlockingMaskingClient;

/** Makes clients non-blocking: they answer after a while, on the one thread of a transport, unless they are mute. */
final class LateClients implements UnaryOperator<Client>, AutoCloseable {

    static final String TRANSPORT = "test-transport";

    final Set<ClientId> mute = ConcurrentHashMap.newKeySet();
    final Set<ClientId> cancelled = ConcurrentHashMap.newKeySet();

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, TRANSPORT);
        made.setDaemon(true);
        return made;
    });
    private final Duration latency;

    LateClients(Duration latency) {
        this.latency = latency;
    }

    @Override
    public Client apply(Client client) {
        return client instanceof MaskingClient masking ? new Masking(masking) : new Plain(client);
    }

    private <T> CompletionStage<T> later(Client client, Callable<T> answer) {
        CompletableFuture<T> stage = new CompletableFuture<>();
        CompletableFuture<?> unusedEnd = stage.whenComplete((value, thrown) -> {
            if (stage.isCancelled()) {
                cancelled.add(client.id());
            }
        });
        if (!mute.contains(client.id())) {
            Future<?> unused = thread.schedule(
                    () -> {
                        try {
                            stage.complete(answer.call());
                        } catch (Exception e) {
                            stage.completeExceptionally(e);
                        }
                    },
                    latency.toNanos(),
                    TimeUnit.NANOSECONDS);
        }
        return stage;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    private final class Plain implements NonBlockingClient {

        private final Client client;

        Plain(Client client) {
            this.client = client;
        }

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public CompletionStage<ClientUpdate> trainAsync(TrainingTask task) {
            return later(client, () -> client.train(task));
        }

        @Override
        public CompletionStage<Evaluation> evaluateAsync(EvaluationTask task) {
            return later(client, () -> client.evaluate(task));
        }
    }

    private final class Masking implements NonBlockingMaskingClient {

        private final MaskingClient client;

        Masking(MaskingClient client) {
            this.client = client;
        }

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public CompletionStage<byte[]> answerAsync(TrainingTask task, byte[] message) {
            return later(client, () -> client.answer(task, message));
        }

        @Override
        public CompletionStage<Evaluation> evaluateAsync(EvaluationTask task) {
            return later(client, () -> client.evaluate(task));
        }
    }
}
