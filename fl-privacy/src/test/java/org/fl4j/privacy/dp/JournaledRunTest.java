package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host's program with checkpoints and a journal, started again and again. */
class JournaledRunTest {

    @TempDir
    private Path folder;

    private Path checkpoints;

    @BeforeEach
    void name() {
        checkpoints = folder.resolve("checkpoints");
    }

    @Test
    void continuesWhenStartedTwice() {
        assertEquals(3, program(false, 3).rounds());
        PrivacyStatement statement = program(false, 2);

        assertEquals(5, statement.rounds());
        assertTrue(statement.journaled());
    }

    /** Under masks the guard is wrapped, and is told of the run all the same. */
    @Test
    void continuesUnderMasksToo() {
        assertEquals(2, program(true, 2).rounds());
        assertEquals(3, program(true, 1).rounds());
    }

    /** A volume that is not mounted for one start: nothing is begun, and with the folder back the run continues. */
    @Test
    void rejectsAStartWithoutItsCheckpoints() {
        program(false, 3);
        checkpoints = folder.resolve("not-mounted");
        assertThrows(GaussianMechanism.JournalException.class, () -> program(false, 2));
        assertTrue(CheckpointStore.in(checkpoints).latest().isEmpty(), "nothing was begun");
        checkpoints = folder.resolve("checkpoints");

        assertEquals(5, program(false, 2).rounds());
    }

    @Test
    void rejectsAStartWithoutItsJournal() throws Exception {
        program(false, 3);
        Path journal = folder.resolve("privacy.journal");
        Path away = Files.move(journal, folder.resolve("away"));
        assertThrows(GaussianMechanism.JournalException.class, () -> program(false, 2));
        assertFalse(Files.exists(journal));
        Files.move(away, journal);

        assertEquals(5, program(false, 2).rounds());
    }

    private PrivacyStatement program(boolean masked, int rounds) {
        GaussianMechanism rule =
                GaussianMechanism.on(ClippedMean.fixed(1), 2).journal(folder.resolve("privacy.journal"));
        CheckpointStore store = CheckpointStore.in(checkpoints);
        ServerState from = store.latest().orElseGet(() -> ServerState.initial(Releases.start(2), 1));
        ClientProvider clients = Releases.clients(4, ModelDelta.of(Fixtures.layout(2), 0.25, -0.5));
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = server(masked, rule, clients, store, runner)) {
            return rule.statement(server.run(from, rounds).state().ledger(), 1e-5);
        }
    }

    private static FederatedServer server(
            boolean masked,
            GaussianMechanism rule,
            ClientProvider clients,
            CheckpointStore store,
            InProcessRunner runner) {
        LocalTraining how = LocalTraining.epochs(1);
        return masked
                ? FederatedServer.with(SecureSum.on(rule))
                        .clients(clients)
                        .localTraining(how)
                        .checkpoints(store)
                        .runner(runner)
                        .build()
                : FederatedServer.with(rule)
                        .clients(clients)
                        .localTraining(how)
                        .checkpoints(store)
                        .runner(runner)
                        .build();
    }
}
