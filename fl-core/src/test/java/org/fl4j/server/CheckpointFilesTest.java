package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.fl4j.CorruptDataException;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.InProcessRunner;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.internal.DyingFiles;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What may lie in a folder of checkpoints beside whole ones. */
class CheckpointFilesTest {

    @TempDir
    private Path folder;

    @Test
    void aFolderInPlaceOfTheNewestCheckpointIsSetAside() throws IOException {
        ServerState fifth = run(5);
        Path sixth = Files.createDirectories(folder.resolve("round-0000000006.fl4j/inside"));
        survives(fifth, sixth.getParent());
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "symbolic links need a privilege there")
    void aDeadLinkInPlaceOfTheNewestCheckpointIsSetAside() throws IOException {
        ServerState fifth = run(5);
        survives(fifth, Files.createSymbolicLink(folder.resolve("round-0000000006.fl4j"), folder.resolve("nowhere")));
    }

    /** The last two are kept, and those of every fourth round: what is no file is none of them. */
    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "symbolic links need a privilege there")
    void whatIsNoFileTakesNoPlaceAmongTheNewest() throws IOException {
        CheckpointStore store =
                CheckpointStore.in(folder, CheckpointStore.Retention.newest(2).andEvery(4));
        ServerState fifth;
        try (FederatedServer server = server().checkpoints(store).build()) {
            fifth = server.run(Toy.start(), 5).state();
        }
        Files.createDirectories(folder.resolve("round-0000000006.fl4j/inside"));
        Files.createSymbolicLink(folder.resolve("round-0000000007.fl4j"), folder.resolve("nowhere"));
        Path loop = folder.resolve("round-0000000008.fl4j");
        Files.createSymbolicLink(loop, loop);

        assertEquals(Optional.of(fifth), store.latest());
        try (FederatedServer server = server().checkpoints(store).build()) {
            assertEquals(Optional.of(server.run(fifth, 3).state()), store.latest());
        }
        assertEquals(
                3,
                names().stream().filter(name -> name.contains(".unreadable.")).count());
    }

    /** Its newest is ours by name, and of another run: not even what is ours is continued. */
    @Test
    void aCheckpointOfAnotherRunBesideOursIsRejectedBeforeTheFirstRound() throws IOException {
        ServerState fifth = run(5);
        ServerState other = ServerState.initial(Toy.weights(1, 1, 1), 8).drawn();
        for (int round = 0; round < 6; round++) {
            other = other.abandoned(other.ledger());
        }
        other.save(folder.resolve("round-0000000006.fl4j"));
        List<String> before = names();
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(4, (self, task) -> {
                    throw new AssertionError("asked");
                }))
                .localTraining(Toy.TRAINING)
                .checkpoints(store())
                .build()) {
            assertTrue(assertThrows(IllegalStateException.class, () -> server.run(fifth, 1))
                    .getMessage()
                    .contains(" belongs to run "));
            assertTrue(assertThrows(IllegalStateException.class, () -> server.runUntil(9, Toy.start()))
                    .getMessage()
                    .startsWith("the checkpoints are of run "));
        }
        assertEquals(before, names());
    }

    @Test
    void foldersNamedLikeALeftOverOrACheckpointAreNotDeleted() throws IOException {
        ServerState fifth = run(5);
        String leftOver = "round-0000000006.fl4j.123e4567-e89b-12d3-a456-426614174000.tmp";
        Files.createDirectories(folder.resolve(leftOver + "/inside"));
        Files.createDirectories(folder.resolve("round-0000000003.fl4j/inside"));
        try (FederatedServer server = server().build()) {
            server.run(fifth, 1);
        }
        store().eraseHistory();

        assertEquals(Optional.empty(), store().latest());
        assertTrue(names().contains(leftOver), names().toString());
        assertTrue(names().stream().anyMatch(name -> name.startsWith("round-0000000003.fl4j.unreadable.")));
    }

    @Test
    void aRenamedCheckpointIsNotReadAsALaterOne() throws IOException {
        ServerState fifth = run(5);
        Path renamed = folder.resolve("round-9999999999.fl4j");
        Files.copy(folder.resolve("round-0000000004.fl4j"), renamed);
        try (CapturedLog log = CapturedLog.of(CheckpointStore.class)) {
            assertEquals(Optional.of(fifth), store().latest());
            assertEquals(
                    List.of("checkpoint skipped: '" + renamed + "' is of round 4; was it renamed?"), log.warnings());
        }
    }

    @Test
    void rejectsAFileInPlaceOfTheFolder() throws IOException {
        CheckpointStore store = CheckpointStore.in(Files.createFile(folder.resolve("file")));
        assertThrows(UncheckedIOException.class, store::latest);
    }

    @Test
    void deletesTemporaryFilesOfAKilledSaveOnResume() throws IOException {
        ServerState fifth = run(5);
        Files.write(folder.resolve("round-0000000006.fl4j.123e4567-e89b-12d3-a456-426614174000.tmp"), new byte[3]);
        Files.write(folder.resolve("mine.tmp"), new byte[3]);
        try (FederatedServer server = server().build()) {
            server.run(fifth, 1);
        }
        assertEquals(List.of("lock", "mine.tmp", "round-0000000005.fl4j", "round-0000000006.fl4j"), names());
    }

    /** A folder that is not empty cannot be deleted as a file is. */
    @Test
    void warnsWhenAnOldCheckpointCannotBeDeleted() throws IOException {
        try (CapturedLog log = CapturedLog.of(CheckpointStore.class)) {
            store().save(Toy.start().drawn().abandoned(Toy.start().ledger()));
            Files.createDirectories(folder.resolve("round-0000000000.fl4j/inside"));
            store().save(store().latest().orElseThrow().abandoned(Toy.start().ledger()));
            assertEquals(2, store().latest().orElseThrow().round());
            assertEquals(
                    List.of("an old checkpoint could not be deleted: java.nio.file.DirectoryNotEmptyException: "
                            + folder.resolve("round-0000000000.fl4j")),
                    log.warnings());
        }
    }

    @Test
    void keepsTheNewestAndThoseOfEveryNthRound() throws IOException {
        CheckpointStore store =
                CheckpointStore.in(folder, CheckpointStore.Retention.newest(3).andEvery(4));
        ServerState state = Toy.start().drawn();
        List<String> lasting = new ArrayList<>(List.of("lock"));
        for (int round = 1; round <= 10; round++) {
            state = state.abandoned(state.ledger());
            store.save(state);
        }
        for (int round : new int[] {4, 8, 9, 10}) {
            lasting.add("round-%010d.fl4j".formatted(round));
        }
        assertEquals(lasting, names());

        for (int round : new int[] {8, 9, 10}) {
            Files.write(folder.resolve("round-%010d.fl4j".formatted(round)), new byte[3]);
        }
        assertThrows(CorruptDataException.class, store::latest, "six rounds back in silence");
        Files.delete(folder.resolve("round-0000000009.fl4j"));
        Files.delete(folder.resolve("round-0000000008.fl4j"));
        state.save(folder.resolve("round-0000000010.fl4j"));
        store().save(state.abandoned(state.ledger()));

        assertEquals(List.of("lock", "round-0000000010.fl4j", "round-0000000011.fl4j"), names());
        assertThrows(IllegalArgumentException.class, () -> CheckpointStore.Retention.newest(0));
    }

    /** As it was written before states had a time. */
    @Test
    void readsAStateOfVersionOne() {
        ServerState fifth = run(5);
        byte[] first = BinaryWriter.toBytes("server-state", 1, out -> {
            out.writeInt(fifth.round());
            out.writeLong(fifth.seed());
            fifth.weights().writeTo(out);
            fifth.optimizer().writeTo(out);
            fifth.aggregator().writeTo(out);
            fifth.selector().writeTo(out);
            fifth.ledger().writeTo(out);
            fifth.run().writeTo(out);
        });

        assertEquals(fifth, ServerState.fromBytes(first));
    }

    @Test
    void theFoldersAroundANewOneAreForcedToDisk() {
        List<String> forced = new ArrayList<>();
        DyingFiles files = new DyingFiles(operation -> {
            if (operation.startsWith("force ")) {
                forced.add(operation);
            }
        });
        CheckpointStore.in(files.path(folder).resolve("made/if need be")).save(Toy.start());

        assertTrue(forced.contains("force made"), forced.toString());
        assertTrue(forced.contains("force " + folder.getFileName()), forced.toString());
    }

    @Test
    void anInterruptDuringAFileOperationIsReportedAsAnInterrupt() {
        ServerState fifth = run(5);
        Thread.currentThread().interrupt();
        try {
            RunInterruptedException saved =
                    assertThrows(RunInterruptedException.class, () -> store().save(fifth.abandoned(fifth.ledger())));
            assertTrue(saved.getMessage().startsWith("interrupted during a file operation: "), saved.getMessage());
            assertFalse(saved.getMessage().contains("null"), saved.getMessage());
            assertEquals(Optional.of(fifth), store().latest(), "reading is not interrupted");
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertEquals(Optional.of(fifth), store().latest());
    }

    private void survives(ServerState fifth, Path inPlace) throws IOException {
        try (CapturedLog log = CapturedLog.of(CheckpointStore.class);
                FederatedServer server = server().build()) {
            assertEquals(Optional.of(fifth), store().latest());
            assertEquals(
                    List.of("checkpoint skipped: '" + inPlace + "' is a folder or a link to no file"), log.warnings());
            ServerState seventh = server.run(fifth, 2).state();
            assertEquals(Optional.of(seventh), store().latest());
        }
        assertEquals(
                1,
                names().stream().filter(name -> name.contains(".unreadable.")).count(),
                names().toString());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    private CheckpointStore store() {
        return CheckpointStore.in(folder);
    }

    private ServerState run(int rounds) {
        try (FederatedServer server = server().build()) {
            return server.run(Toy.start(), rounds).state();
        }
    }

    private ServerBuilder server() {
        return FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(4, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .checkpoints(store())
                .runner(InProcessRunner.of(1));
    }
}
