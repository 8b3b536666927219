package org.fl4j.state;

import static org.fl4j.state.StoredRounds.ANN;
import static org.fl4j.state.StoredRounds.BOB;
import static org.fl4j.state.StoredRounds.round;
import static org.fl4j.state.StoredRounds.state;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.fl4j.RunInterruptedException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a crash or a failing disk leaves half done is undone. */
class DirectoryClientStateStoreCrashTest {

    @TempDir
    private Path folder;

    @TempDir
    private Path asItWas;

    private StoredRounds on = new StoredRounds(Path.of(""));

    @BeforeEach
    void here() {
        on = new StoredRounds(folder);
    }

    @Test
    void filesStagedBeforeACrashAreDropped() throws IOException {
        crash(() -> {
            ClientStateStore store = on.openAt(0);
            round(store, 1, ANN);
            long token = store.begin(2);
            store.stage(ANN, 2, token, state(9));
            return store;
        });
        assertEquals(4, on.files().size(), "two, the history and the lock");
        try (ClientStateStore store = on.openAt(1)) {
            assertEquals(List.of("lock", on.file(ANN, 1), "states/history.fl4j"), on.files());
            assertEquals(state(1), store.read(ANN));
            store.begin(2);
            store.commit(2, List.of(ANN));
            assertEquals(state(1), store.read(ANN));
        }
    }

    /** A round is committed to some of its clients, and there is no checkpoint of it: the run resumes from the one before. */
    @Test
    void aRoundCommittedInPartIsUndoneWhenItIsBegunAgain() throws IOException {
        try (ClientStateStore store = on.openAt(0)) {
            round(store, 1, ANN, BOB);
            store.forgetBefore(1);
            round(store, 2, ANN, BOB);
        }
        Files.delete(folder.resolve(on.file(BOB, 2)));
        try (ClientStateStore store = on.openAt(1)) {
            store.begin(2);
            assertEquals(state(1), store.read(ANN));
            assertEquals(state(1), store.read(BOB));
            assertEquals(List.of("lock", on.file(ANN, 1), on.file(BOB, 1), "states/history.fl4j"), on.files());
        }
    }

    @Test
    void aCommitThatFailsHalfWayIsUndoneWhenTheRoundIsBegunAgain() throws IOException {
        try (ClientStateStore store = on.openAt(0)) {
            round(store, 1, ANN);
            long token = store.begin(2);
            store.stage(ANN, 2, token, state(2));
            store.stage(BOB, 2, token, state(2));
            Files.createDirectories(folder.resolve(on.file(BOB, 2)));

            UncheckedIOException failed =
                    assertThrows(UncheckedIOException.class, () -> store.commit(2, List.of(ANN, BOB)));
            assertEquals(
                    "client states in '" + folder + "' could not be kept: " + failed.getCause(), failed.getMessage());
            assertEquals(state(2), store.read(ANN), "committed in part");
            store.begin(2);
            assertEquals(state(1), store.read(ANN));
            round(store, 2, BOB);
            assertEquals(state(1), store.read(ANN));
            assertEquals(state(2), store.read(BOB));
        }
    }

    @Test
    void aStoreThatCannotDeleteStagedFilesStillReleasesItsLock() throws IOException {
        ClientStateStore store = on.openAt(0);
        long token = store.begin(1);
        store.stage(ANN, 1, token, state(1));
        Path proposal = folder.resolve("staged/1.fl4j");
        Files.delete(proposal);
        Files.createDirectories(proposal.resolve("inside"));

        assertThrows(UncheckedIOException.class, store::close);
        on.open().close();
    }

    @Test
    void anInterruptDuringAFileOperationIsReportedAsAnInterrupt() {
        try (ClientStateStore store = on.openAt(0)) {
            long token = store.begin(1);
            for (Executable operation : List.<Executable>of(
                    () -> store.stage(ANN, 1, token, state(1)), () -> store.commit(1, List.of(ANN)))) {
                Thread.currentThread().interrupt();
                RunInterruptedException thrown = assertThrows(RunInterruptedException.class, operation);
                assertTrue(Thread.interrupted(), "the flag is kept");
                assertFalse(thrown.getMessage().endsWith("null"), thrown.getMessage());
            }
        }
    }

    /** The earliest round is durable before anything is deleted, so a crash between the two leaves superseded files. */
    @Test
    void openingDeletesFilesThatForgettingLeft() throws IOException {
        try (ClientStateStore store = on.openAt(0)) {
            round(store, 1, ANN);
            round(store, 2, ANN);
        }
        byte[] superseded = Files.readAllBytes(folder.resolve(on.file(ANN, 1)));
        try (ClientStateStore store = on.openAt(2)) {
            store.forgetBefore(3);
        }
        Files.write(folder.resolve(on.file(ANN, 1)), superseded);
        Files.write(folder.resolve("states/history.fl4j.123e4567-e89b-12d3-a456-426614174000.tmp"), new byte[3]);
        Files.createDirectories(folder.resolve("discarded/ab"));
        Files.write(folder.resolve("discarded/ab/x"), new byte[3]);
        on.open().close();

        assertEquals(List.of("lock", on.file(ANN, 2), "states/history.fl4j"), on.files());
    }

    /** What is left when a process ends without a word: its files. Its lock ends with it, as closing does here. */
    private void crash(Supplier<ClientStateStore> untilThen) throws IOException {
        ClientStateStore store = untilThen.get();
        copy(folder, asItWas);
        store.close();
        copy(asItWas, folder);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else if (!Files.exists(target)) {
                    Files.copy(path, target);
                }
            }
        }
    }
}
