package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import org.fl4j.ClientId;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.api.Test;
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

    /** A client ends with a message that names no token, and speaks to no server but its own. */
    @Test
    void aWrongTokenAndAForeignServerEndTheClient() throws Exception {
        RemoteFiles files = RemoteFiles.create(folder.resolve("own"), RemoteSetting.IDS);
        RemoteFiles others = RemoteFiles.create(folder.resolve("foreign"), RemoteSetting.IDS);
        ClientId id = RemoteSetting.IDS.get(0);
        try (RemoteServer server = RemoteServer.start(files, RemoteSetting.PLAIN, Duration.ofSeconds(20))) {
            try (RemoteClient client = new RemoteClient(server.uri(), files.clientTls(), others.token(id))) {
                assertEquals(
                        "the server does not know this client (401); is its token the one that it was given?",
                        assertThrows(IllegalStateException.class, () -> client.serve(request -> request))
                                .getMessage());
            }
            HttpClient foreign =
                    HttpClient.newBuilder().sslContext(others.clientTls()).build();
            HttpRequest poll = HttpRequest.newBuilder(server.uri().resolve("/poll"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            assertThrows(SSLHandshakeException.class, () -> foreign.send(poll, HttpResponse.BodyHandlers.discarding()));
        }
    }
}
