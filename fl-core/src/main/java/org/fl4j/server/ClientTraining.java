package org.fl4j.server;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.NonBlockingClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.internal.BusyClients;
import org.fl4j.server.internal.TrafficCount;
import org.jspecify.annotations.Nullable;

/** What a runner does for a client that trains in the clear: train, check, and let the rule look at the update. */
record ClientTraining<T>(
        ClientProvider clients, BusyClients busy, Function<ClientId, TrainingTask> tasks, Reception<T> reception)
        implements ClientRunner.Work<T> {

    @Override
    public ClientOutcome<T> perform(ClientId id) throws Exception {
        TrainingTask task = tasks.apply(id);
        return busy.call(id, task.round(), () -> reception.train(() -> clients.client(id), id, task));
    }

    @Override
    public CompletionStage<Callable<ClientOutcome<T>>> start(ClientId id) throws Exception {
        Optional<CompletionStage<Callable<ClientOutcome<T>>>> inCall = busy.busy(id);
        if (inCall.isPresent()) {
            return inCall.get();
        }
        Client client = NativeThreads.pinned(() -> clients.client(id));
        TrainingTask task = tasks.apply(id);
        return client instanceof NonBlockingClient far
                ? busy.start(
                        id,
                        task.round(),
                        () -> NativeThreads.pinned(() -> {
                            reception.traffic().sent(id, task);
                            return far.trainAsync(task);
                        }),
                        update -> () -> reception.of(update, id, task))
                : CompletableFuture.completedFuture(
                        () -> busy.call(id, task.round(), () -> reception.train(() -> client, id, task)));
    }

    /** How an update is received: its bytes are counted, it is checked, and the rule looks at it. */
    record Reception<T>(TrafficCount.Stage traffic, boolean isPrivate, Function<ClientUpdate, T> look) {

        /** On one thread. */
        ClientOutcome<T> train(Supplier<Client> trainee, ClientId id, TrainingTask task) throws Exception {
            ClientUpdate update = NativeThreads.pinned(() -> {
                Client client = trainee.get();
                traffic.sent(id, task);
                return client.train(task);
            });
            return of(update, id, task);
        }

        private ClientOutcome<T> of(@Nullable ClientUpdate update, ClientId id, TrainingTask task) {
            try {
                if (update != null) {
                    traffic.answered(id, task, update);
                }
                ClientUpdate checked =
                        ClientRunner.ServerFailureException.ours(() -> task.requireAnsweredBy(id, update));
                return new ClientOutcome.Completed<>(
                        id, ClientRunner.ServerFailureException.ofRule(isPrivate, () -> look.apply(checked)));
            } catch (UpdateRejectedException e) {
                return new ClientOutcome.Rejected<>(id, e.of(id, task.round()).reason());
            }
        }
    }
}
