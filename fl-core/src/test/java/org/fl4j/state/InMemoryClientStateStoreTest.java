package org.fl4j.state;

import org.fl4j.testkit.ClientStateStoreContract;

class InMemoryClientStateStoreTest extends ClientStateStoreContract {

    @Override
    protected ClientStateStore newStore() {
        return ClientStateStore.inMemory();
    }
}
