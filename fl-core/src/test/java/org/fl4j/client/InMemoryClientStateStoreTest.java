package org.fl4j.client;

class InMemoryClientStateStoreTest extends ClientStateStoreContract {

    @Override
    protected ClientStateStore newStore() {
        return ClientStateStore.inMemory();
    }
}
