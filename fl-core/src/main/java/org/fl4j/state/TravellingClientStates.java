package org.fl4j.state;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;

/**
 * What some clients remember, on a journey: it came with their work from the server's store, and what they stage goes back with
 * the answer, to be staged there. For whoever trains a server's clients in another process.
 *
 * <p>Thread-safe.
 */
public final class TravellingClientStates implements ClientStateStore {

    private final Map<ClientId, ComponentState> remembered;
    private final Map<ClientId, ComponentState> staged = new ConcurrentHashMap<>();

    /**
     * States as they arrived.
     *
     * @param remembered what the last committed rounds of these clients left, where there is something
     */
    public TravellingClientStates(Map<ClientId, ComponentState> remembered) {
        this.remembered = Map.copyOf(remembered);
    }

    /**
     * What goes back.
     *
     * @param clients whose updates go with it; what others staged is dropped
     * @return a copy, by client
     */
    public Map<ClientId, ComponentState> staged(Collection<ClientId> clients) {
        Map<ClientId, ComponentState> back = new TreeMap<>(staged);
        back.keySet().retainAll(clients);
        return back;
    }

    @Override
    public ComponentState read(ClientId client) {
        return remembered.getOrDefault(client, ComponentState.EMPTY);
    }

    @Override
    public void stage(ClientId client, int round, long token, ComponentState state) {
        staged.put(client, state);
    }

    @Override
    public ClientStateStore.Claim claim(RunId run, int round) {
        throw atTheServer();
    }

    @Override
    public long begin(int round) {
        throw atTheServer();
    }

    @Override
    public void commit(int round, Collection<ClientId> accepted) {
        throw atTheServer();
    }

    @Override
    public void forgetBefore(int round) {
        throw atTheServer();
    }

    @Override
    public void forget(ClientId client) {
        throw atTheServer();
    }

    @Override
    public void eraseHistory() {
        throw atTheServer();
    }

    private static UnsupportedOperationException atTheServer() {
        return new UnsupportedOperationException(
                "states are committed at the server, not where its clients train in another process");
    }
}
