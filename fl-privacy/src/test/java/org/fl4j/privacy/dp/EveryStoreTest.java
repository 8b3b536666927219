package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A host's program with all that outlives a process: journal, checkpoints and client states, under masks, with cohorts drawn
 * by Poisson sampling. A start without one of the folders is rejected and changes nothing; with the folder back the run continues.
 */
class EveryStoreTest {

    @TempDir
    private Path folder;

    private Path journal;
    private Path checkpoints;
    private Path clients;

    /** No client remembers anything only if all three rounds have too few of 8 for the sum: below 1e-9. */
    @BeforeEach
    void threeRounds() throws IOException {
        journal = folder.resolve("privacy.journal");
        checkpoints = folder.resolve("checkpoints");
        clients = folder.resolve("clients");
        assertEquals(3, program(3));
        assertTrue(files(clients).keySet().stream().anyMatch(file -> file.contains("round-")), "somebody remembers");
    }

    @Test
    void continuesWithAllFolders() {
        assertEquals(5, program(5));
    }

    @Test
    void rejectsAStartWithoutItsCheckpoints() throws IOException {
        Path away = Files.move(checkpoints, folder.resolve("away"));
        assertRejectedUnchanged("'" + clients + "' belongs to run ", checkpoints, journal, clients, away);

        Files.deleteIfExists(checkpoints);
        Files.move(away, checkpoints);
        assertEquals(5, program(5));
    }

    @Test
    void rejectsAStartWithoutItsClientStates() throws IOException {
        Path away = Files.move(clients, folder.resolve("away"));
        assertRejectedUnchanged(
                "'" + clients + "' holds no states, but run ", clients.resolve("states"), journal, checkpoints, away);

        clients = away;
        assertEquals(5, program(5));
    }

    private void assertRejectedUnchanged(String why, Path empty, Path... kept) throws IOException {
        Map<String, String> before = files(kept);
        String rejected =
                assertThrows(IllegalStateException.class, () -> program(5)).getMessage();
        assertTrue(rejected.contains(why), rejected);
        assertEquals(before, files(kept));
        assertEquals(Map.of(), files(empty));
    }

    /** Returns how many rounds were charged. */
    private long program(int round) {
        GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(1), 2).journal(journal);
        try (ClientStateStore states = ClientStateStore.inDirectory(clients);
                InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(SecureSum.on(rule))
                        .clients(ClientProvider.of(ClientId.numbered("client-", 8), id -> new Remembers(id, states))
                                .rememberingIn(states))
                        .selector(ClientSelector.poisson(0.9))
                        .localTraining(LocalTraining.epochs(1))
                        .checkpoints(CheckpointStore.in(checkpoints))
                        .runner(runner)
                        .build()) {
            ServerState end = server.runUntil(round, ServerState.initial(Releases.start(2), 1));
            assertEquals(round, end.round());
            return rule.statement(end.ledger(), 1e-5).rounds();
        }
    }

    /** The content of each file, in Base64, by its path. */
    private Map<String, String> files(Path... roots) throws IOException {
        Map<String, String> found = new TreeMap<>();
        for (Path root : roots) {
            for (Path file : below(root)) {
                found.put(
                        folder.relativize(file).toString(),
                        Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
            }
        }
        return found;
    }

    private static List<Path> below(Path root) throws IOException {
        if (!Files.exists(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private record Remembers(ClientId id, ClientStateStore states) implements Client {

        @Override
        public ClientUpdate train(TrainingTask task) {
            ComponentState before = states.read(id);
            long rounds = before.isEmpty() ? 0 : before.longValue("rounds");
            states.stage(
                    id,
                    task.round(),
                    task.token(),
                    ComponentState.of("count", 1).with("rounds", rounds + 1));
            ModelDelta delta = ModelDelta.of(Fixtures.layout(2), 0.25, -0.5);
            return new ClientUpdate(id, task.round(), task.token(), delta, 3, Map.of(), Map.of(), task.objective());
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            return Evaluation.NONE;
        }
    }
}
