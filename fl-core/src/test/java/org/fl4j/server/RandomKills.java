package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;

/**
 * Runs in JVMs of their own that are killed at random times, each run until it ends; now and then a start lacks one of its
 * folders. The end has the bits of an undisturbed run.
 *
 * @param folder for the files of all runs
 * @param rounds of each run
 * @param kills of each run at most; then it may end
 */
record RandomKills(Path folder, int rounds, int kills) {

    private static final int REJECTED = 3;
    private static final long LONGEST_SECONDS = 600;

    /** How many processes were killed. */
    int run(int runs, long seed) throws IOException, InterruptedException {
        ServerState expected = RememberingRun.undisturbed(rounds);
        DeterministicRandom random = new DeterministicRandom(seed);
        int killed = 0;
        for (int run = 0; run < runs; run++) {
            Path here = Files.createTempDirectory(folder, "run-");
            for (int i = 0; i < kills; i++) {
                killed += killed(here, 300 + (long) (1500 * random.nextDouble())) ? 1 : 0;
                if (i % 3 == 0) {
                    startWithout(here, random.nextDouble() < 0.5 ? "server" : "clients");
                }
            }
            assertEquals(0, end(start(here)), "run " + run);
            assertEquals(
                    expected,
                    CheckpointStore.in(here.resolve("server")).latest().orElseThrow(),
                    "run " + run);
        }
        return killed;
    }

    private boolean killed(Path here, long millis) throws IOException, InterruptedException {
        Process child = start(here);
        boolean ended = child.waitFor(millis, TimeUnit.MILLISECONDS);
        child.destroyForcibly();
        child.waitFor();
        if (ended) {
            assertEquals(0, child.exitValue());
        }
        return !ended;
    }

    /** Once a round was committed, a start without one of the folders is rejected. */
    private void startWithout(Path here, String lost) throws IOException, InterruptedException {
        if (CheckpointStore.in(here.resolve("server"))
                        .latest()
                        .map(ServerState::round)
                        .orElse(0)
                == 0) {
            return;
        }
        Path away = here.resolve("away");
        Files.move(here.resolve(lost), away);
        boolean over = CheckpointStore.in(here.resolve("server"))
                        .latest()
                        .map(ServerState::round)
                        .orElse(0)
                == rounds;
        assertEquals(over ? 0 : REJECTED, end(start(here)), "without " + lost);
        if (Files.exists(here.resolve(lost))) {
            Files.move(
                    here.resolve(lost), Files.createTempDirectory(here, "made-").resolve(lost));
        }
        Files.move(away, here.resolve(lost));
    }

    private static int end(Process child) throws InterruptedException {
        try {
            return child.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) ? child.exitValue() : -1;
        } finally {
            child.destroyForcibly();
        }
    }

    private Process start(Path here) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        here.toString(),
                        Integer.toString(rounds))
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(here.resolve("log.txt").toFile()))
                .start();
    }

    /** One process of a run: goes on from the latest checkpoint. */
    static final class Child {

        private Child() {}

        public static void main(String... args) {
            Path here = Path.of(args[0]);
            int rounds = Integer.parseInt(args[1]);
            CheckpointStore store = CheckpointStore.in(here.resolve("server"));
            ServerState from = store.latest().orElse(Toy.start());
            if (from.round() == rounds) {
                return;
            }
            try (ClientStateStore states = ClientStateStore.inDirectory(here.resolve("clients"))) {
                RememberingRun.run(states, store, from, rounds - from.round());
            } catch (IllegalStateException thrown) {
                thrown.printStackTrace();
                System.exit(REJECTED);
            }
        }
    }
}
