package org.fl4j.server;

import java.util.Collection;
import org.fl4j.binary.ComponentState;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientStateStore;

/** The store of a server whose clients remember nothing: any round may be run again at any time. */
enum NoClientStates implements ClientStateStore {
    INSTANCE;

    @Override
    public void begin(int round) {}

    @Override
    public ComponentState read(ClientId client) {
        return ComponentState.EMPTY;
    }

    @Override
    public void stage(ClientId client, int round, ComponentState state) {}

    @Override
    public void commit(int round, Collection<ClientId> accepted) {}

    @Override
    public void forgetBefore(int round) {}
}
