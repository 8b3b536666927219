package org.fl4j.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.fl4j.ClientId;

/** What the tests of the store on disk share: a store's files, and rounds that clients remember by their number. */
public record StoredRounds(Path folder) {

    static final ClientId ANN = new ClientId("ann");
    static final ClientId BOB = new ClientId("bob");

    public static final RunId RUN = run(7);

    /** A run with that seed, drawn. */
    static RunId run(long seed) {
        return RunId.of("weights", seed).drawn();
    }

    ClientStateStore open() {
        return ClientStateStore.inDirectory(folder);
    }

    /** Open, and claimed by the run behind that round. */
    ClientStateStore openAt(int round) {
        ClientStateStore store = open();
        store.claim(RUN, round);
        return store;
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
        long token = store.begin(round);
        for (ClientId client : clients) {
            store.stage(client, round, token, state(round));
        }
        store.commit(round, List.of(clients));
    }

    static ComponentState state(long round) {
        return ComponentState.of("test", 1).with("round", round);
    }
}
