package org.fl4j.server.internal;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.internal.Stages;

/**
 * Who is inside a call, since which round: a client is not called again before it has returned, whatever became of the
 * round it was called in. Of one server, over all its runs. Thread-safe.
 */
public final class BusyClients {

    private final Map<ClientId, Integer> sinceRound = new ConcurrentHashMap<>();

    /** Calls a client, on the calling thread, unless it is inside another call. */
    public <R> ClientOutcome<R> call(ClientId client, int round, Callable<ClientOutcome<R>> work) throws Exception {
        Integer since = sinceRound.putIfAbsent(client, round);
        if (since != null) {
            return new ClientOutcome.Busy<>(client, since);
        }
        try {
            return work.call();
        } finally {
            returned(client);
        }
    }

    private synchronized void returned(ClientId client) {
        sinceRound.remove(client);
        notifyAll();
    }

    /**
     * Waits until a client is inside no call of a round, for work of that round that was given up and is done again.
     *
     * @throws InterruptedException if the calling thread is interrupted
     */
    public synchronized void awaitReturn(ClientId client, int round) throws InterruptedException {
        while (Objects.equals(sinceRound.get(client), round)) {
            wait();
        }
    }

    /** The round of the call that a client has not returned from, if it is inside one. */
    public Optional<Integer> since(ClientId client) {
        return Optional.ofNullable(sinceRound.get(client));
    }

    /** Whether a client has not returned from a call. */
    public boolean isInCall(ClientId client) {
        return sinceRound.containsKey(client);
    }

    /**
     * Begins a call that takes no thread, unless the client is inside another: it is inside this one until the stage completes.
     *
     * @param call begins it
     * @param rest what is left to do with the answer, elsewhere
     */
    public <T, R> CompletionStage<Callable<ClientOutcome<R>>> start(
            ClientId client, int round, Callable<CompletionStage<T>> call, Function<T, Callable<ClientOutcome<R>>> rest)
            throws Exception {
        Integer since = sinceRound.putIfAbsent(client, round);
        if (since != null) {
            return busy(client, since);
        }
        try {
            CompletionStage<T> stage = Objects.requireNonNull(call.call(), "the client returned null, not a stage");
            return Stages.linked(stage, () -> returned(client), rest);
        } catch (Throwable t) {
            returned(client);
            throw t;
        }
    }

    /** What a client that is inside a call comes to. */
    public <R> Optional<CompletionStage<Callable<ClientOutcome<R>>>> busy(ClientId client) {
        return Optional.ofNullable(sinceRound.get(client)).map(since -> busy(client, since));
    }

    private static <R> CompletionStage<Callable<ClientOutcome<R>>> busy(ClientId client, int since) {
        return CompletableFuture.completedFuture(() -> new ClientOutcome.Busy<>(client, since));
    }

    /** How many have not returned from rounds before this one. */
    public long sinceBefore(int round) {
        return sinceRound.values().stream().filter(since -> since < round).count();
    }
}
