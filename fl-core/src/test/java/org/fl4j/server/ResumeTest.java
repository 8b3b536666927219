package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code run(5)} and a resume for 5 have the bits of {@code run(10)}, whatever lies between. */
class ResumeTest {

    @Test
    void fiveRoundsAndFiveMoreAreTenRounds() {
        try (FederatedServer server = server().build()) {
            ServerState ten = server.run(Toy.start(), 10).state();
            ServerState five = server.run(Toy.start(), 5).state();

            assertEquals(ten, server.run(five, 5).state());
            assertNotEquals(five.weights(), ten.weights());
        }
    }

    @Test
    void aSavedStateIsTheState(@TempDir Path folder) {
        Path file = folder.resolve("state.fl4j");
        try (FederatedServer server = server().build()) {
            server.run(Toy.start(), 5).state().save(file);
        }
        try (FederatedServer another = server().build()) {
            assertEquals(
                    another.run(Toy.start(), 10).state(),
                    another.run(ServerState.load(file), 5).state());
        }
    }

    @Test
    void resumesFromTheLatestCheckpoint(@TempDir Path folder) {
        CheckpointStore store = CheckpointStore.in(folder.resolve("made if need be"));
        assertEquals(Optional.empty(), store.latest());
        try (FederatedServer server = server().checkpoints(store).build()) {
            RoundResult fifth = server.run(Toy.start(), 5);
            assertEquals(Optional.of(fifth.state()), store.latest());
        }
        try (FederatedServer another = server().checkpoints(store).build()) {
            ServerState resumed = another.run(store.latest().orElseThrow(), 5).state();
            assertEquals(tenRounds(), resumed);
        }
    }

    @Test
    void resumesFromTheOneBeforeADamagedCheckpoint(@TempDir Path folder) throws IOException {
        CheckpointStore store = CheckpointStore.in(folder);
        try (FederatedServer server = server().checkpoints(store).build()) {
            server.run(Toy.start(), 6);
        }
        Path newest = folder.resolve("round-0000000006.fl4j");
        byte[] bytes = Files.readAllBytes(newest);
        bytes[bytes.length / 2] ^= 1;
        Files.write(newest, bytes);

        ServerState fifth;
        try (CapturedLog log = CapturedLog.of(CheckpointStore.class)) {
            fifth = store.latest().orElseThrow();
            assertEquals(1, log.warnings().size());
            String start = "checkpoint skipped: '" + newest + "' is damaged or not of this library: ";
            assertEquals(start, log.warnings().get(0).substring(0, start.length()));
        }
        assertEquals(5, fifth.round());
        try (FederatedServer another = server().checkpoints(store).build()) {
            assertEquals(tenRounds(), another.run(fifth, 5).state());
        }
        assertEquals(Optional.of(tenRounds()), store.latest());
    }

    @Test
    void anEmptyCheckpointFileCountsAsDamaged(@TempDir Path folder) throws IOException {
        CheckpointStore store = CheckpointStore.in(folder);
        store.save(Toy.start());
        Files.write(folder.resolve("round-0000000001.fl4j"), new byte[0]);
        try (CapturedLog log = CapturedLog.of(CheckpointStore.class)) {
            assertEquals(Optional.of(Toy.start()), store.latest());
            assertEquals(
                    List.of("checkpoint skipped: '" + folder.resolve("round-0000000001.fl4j")
                            + "' is damaged or not of this library: it does not start with the bytes FL4J"),
                    log.warnings());
        }
    }

    @Test
    void keepsTwoCheckpointsAndForeignFiles(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("round-notes.txt"), "mine");
        try (FederatedServer server =
                server().checkpoints(CheckpointStore.in(folder)).build()) {
            server.run(Toy.start(), 12);
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(
                    List.of("lock", "round-0000000011.fl4j", "round-0000000012.fl4j", "round-notes.txt"),
                    files.map(file -> String.valueOf(file.getFileName()))
                            .sorted()
                            .toList());
        }
    }

    @Test
    void abandonedRoundsAreSavedToo(@TempDir Path folder) {
        CheckpointStore store = CheckpointStore.in(folder);
        ScriptedPopulation fails = ScriptedPopulation.of(1, (self, task) -> {
            throw new IOException("away");
        });
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(fails)
                .localTraining(Toy.TRAINING)
                .checkpoints(store)
                .build()) {
            RoundResult first = server.run(Toy.start(), 1);
            RoundResult second = server.run(first.state(), 1);
            assertEquals(2, second.state().round());
            assertEquals(Optional.of(second.state()), store.latest());
        }
    }

    @Test
    void rejectsANewRunInTheFolderOfAnotherAndDeletesNothing(@TempDir Path folder) {
        CheckpointStore store = CheckpointStore.in(folder);
        try (FederatedServer server = server().checkpoints(store).build()) {
            ServerState old = server.run(Toy.start(), 10).state();

            ServerState fresh = Toy.start().drawn();
            IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> server.run(fresh, 1));
            assertEquals(
                    "the checkpoint store in '" + folder + "' belongs to run " + old.run()
                            + " at round 10, and not to the"
                            + " one to start, run " + fresh.run()
                            + " at round 0; resume the former with runUntil, give the"
                            + " latter another store or folder, or erase the former with eraseHistory()",
                    thrown.getMessage());
            assertEquals(Optional.of(old), store.latest());
            assertFalse(Files.exists(folder.resolve("round-0000000001.fl4j")));
        }
    }

    private static ServerState tenRounds() {
        try (FederatedServer server = server().build()) {
            return server.run(Toy.start(), 10).state();
        }
    }

    private static ServerBuilder server() {
        return FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(40, Toy::wanders))
                .selector(ClientSelector.uniform(7))
                .optimizer(Toy.counting())
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(2));
    }
}
