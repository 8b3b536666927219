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

/** What a runner does for a client that trains in the clear: train, check, and let the rule look at the update. */
record ClientTraining<T>(
        ServerSettings settings,
        Function<ClientId, TrainingTask> tasks,
        boolean isPrivate,
        Function<ClientUpdate, T> look)
        implements ClientRunner.Work<T> {

    @Override
    public ClientOutcome<T> perform(ClientId id) throws Exception {
        TrainingTask task = tasks.apply(id);
        return busy().call(id, task.round(), () -> train(settings.clients(), id, task, isPrivate, look));
    }

    @Override
    public CompletionStage<Callable<ClientOutcome<T>>> start(ClientId id) throws Exception {
        Optional<CompletionStage<Callable<ClientOutcome<T>>>> busy = busy().busy(id);
        if (busy.isPresent()) {
            return busy.get();
        }
        Client client = NativeThreads.pinned(() -> settings.clients().client(id));
        TrainingTask task = tasks.apply(id);
        return client instanceof NonBlockingClient far
                ? busy().start(
                                id,
                                task.round(),
                                () -> NativeThreads.pinned(() -> far.trainAsync(task)),
                                update -> () -> seen(id, task, update, isPrivate, look))
                : CompletableFuture.completedFuture(
                        () -> busy().call(id, task.round(), () -> train(() -> client, id, task, isPrivate, look)));
    }

    private BusyClients busy() {
        return settings.busy();
    }

    /** The same on one thread, for those that drive clients without a server. */
    static <T> ClientOutcome<T> train(
            ClientProvider clients,
            ClientId client,
            TrainingTask task,
            boolean isPrivate,
            Function<ClientUpdate, T> look)
            throws Exception {
        return train(() -> clients.client(client), client, task, isPrivate, look);
    }

    private static <T> ClientOutcome<T> train(
            Supplier<Client> trainee,
            ClientId client,
            TrainingTask task,
            boolean isPrivate,
            Function<ClientUpdate, T> look)
            throws Exception {
        return seen(client, task, NativeThreads.pinned(() -> trainee.get().train(task)), isPrivate, look);
    }

    private static <T> ClientOutcome<T> seen(
            ClientId client,
            TrainingTask task,
            ClientUpdate update,
            boolean isPrivate,
            Function<ClientUpdate, T> look) {
        try {
            ClientUpdate checked =
                    ClientRunner.ServerFailureException.ours(() -> task.requireAnsweredBy(client, update));
            return new ClientOutcome.Completed<>(
                    client, ClientRunner.ServerFailureException.ofRule(isPrivate, () -> look.apply(checked)));
        } catch (UpdateRejectedException e) {
            return new ClientOutcome.Rejected<>(
                    client, e.of(client, task.round()).reason());
        }
    }
}
