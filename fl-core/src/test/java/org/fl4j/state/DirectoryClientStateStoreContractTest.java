package org.fl4j.state;

import java.nio.file.Path;
import org.fl4j.testkit.ClientStateStoreContract;
import org.junit.jupiter.api.io.TempDir;

class DirectoryClientStateStoreContractTest extends ClientStateStoreContract {

    @TempDir
    private Path folder;

    @Override
    protected ClientStateStore newStore() {
        return ClientStateStore.inDirectory(folder.resolve("made/if need be"));
    }
}
