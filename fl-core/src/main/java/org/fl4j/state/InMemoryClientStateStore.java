package org.fl4j.state;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.fl4j.ClientId;

/** Every client's committed states by round, as far back as resuming may need, under one lock. */
final class InMemoryClientStateStore implements ClientStateStore {

    private final Map<ClientId, NavigableMap<Integer, ComponentState>> committed = new HashMap<>();
    private final Map<ClientId, ComponentState> staged = new HashMap<>();
    private final StateRounds rounds = new StateRounds("the client state store in memory", Optional.empty(), false);
    private final boolean yieldsToNewRuns;

    /**
     * @param yieldsToNewRuns whether a new run, once it begins, replaces the one before, and is not rejected
     */
    InMemoryClientStateStore(boolean yieldsToNewRuns) {
        this.yieldsToNewRuns = yieldsToNewRuns;
    }

    @Override
    public synchronized ClientStateStore.Claim claim(RunId run, int round) {
        rounds.claim(run, round, yieldsToNewRuns);
        return ClientStateStore.Claim.releasedBy(this::release);
    }

    private synchronized void release() {
        rounds.release();
    }

    @Override
    public synchronized long begin(int round) {
        StateRounds.History history = rounds.checkBegin(round);
        staged.clear();
        if (!rounds.isKept(history)) {
            committed.values().forEach(states -> states.tailMap(round, true).clear());
            committed.values().removeIf(Map::isEmpty);
        }
        return rounds.begun(round, history);
    }

    @Override
    public synchronized ComponentState read(ClientId client) {
        NavigableMap<Integer, ComponentState> states = committed.get(client);
        return states == null ? ComponentState.EMPTY : states.lastEntry().getValue();
    }

    @Override
    public synchronized void stage(ClientId client, int round, long token, ComponentState state) {
        if (rounds.takes(round, token, state)) {
            staged.put(client, state);
        }
    }

    @Override
    public synchronized void commit(int round, Collection<ClientId> accepted) {
        StateRounds.History history = rounds.checkCommit(round);
        for (ClientId client : accepted) {
            ComponentState state = staged.get(client);
            if (state != null) {
                committed.computeIfAbsent(client, id -> new TreeMap<>()).put(round, state);
            }
        }
        staged.clear();
        rounds.committed(history);
    }

    @Override
    public synchronized void forgetBefore(int round) {
        rounds.forgetting(round).ifPresent(history -> {
            rounds.forgot(history);
            for (NavigableMap<Integer, ComponentState> states : committed.values()) {
                Integer needed = states.lowerKey(round);
                if (needed != null) {
                    states.headMap(needed, false).clear();
                }
            }
        });
    }

    @Override
    public synchronized void forget(ClientId client) {
        rounds.checkErase();
        staged.remove(client);
        committed.remove(client);
    }

    @Override
    public synchronized void eraseHistory() {
        rounds.checkErase();
        staged.clear();
        committed.clear();
        rounds.erased();
    }
}
