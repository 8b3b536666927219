package org.fl4j.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.fl4j.binary.ComponentState;

/** What the tests of the store on disk share: a store's files, and rounds that clients remember by their number. */
record StoredRounds(Path folder) {

    static final ClientId ANN = new ClientId("ann");
    static final ClientId BOB = new ClientId("bob");

    ClientStateStore open() {
        return ClientStateStore.inDirectory(folder);
    }

    String file(ClientId client, int round) {
        String key = StateFiles.key(client);
        return "states/" + key.substring(0, 2) + "/" + key.substring(2) + "/round-" + "%010d".formatted(round)
                + ".fl4j";
    }

    List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(path -> folder.relativize(path).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        }
    }

    static void round(ClientStateStore store, int round, ClientId... clients) {
        store.begin(round);
        for (ClientId client : clients) {
            store.stage(client, round, state(round));
        }
        store.commit(round, List.of(clients));
    }

    static ComponentState state(long round) {
        return ComponentState.of("test", 1).with("round", round);
    }
}
