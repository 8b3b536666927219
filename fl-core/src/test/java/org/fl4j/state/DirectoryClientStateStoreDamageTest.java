package org.fl4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged file is never taken for what a client remembers. */
class DirectoryClientStateStoreDamageTest {

    private static final ClientId ANN = new ClientId("ann");
    private static final ClientId BOB = new ClientId("bob");
    private static final ComponentState STATE =
            ComponentState.of("test", 1).with("round", 1).with("variate", new float[] {1, 2, 3});

    @TempDir
    private Path folder;

    private ClientStateStore store = ClientStateStore.inMemory();

    @BeforeEach
    void oneRound() {
        store = ClientStateStore.inDirectory(folder);
        store.claim(StoredRounds.RUN, 0);
        long token = store.begin(1);
        store.stage(ANN, 1, token, STATE);
        store.stage(BOB, 1, token, STATE);
        store.commit(1, List.of(ANN, BOB));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void detectsAnyAlteredByte() throws IOException {
        Path file = file(ANN);
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 0x10;
            Files.write(file, bad);
            assertStartsWith("'" + file + "' is damaged or not of this library: ", damage(ANN));
        }
        Files.write(file, good);
        assertEquals(STATE, store.read(ANN));
    }

    @Test
    void detectsAnyTruncatedFile() throws IOException {
        Path file = file(ANN);
        byte[] good = Files.readAllBytes(file);
        for (int length = 0; length < good.length; length++) {
            Files.write(file, Arrays.copyOf(good, length));
            assertStartsWith("'" + file + "' is damaged or not of this library: ", damage(ANN));
        }
    }

    @Test
    void detectsAFileOfAnotherClient() throws IOException {
        Files.write(file(ANN), Files.readAllBytes(file(BOB)));

        assertEquals(
                "'" + file(ANN) + "' is damaged or not of this library: it is of another client; was it moved?",
                damage(ANN));
        assertEquals(STATE, store.read(BOB));
    }

    @Test
    void detectsAFileOfAnotherRound() throws IOException {
        Path renamed = file(ANN).resolveSibling("round-0000000007.fl4j");
        Files.move(file(ANN), renamed);

        assertEquals(
                "'" + renamed + "' is damaged or not of this library: it is of round 1, not 7; was it renamed?",
                damage(ANN));
    }

    @Test
    void detectsAFileOfAnotherRun(@TempDir Path another) throws IOException {
        RunId other = StoredRounds.run(8);
        try (ClientStateStore others = ClientStateStore.inDirectory(another)) {
            others.claim(other, 0);
            StoredRounds.round(others, 1, ANN);
        }
        Path file = file(ANN);
        Files.copy(another.resolve(folder.relativize(file).toString()), file, StandardCopyOption.REPLACE_EXISTING);

        assertEquals(
                "'" + file + "' is damaged or not of this library: it is of run " + other + ", not " + StoredRounds.RUN
                        + "; was it copied?",
                damage(ANN));
    }

    @Test
    void wrongNamesAreLeftAlone() throws IOException {
        Path file = file(ANN);
        Files.write(file.resolveSibling("round-9999999999.fl4j"), new byte[3]);
        Files.write(file.resolveSibling("round-0000000000.fl4j"), new byte[3]);
        Path fan = folder.resolve("states").resolve(StateFiles.key(ANN).substring(0, 2));
        Files.write(fan.resolve("0".repeat(62)), new byte[3]);
        Path noFolder = folder.resolve("states").resolve(fan.endsWith("00") ? "01" : "00");
        if (!Files.exists(noFolder)) {
            Files.write(noFolder, new byte[3]);
        }
        store.close();
        store = ClientStateStore.inDirectory(folder);

        assertEquals(STATE, store.read(ANN));
        store.claim(StoredRounds.RUN, 1);
        store.begin(2);
    }

    private String damage(ClientId client) {
        return assertThrows(CorruptDataException.class, () -> store.read(client))
                .getMessage();
    }

    private Path file(ClientId client) throws IOException {
        String key = StateFiles.key(client);
        try (Stream<Path> files =
                Files.list(folder.resolve("states").resolve(key.substring(0, 2)).resolve(key.substring(2)))) {
            return files.findFirst().orElseThrow();
        }
    }

    private static void assertStartsWith(String start, String message) {
        assertTrue(message.startsWith(start), message);
    }
}
