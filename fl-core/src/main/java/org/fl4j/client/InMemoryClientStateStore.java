package org.fl4j.client;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.fl4j.binary.ComponentState;

/** Every client's committed states by round, as far back as resuming may need, under one lock. */
final class InMemoryClientStateStore implements ClientStateStore {

    private final Map<ClientId, NavigableMap<Integer, ComponentState>> committed = new HashMap<>();
    private final Map<ClientId, ComponentState> staged = new HashMap<>();
    private final StateRounds rounds = new StateRounds(1);
    private int newest;

    @Override
    public synchronized void begin(int round) {
        rounds.checkBegin(round);
        staged.clear();
        if (round == 1) {
            committed.clear();
        } else if (round <= newest) {
            committed.values().forEach(states -> states.tailMap(round, true).clear());
            committed.values().removeIf(Map::isEmpty);
        }
        rounds.begun(round);
    }

    @Override
    public synchronized ComponentState read(ClientId client) {
        NavigableMap<Integer, ComponentState> states = committed.get(client);
        return states == null ? ComponentState.EMPTY : states.lastEntry().getValue();
    }

    @Override
    public synchronized void stage(ClientId client, int round, ComponentState state) {
        if (rounds.takes(client, round, state)) {
            staged.put(client, state);
        }
    }

    @Override
    public synchronized void commit(int round, Collection<ClientId> accepted) {
        rounds.checkCommit(round);
        for (ClientId client : accepted) {
            ComponentState state = staged.get(client);
            if (state != null) {
                committed.computeIfAbsent(client, id -> new TreeMap<>()).put(round, state);
            }
        }
        staged.clear();
        newest = round;
        rounds.committed();
    }

    @Override
    public synchronized void forgetBefore(int round) {
        if (round <= rounds.earliest()) {
            return;
        }
        rounds.forgotBefore(round);
        for (NavigableMap<Integer, ComponentState> states : committed.values()) {
            Integer needed = states.lowerKey(round);
            if (needed != null) {
                states.headMap(needed, false).clear();
            }
        }
    }
}
