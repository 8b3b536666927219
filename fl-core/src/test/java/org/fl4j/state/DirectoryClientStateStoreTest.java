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
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients remember survives the process, in one directory that is its own. */
class DirectoryClientStateStoreTest {

    private static final String TOO_EARLY =
            "round %d cannot be run again: what clients remembered before round %d is gone; resume from a later state or"
                    + " start with an empty store";

    @TempDir
    private Path folder;

    private StoredRounds on = new StoredRounds(Path.of(""));

    @BeforeEach
    void here() {
        on = new StoredRounds(folder);
    }

    @Test
    void aReopenedStoreContinuesWhereTheOldOneStopped() {
        try (ClientStateStore store = on.openAt(0)) {
            round(store, 1, ANN, BOB);
            round(store, 2, ANN);
        }
        try (ClientStateStore store = on.openAt(2)) {
            assertEquals(state(2), store.read(ANN));
            assertEquals(state(1), store.read(BOB));
            round(store, 3, BOB);
            assertEquals(state(2), store.read(ANN));
            assertEquals(state(3), store.read(BOB));
        }
    }

    @Test
    void beginningAnEarlierRoundAfterReopeningRollsBackPermanently() {
        try (ClientStateStore store = on.openAt(0)) {
            round(store, 1, ANN);
            round(store, 2, ANN, BOB);
            round(store, 3, ANN);
        }
        try (ClientStateStore store = on.openAt(1)) {
            store.begin(2);
            assertEquals(state(1), store.read(ANN));
            assertEquals(ComponentState.EMPTY, store.read(BOB));
        }
        try (ClientStateStore store = on.open()) {
            assertEquals(state(1), store.read(ANN));
            assertEquals(ComponentState.EMPTY, store.read(BOB));
        }
    }

    @Test
    void forgottenRoundsStayForgottenAfterReopening() {
        try (ClientStateStore store = on.openAt(0)) {
            round(store, 1, ANN, BOB);
            round(store, 2, ANN);
            round(store, 3, ANN);
            store.forgetBefore(3);
        }
        try (ClientStateStore store = on.openAt(2)) {
            assertEquals(TOO_EARLY.formatted(2, 3), rejection(store, 2));
            store.begin(3);
            assertEquals(state(2), store.read(ANN));
            assertEquals(state(1), store.read(BOB));
        }
    }

    @Test
    void erasingIsPermanentAndAllowsAnotherRun() throws IOException {
        try (ClientStateStore store = on.openAt(0)) {
            round(store, 1, ANN);
            round(store, 2, ANN);
            store.forgetBefore(2);
        }
        try (ClientStateStore store = on.open()) {
            store.eraseHistory();
            assertEquals(ComponentState.EMPTY, store.read(ANN));
        }
        assertEquals(List.of("lock"), on.files());
        try (ClientStateStore store = on.open()) {
            store.claim(StoredRounds.run(8), 0);
            round(store, 1, BOB);
            assertEquals(ComponentState.EMPTY, store.read(ANN));
        }
    }

    @Test
    void onlySupersededFilesAreDeletedAndThoseOfOthersStay() throws IOException {
        try (ClientStateStore store = on.openAt(0)) {
            round(store, 1, ANN, BOB);
            Files.createDirectories(folder.resolve("states/ab"));
            Files.writeString(folder.resolve("states/ab/notes.txt"), "mine");
            for (int r = 2; r <= 20; r++) {
                round(store, r, ANN);
                store.forgetBefore(r);
            }
            assertEquals(
                    List.of("lock", on.file(ANN, 19), on.file(ANN, 20), "states/ab/notes.txt", on.file(BOB, 1)).stream()
                            .sorted()
                            .toList(),
                    on.files().stream().filter(f -> !f.contains("history")).toList());
        }
    }

    @Test
    void aDirectoryBelongsToOneStore() {
        ClientStateStore first = on.open();
        String inUse = "'" + folder
                + "' is in use by a client state store of this process; end that one first, or give each run a"
                + " directory of its own";
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    inUse, assertThrows(IllegalStateException.class, on::open).getMessage());
        }
        first.close();
        first.close();
        try (ClientStateStore second = on.open()) {
            assertEquals(ComponentState.EMPTY, second.read(ANN));
            assertEquals(
                    "the client state store in '" + folder + "' is closed",
                    assertThrows(IllegalStateException.class, () -> first.begin(1))
                            .getMessage());
            assertThrows(IllegalStateException.class, () -> first.read(ANN));
        }
    }

    @Test
    void aStoreThatCannotBeOpenedLocksNothing() throws IOException {
        try (ClientStateStore store = on.openAt(0)) {
            store.begin(1);
        }
        Path history = folder.resolve("states/history.fl4j");
        byte[] good = Files.readAllBytes(history);
        Files.write(history, new byte[] {1, 2, 3, 4, 5});
        String damaged = assertThrows(CorruptDataException.class, on::open).getMessage();
        assertEquals(
                "'" + history + "' is damaged or not of this library: it does not start with the bytes FL4J", damaged);
        Files.write(history, good);
        on.open().close();
    }

    @Test
    void rejectsAFileInPlaceOfTheDirectory() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        assertEquals(
                "client states in '" + file + "' could not be kept: java.nio.file.FileAlreadyExistsException: " + file,
                assertThrows(UncheckedIOException.class, () -> ClientStateStore.inDirectory(file))
                        .getMessage());
        assertTrue(Files.isRegularFile(file));
    }

    @Test
    void idsWithSpecialCharactersAreStored() throws IOException {
        List<ClientId> odd = Stream.of(
                        "../../etc/passwd",
                        ".",
                        "a/b\\c:*?",
                        "CON",
                        "ann",
                        "Ann",
                        "ANN",
                        "x".repeat(ClientId.LONGEST),
                        "\u4e2d\u6587",
                        "e\u0301",
                        "\u00e9",
                        "?",
                        "a\u0000b")
                .map(ClientId::new)
                .toList();
        try (ClientStateStore store = on.openAt(0)) {
            long token = store.begin(1);
            for (int i = 0; i < odd.size(); i++) {
                store.stage(odd.get(i), 1, token, state(i));
            }
            store.commit(1, odd);
        }
        try (ClientStateStore store = on.open()) {
            for (int i = 0; i < odd.size(); i++) {
                assertEquals(state(i), store.read(odd.get(i)));
            }
        }
        assertFalse(String.join(" ", on.files()).contains("passwd"));
    }

    private static String rejection(ClientStateStore store, int round) {
        return assertThrows(IllegalStateException.class, () -> store.begin(round))
                .getMessage();
    }
}
