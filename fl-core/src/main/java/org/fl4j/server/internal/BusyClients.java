package org.fl4j.server.internal;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;

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
            sinceRound.remove(client);
        }
    }

    /** Whether a client has not returned from a call. */
    public boolean isInCall(ClientId client) {
        return sinceRound.containsKey(client);
    }

    /** How many have not returned from rounds before this one. */
    public long sinceBefore(int round) {
        return sinceRound.values().stream().filter(since -> since < round).count();
    }
}
