package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.fl4j.ClientId;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;

/**
 * Kills of processes of the remote example by kill -9, each at a stated message. What comes out is held to rounds in one process, to the last bit.
 */
final class RemoteKills {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final long LOOK_MILLIS = 5;
    private static final int INPUT = 3;

    private final Path folder;

    RemoteKills(Path folder) {
        this.folder = folder;
    }

    /**
     * Rounds with a killed client each; its process is started again at once.
     *
     * @param answers at which of the client's answers of the round it is killed
     */
    void ofClient(RemoteSetting setting, ClientId victim, ClientKills.When when, int... answers)
            throws IOException, GeneralSecurityException, InterruptedException {
        RemoteFiles files = RemoteFiles.create(folder, RemoteSetting.IDS);
        AtomicReference<URI> uri = new AtomicReference<>();
        try (RemoteParties parties = new RemoteParties(files, setting)) {
            AtomicReference<ClientKills> kills = new AtomicReference<>();
            kills.set(new ClientKills(files.tokens(), client -> {
                parties.killClient(client);
                restart(parties, client, uri.get());
                kills.get().expect(client);
            }));
            try (RemoteServer server = RemoteServer.start(files, setting, PATIENCE, kills.get())) {
                uri.set(server.uri());
                for (ClientId id : RemoteSetting.IDS) {
                    parties.startClient(id, server.uri());
                }
                server.awaitClients();
                ServerState state = RemoteSetting.start();
                for (int answer : answers) {
                    kills.get().arm(new ClientKills.Kill(victim, answer, when));
                    ServerState next = server.run(state.round() + 1, builder -> builder);
                    assertDone(kills.get(), answer);
                    assertRight(setting, state, next, victim, isIncluded(setting, when, answer));
                    while (!kills.get().isBack()) {
                        Thread.sleep(LOOK_MILLIS);
                    }
                    state = next;
                }
                ServerState last = server.run(state.round() + 1, builder -> builder);
                assertEquals(RemoteHere.run(setting, state, 1, Set.of()), last, "all are back");
            }
        }
    }

    /** The round may end before the process is dead. */
    private static void assertDone(ClientKills kills, int answer) throws InterruptedException {
        for (long waited = 0; !kills.isDone() && waited < PATIENCE.toMillis(); waited += LOOK_MILLIS) {
            Thread.sleep(LOOK_MILLIS);
        }
        assertTrue(kills.isDone(), () -> "no kill at answer " + answer);
    }

    private static void restart(RemoteParties parties, ClientId client, URI server) {
        try {
            parties.startClient(client, server);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** In the clear a client that comes back does its work again; masked, it has dropped out unless its input, or not even its keys, had arrived. */
    private static boolean isIncluded(RemoteSetting setting, ClientKills.When when, int answer) {
        int arrived = when == ClientKills.When.AFTER_ITS_ANSWER ? answer : answer - 1;
        return setting == RemoteSetting.PLAIN || arrived == 0 || arrived >= INPUT;
    }

    private static void assertRight(
            RemoteSetting setting, ServerState from, ServerState to, ClientId victim, boolean isIncluded) {
        assertEquals(
                RemoteHere.run(setting, from, 1, isIncluded ? Set.of() : Set.of(victim)),
                to,
                () -> "round " + to.round() + ", victim included: " + isIncluded);
    }

    /**
     * A run whose server is killed and started again several times within its first round; the clients stay.
     *
     * @param requests at which request to the first client, counted from the server's start, each process is killed
     * @return the state after the last round
     */
    ServerState ofServer(RemoteSetting setting, int rounds, int... requests)
            throws IOException, GeneralSecurityException, InterruptedException {
        RemoteFiles files = RemoteFiles.create(folder, RemoteSetting.IDS);
        try (RemoteParties parties = new RemoteParties(files, setting)) {
            URI uri = parties.startServer(rounds, (int) PATIENCE.toSeconds());
            for (ClientId id : RemoteSetting.IDS) {
                boolean isFirst = id.equals(RemoteSetting.IDS.get(0));
                parties.serve(id, uri, end -> isFirst ? new ServerKiller(end, parties, rounds, requests) : end);
            }
            Process server;
            do {
                server = parties.server();
                server.waitFor();
                Thread.sleep(LOOK_MILLIS);
            } while (server != parties.server() || server.exitValue() > 128);
            assertEquals(0, server.exitValue());
            assertEquals(requests.length + 1, parties.serverStarts());
            return CheckpointStore.in(files.server().resolve("checkpoints"))
                    .latest()
                    .orElseThrow();
        }
    }

    /** A client's end that kills the server while this client has its request, and answers afterwards to the process after. */
    private static final class ServerKiller implements RemoteClient.End {

        private final RemoteClient.End end;
        private final RemoteParties parties;
        private final int rounds;
        private final int[] requests;
        private byte[] last = {};
        private int request;
        private int kills;

        ServerKiller(RemoteClient.End end, RemoteParties parties, int rounds, int... requests) {
            this.end = end;
            this.parties = parties;
            this.rounds = rounds;
            this.requests = requests;
        }

        @Override
        public byte[] answer(byte[] message) throws InterruptedException {
            request += Arrays.equals(message, last) ? 0 : 1;
            last = message;
            byte[] answer = end.answer(message);
            if (kills < requests.length && request == requests[kills]) {
                kills++;
                request = 0;
                parties.killServer();
                try {
                    parties.startServer(rounds, (int) PATIENCE.toSeconds());
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
            return answer;
        }
    }
}
