package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.fl4j.ClientId;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three client processes over HTTPS come to the weights of one process; noise, which is fresh in every run, to its charge. */
@Timeout(120)
class RemoteDigitsTest {

    private static final int ROUNDS = 3;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void threeProcessesDoWhatOneDoes(RemoteSetting setting) throws Exception {
        RemoteFiles files = RemoteFiles.create(folder, RemoteSetting.IDS);
        try (RemoteParties parties = new RemoteParties(files, setting);
                RemoteServer server = RemoteServer.start(files, setting, Duration.ofSeconds(20))) {
            for (ClientId id : RemoteSetting.IDS) {
                parties.startClient(id, server.uri());
            }
            server.awaitClients();
            ServerState end = server.run(ROUNDS, builder -> builder);
            assertEquals(ROUNDS, end.round());
            if (setting == RemoteSetting.PRIVATE) {
                Path journal = files.server().resolve("journal");
                assertEquals(
                        ROUNDS,
                        RemoteSetting.mechanism()
                                .journal(journal)
                                .statement(end.ledger(), 1e-5)
                                .rounds());
            } else {
                assertEquals(RemoteHere.run(setting, RemoteSetting.start(), ROUNDS, Set.of()), end);
            }
        }
    }
}
