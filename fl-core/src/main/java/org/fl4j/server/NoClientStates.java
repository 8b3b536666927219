package org.fl4j.server;

import java.util.Collection;
import org.fl4j.ClientId;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunClaim;
import org.fl4j.state.RunId;

/** The store of a server whose clients remember nothing: any round may be run again at any time. */
enum NoClientStates implements ClientStateStore {
    INSTANCE;

    @Override
    public RunClaim claim(RunId run, int round) {
        return () -> {};
    }

    @Override
    public long begin(int round) {
        return 0;
    }

    @Override
    public ComponentState read(ClientId client) {
        return ComponentState.EMPTY;
    }

    @Override
    public void stage(ClientId client, int round, long token, ComponentState state) {}

    @Override
    public void commit(int round, Collection<ClientId> accepted) {}

    @Override
    public void forgetBefore(int round) {}

    @Override
    public void eraseHistory() {}
}
