package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fl4j.client.InProcessRunner;
import org.fl4j.internal.DyingFiles;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;

/**
 * Kills a run before its file operations in turn, and resumes it from what is left.
 *
 * @param folder for the files of all runs
 * @param rounds of each run
 */
record KillPoints(Path folder, int rounds) {

    interface Then {
        void happens(Path here) throws IOException;
    }

    /** How many points there are. */
    int forEachKill(int step, Then then) throws IOException {
        ServerState expected = RememberingRun.undisturbed(rounds);
        List<ComponentState> remembered = new ArrayList<>();
        for (int kill = 0; ; kill += step) {
            Path disk = Files.createTempDirectory(folder, "kill-");
            DyingFiles files = DyingFiles.before(kill);
            Path here = DyingFiles.immortal().path(disk);
            boolean died = false;
            try {
                start(files.path(disk));
            } catch (DyingFiles.Death e) {
                died = true;
            }
            if (died) {
                then.happens(here);
            }
            check(here, expected, remembered, kill);
            if (!died) {
                return kill;
            }
        }
    }

    private void check(Path here, ServerState expected, List<ComponentState> remembered, int kill) {
        try {
            ServerState end = start(here);
            assertEquals(expected, end, "killed before operation " + kill);
        } catch (IllegalStateException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(
                    message.contains(" and not to the one to start, ")
                            || message.contains("was an older copy restored?")
                            || message.contains("is its volume mounted and its path right?"),
                    () -> "killed before operation " + kill + ": " + message);
            assertTrue(Files.exists(here.resolve("put-back")), message);
            return;
        }
        if (Files.exists(here.resolve("made-meanwhile"))) {
            return;
        }
        try (ClientStateStore states = ClientStateStore.inDirectory(here.resolve("clients"))) {
            List<ComponentState> now =
                    RememberingRun.CLIENTS.stream().map(states::read).toList();
            if (remembered.isEmpty()) {
                remembered.addAll(now);
            }
            assertEquals(remembered, now, "killed before operation " + kill);
        }
    }

    ServerState start(Path here) {
        CheckpointStore store = CheckpointStore.in(here.resolve("server"));
        ServerState from = store.latest().orElse(Toy.start());
        if (from.round() == rounds) {
            return from;
        }
        try (ClientStateStore states = ClientStateStore.inDirectory(here.resolve("clients"));
                InProcessRunner runner = InProcessRunner.of(1);
                FederatedServer server = RememberingRun.builder(states)
                        .checkpoints(store)
                        .runner(runner)
                        .build()) {
            return server.run(from, rounds - from.round()).state();
        }
    }

    void startWithout(Path here, String lost) throws IOException {
        Path away = here.resolve("away");
        if (!Files.isDirectory(here.resolve(lost))) {
            return;
        }
        Files.move(here.resolve(lost), away);
        try {
            start(here);
        } catch (IllegalStateException thrown) {
            assertTrue(
                    String.valueOf(thrown.getMessage()).contains(" belongs to run ")
                            || String.valueOf(thrown.getMessage()).contains(" holds no states, but run "),
                    thrown.getMessage());
        }
        Files.createFile(here.resolve("put-back"));
        if (Files.exists(here.resolve(lost))) {
            Files.move(here.resolve(lost), here.resolve("made-meanwhile"));
        }
        Files.move(away, here.resolve(lost));
    }
}
