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
    private boolean opened;
    private int open;
    private int earliest = 1;
    private int newest;

    @Override
    public synchronized void begin(int round) {
        opened = true;
        if (round == 1) {
            committed.clear();
            earliest = 1;
        }
        if (round < earliest) {
            throw new IllegalStateException(
                    "round " + round + " cannot be run again: what clients remembered before round " + earliest
                            + " is gone; resume from a later state or start with an empty store");
        }
        staged.clear();
        open = round;
        if (round <= newest) {
            committed.values().forEach(states -> states.tailMap(round, true).clear());
            committed.values().removeIf(Map::isEmpty);
        }
    }

    @Override
    public synchronized ComponentState read(ClientId client) {
        NavigableMap<Integer, ComponentState> states = committed.get(client);
        return states == null ? ComponentState.EMPTY : states.lastEntry().getValue();
    }

    @Override
    public synchronized void stage(ClientId client, int round, ComponentState state) {
        if (!opened && !state.isEmpty()) {
            throw new IllegalStateException("client '" + client + "', round " + round
                    + ": what it wants to remember would be lost, no server commits to this store; give one store to"
                    + " LocalObjectives.rememberingIn and to the server's clientStates");
        }
        if (round == open) {
            staged.put(client, state);
        }
    }

    @Override
    public synchronized void commit(int round, Collection<ClientId> accepted) {
        if (round != open || open == 0) {
            throw new IllegalStateException(
                    "round " + round + " is not open; " + (open == 0 ? "none is" : "the open round is " + open));
        }
        for (ClientId client : accepted) {
            ComponentState state = staged.get(client);
            if (state != null) {
                committed.computeIfAbsent(client, id -> new TreeMap<>()).put(round, state);
            }
        }
        staged.clear();
        open = 0;
        newest = round;
    }

    @Override
    public synchronized void forgetBefore(int round) {
        if (round <= earliest) {
            return;
        }
        earliest = round;
        for (NavigableMap<Integer, ComponentState> states : committed.values()) {
            Integer needed = states.lowerKey(round);
            if (needed != null) {
                states.headMap(needed, false).clear();
            }
        }
    }
}
