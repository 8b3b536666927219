package org.fl4j.state;

class InMemoryClientStateStoreTest extends ClientStateStoreContract {

    @Override
    protected ClientStateStore newStore() {
        return ClientStateStore.inMemory();
    }
}
