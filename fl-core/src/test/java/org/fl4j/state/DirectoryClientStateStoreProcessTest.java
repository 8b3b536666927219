package org.fl4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.fl4j.ClientId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two processes, one directory. */
@Timeout(60)
class DirectoryClientStateStoreProcessTest {

    private static final ClientId ANN = new ClientId("ann");

    @Test
    void aDirectoryIsLockedWhileAProcessLivesAndFreeAfterwards(@TempDir Path folder)
            throws IOException, InterruptedException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = other.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("open", said.readLine());
            for (int i = 0; i < 2; i++) {
                assertEquals(
                        "'" + folder
                                + "' is in use by a client state store of another process; end that one first, or"
                                + " give each run a directory of its own",
                        assertThrows(IllegalStateException.class, () -> ClientStateStore.inDirectory(folder))
                                .getMessage());
            }
        } finally {
            other.destroyForcibly();
            other.waitFor();
        }
        try (ClientStateStore store = ClientStateStore.inDirectory(folder)) {
            assertEquals(ComponentState.of("test", 1).with("round", 1), store.read(ANN));
        }
    }

    /** Commits a round, stages another, and waits to be killed. */
    static final class Other {

        private Other() {}

        public static void main(String... args) throws IOException {
            ClientStateStore store = ClientStateStore.inDirectory(Path.of(args[0]));
            store.claim(StoredRounds.RUN, 0);
            long first = store.begin(1);
            store.stage(ANN, 1, first, ComponentState.of("test", 1).with("round", 1));
            store.commit(1, List.of(ANN));
            long second = store.begin(2);
            store.stage(ANN, 2, second, ComponentState.of("test", 1).with("round", 2));
            // Rejected, which must not release the first one's lock.
            assertThrows(IllegalStateException.class, () -> ClientStateStore.inDirectory(Path.of(args[0])));
            System.out.println("open");
            System.in.read();
        }
    }
}
