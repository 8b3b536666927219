package org.fl4j.client;

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
import org.fl4j.binary.ComponentState;
import org.fl4j.binary.CorruptDataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients remember survives the process, and what a crash leaves half done does not. */
class DirectoryClientStateStoreTest {

    private static final ClientId ANN = new ClientId("ann");
    private static final ClientId BOB = new ClientId("bob");
    private static final String TOO_EARLY =
            "round %d cannot be run again: what clients remembered before round %d is gone; resume from a later state or"
                    + " start with an empty store";

    @TempDir
    private Path folder;

    @Test
    void aReopenedStoreGoesOnWhereTheOldOneStopped() {
        try (ClientStateStore store = open()) {
            round(store, 1, ANN, BOB);
            round(store, 2, ANN);
        }
        try (ClientStateStore store = open()) {
            assertEquals(state(2), store.read(ANN));
            assertEquals(state(1), store.read(BOB));
            round(store, 3, BOB);
            assertEquals(state(2), store.read(ANN));
            assertEquals(state(3), store.read(BOB));
        }
    }

    @Test
    void beginningAnEarlierRoundAfterReopeningRollsBackForGood() {
        try (ClientStateStore store = open()) {
            round(store, 1, ANN);
            round(store, 2, ANN, BOB);
            round(store, 3, ANN);
        }
        try (ClientStateStore store = open()) {
            store.begin(2);
            assertEquals(state(1), store.read(ANN));
            assertEquals(ComponentState.EMPTY, store.read(BOB));
        }
        try (ClientStateStore store = open()) {
            assertEquals(state(1), store.read(ANN));
            assertEquals(ComponentState.EMPTY, store.read(BOB));
        }
    }

    @Test
    void whatWasForgottenStaysForgotten() {
        try (ClientStateStore store = open()) {
            round(store, 1, ANN, BOB);
            round(store, 2, ANN);
            round(store, 3, ANN);
            store.forgetBefore(3);
        }
        try (ClientStateStore store = open()) {
            assertEquals(TOO_EARLY.formatted(2, 3), refusal(store, 2));
            store.begin(3);
            assertEquals(state(2), store.read(ANN));
            assertEquals(state(1), store.read(BOB));
        }
    }

    @Test
    void startingOverIsStartingOverAlsoOnceReopened() throws IOException {
        try (ClientStateStore store = open()) {
            round(store, 1, ANN);
            round(store, 2, ANN);
            store.forgetBefore(2);
            store.begin(1);
        }
        try (ClientStateStore store = open()) {
            assertEquals(ComponentState.EMPTY, store.read(ANN));
            store.begin(2);
        }
        assertEquals(List.of("lock"), files());
    }

    @Test
    void whatACrashLeftStagedIsDropped() throws IOException {
        crash(() -> {
            ClientStateStore store = open();
            round(store, 1, ANN);
            store.begin(2);
            store.stage(ANN, 2, state(9));
            return store;
        });
        assertEquals(3, files().size(), () -> "no file is staged among " + listed());
        try (ClientStateStore store = open()) {
            assertEquals(List.of("lock", file("ann", 1)), files());
            assertEquals(state(1), store.read(ANN));
            store.begin(2);
            store.commit(2, List.of(ANN));
            assertEquals(state(1), store.read(ANN));
        }
    }

    /** A round is committed to some of its clients, and there is no checkpoint of it: the run resumes from the one before. */
    @Test
    void aRoundCommittedInPartIsUndoneWhenItIsBegunAgain() throws IOException {
        try (ClientStateStore store = open()) {
            round(store, 1, ANN, BOB);
            store.forgetBefore(1);
            round(store, 2, ANN, BOB);
        }
        Files.delete(folder.resolve(file("bob", 2)));
        try (ClientStateStore store = open()) {
            store.begin(2);
            assertEquals(state(1), store.read(ANN));
            assertEquals(state(1), store.read(BOB));
            assertEquals(List.of("lock", file("ann", 1), file("bob", 1)), files());
        }
    }

    @Test
    void aCommitThatTheDiskStopsHalfWayIsUndoneWhenTheRoundIsBegunAgain() throws IOException {
        try (ClientStateStore store = open()) {
            round(store, 1, ANN);
            store.begin(2);
            store.stage(ANN, 2, state(2));
            store.stage(BOB, 2, state(2));
            Files.createDirectories(folder.resolve(file("bob", 2)));

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

    /** The earliest round is durable before anything is deleted, so a crash between the two leaves superseded files. */
    @Test
    void whatForgettingLeftIsDeletedOnOpening() throws IOException {
        try (ClientStateStore store = open()) {
            round(store, 1, ANN);
            round(store, 2, ANN);
        }
        byte[] superseded = Files.readAllBytes(folder.resolve(file("ann", 1)));
        try (ClientStateStore store = open()) {
            store.forgetBefore(3);
        }
        Files.write(folder.resolve(file("ann", 1)), superseded);
        Files.write(folder.resolve("states/history.fl4j.5f.tmp"), new byte[3]);
        Files.createDirectories(folder.resolve("discarded/ab"));
        Files.write(folder.resolve("discarded/ab/x"), new byte[3]);
        open().close();

        assertEquals(List.of("lock", file("ann", 2), "states/history.fl4j"), files());
    }

    @Test
    void onlySupersededFilesAreDeletedAndThoseOfOthersStay() throws IOException {
        try (ClientStateStore store = open()) {
            round(store, 1, ANN, BOB);
            Files.createDirectories(folder.resolve("states/ab"));
            Files.writeString(folder.resolve("states/ab/notes.txt"), "mine");
            for (int r = 2; r <= 20; r++) {
                round(store, r, ANN);
                store.forgetBefore(r);
            }
            assertEquals(
                    List.of("lock", file("ann", 19), file("ann", 20), "states/ab/notes.txt", file("bob", 1)).stream()
                            .sorted()
                            .toList(),
                    files().stream().filter(f -> !f.contains("history")).toList());
        }
    }

    @Test
    void aDirectoryBelongsToOneStore() {
        ClientStateStore first = open();
        String inUse = "'" + folder
                + "' is in use by a client state store of this process; close that one first, or give each run a"
                + " directory of its own";
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    inUse, assertThrows(IllegalStateException.class, this::open).getMessage());
        }
        first.close();
        first.close();
        try (ClientStateStore second = open()) {
            second.begin(1);
            assertEquals(
                    "the store in '" + folder + "' is closed",
                    assertThrows(IllegalStateException.class, () -> first.begin(1))
                            .getMessage());
            assertThrows(IllegalStateException.class, () -> first.read(ANN));
        }
    }

    @Test
    void aStoreThatCannotBeOpenedLocksNothing() throws IOException {
        try (ClientStateStore store = open()) {
            store.begin(2);
            store.forgetBefore(2);
        }
        Path history = folder.resolve("states/history.fl4j");
        byte[] good = Files.readAllBytes(history);
        Files.write(history, new byte[] {1, 2, 3, 4, 5});
        String damaged = assertThrows(CorruptDataException.class, this::open).getMessage();
        assertEquals(
                "'" + history + "' is damaged or not of this library: it does not start with the bytes FL4J", damaged);
        Files.write(history, good);
        open().close();
    }

    @Test
    void aDirectoryThatIsAFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        assertEquals(
                "client states in '" + file + "' could not be kept: java.nio.file.FileAlreadyExistsException: " + file,
                assertThrows(UncheckedIOException.class, () -> ClientStateStore.inDirectory(file))
                        .getMessage());
        assertTrue(Files.isRegularFile(file));
    }

    @Test
    void oddIdsAreClientsLikeAnyOther() {
        List<ClientId> odd = Stream.of(
                        "../../etc/passwd",
                        ".",
                        "a/b\\c:*?",
                        "CON",
                        "ann",
                        "Ann",
                        "ANN",
                        "x".repeat(70_000),
                        "\u4e2d\u6587",
                        "e\u0301",
                        "\u00e9",
                        "?",
                        "\ud800",
                        "\udfff",
                        "a\u0000b")
                .map(ClientId::new)
                .toList();
        try (ClientStateStore store = open()) {
            store.begin(1);
            for (int i = 0; i < odd.size(); i++) {
                store.stage(odd.get(i), 1, state(i));
            }
            store.commit(1, odd);
        }
        try (ClientStateStore store = open()) {
            for (int i = 0; i < odd.size(); i++) {
                assertEquals(state(i), store.read(odd.get(i)));
            }
        }
        assertFalse(listed().contains("passwd"));
    }

    /** What is left when a process ends without a word: its files. Its lock ends with it, as closing does here. */
    private void crash(Supplier<ClientStateStore> untilThen) throws IOException {
        ClientStateStore store = untilThen.get();
        Path copy = folder.resolveSibling(folder.getFileName() + "-as-it-was");
        copy(folder, copy);
        store.close();
        copy(copy, folder);
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

    private ClientStateStore open() {
        return ClientStateStore.inDirectory(folder);
    }

    private static String refusal(ClientStateStore store, int round) {
        return assertThrows(IllegalStateException.class, () -> store.begin(round))
                .getMessage();
    }

    private String file(String client, int round) {
        String key = StateFiles.key(new ClientId(client));
        return "states/" + key.substring(0, 2) + "/" + key.substring(2) + "/round-" + "%010d".formatted(round)
                + ".fl4j";
    }

    private String listed() {
        try {
            return String.join(", ", files());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(path -> folder.relativize(path).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        }
    }

    private static void round(ClientStateStore store, int round, ClientId... clients) {
        store.begin(round);
        for (ClientId client : clients) {
            store.stage(client, round, state(round));
        }
        store.commit(round, List.of(clients));
    }

    private static ComponentState state(long round) {
        return ComponentState.of("test", 1).with("round", round);
    }
}
