package org.fl4j.state;

import java.util.Collection;
import org.fl4j.ClientId;

/** The store of a server whose clients remember nothing: any round may be run again at any time. */
enum NoClientStates implements ClientStateStore {
    INSTANCE;

    @Override
    public ClientStateStore.Claim claim(RunId run, int round) {
        return () -> {};
    }

    @Override
    public long begin(int round) {
        return StateRounds.newToken();
    }

    @Override
    public ComponentState read(ClientId client) {
        return ComponentState.EMPTY;
    }

    @Override
    public void stage(ClientId client, int round, long token, ComponentState state) {
        if (!state.isEmpty()) {
            throw new IllegalStateException("round " + round
                    + ": what a client wants to remember would be lost: its provider has no clientStates()");
        }
    }

    @Override
    public void commit(int round, Collection<ClientId> accepted) {}

    @Override
    public void forgetBefore(int round) {}

    @Override
    public void forget(ClientId client) {}

    @Override
    public void eraseHistory() {}
}
