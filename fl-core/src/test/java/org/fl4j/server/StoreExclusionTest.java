package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.fl4j.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A store has one run at a time, whoever asks second. */
@Timeout(60)
class StoreExclusionTest {

    @TempDir
    private Path folder;

    @Test
    void rejectsASecondRunOverAClientStoreInUse() {
        ClientStateStore states = ClientStateStore.inMemory();
        String thrown =
                duringARun(RememberingRun.builder(states), () -> run(RememberingRun.builder(states), Toy.start(), 1));

        assertTrue(thrown.startsWith("the client state store in memory is in use by run "), thrown);
        assertTrue(
                thrown.endsWith(" of this process; end that one first, or give each run a store of its own"), thrown);
    }

    @Test
    void rejectsASecondRunOverACheckpointFolderInUse() {
        String thrown = duringARun(
                plain().checkpoints(CheckpointStore.in(folder)),
                () -> run(plain().checkpoints(CheckpointStore.in(folder)), Toy.start(), 1));

        assertEquals(inUse("this process"), thrown);
    }

    @Test
    void rejectsASecondRunOverACustomStoreInUse() {
        CheckpointStore own = new InAField();
        String thrown = duringARun(
                plain().checkpoints(own),
                () -> run(plain().checkpoints(own), own.latest().orElseThrow(), 1));

        assertEquals(
                "in a field is in use by another run of this process; end that one first, or give each run a store of its own",
                thrown);
        assertEquals(3, own.latest().orElseThrow().round(), "the first one went on");
        run(plain().checkpoints(own), own.latest().orElseThrow(), 1);
        assertEquals(4, own.latest().orElseThrow().round());
    }

    @Test
    void anotherStoreOfTheFolderSavesNothingDuringARun() {
        String thrown = duringARun(
                plain().checkpoints(CheckpointStore.in(folder)),
                () -> CheckpointStore.in(folder).save(Toy.start()));

        assertEquals(inUse("this process"), thrown);
    }

    @Test
    void historyIsNotErasedDuringARun() {
        CheckpointStore store = CheckpointStore.in(folder);
        String thrown = duringARun(plain().checkpoints(store), store::eraseHistory);

        assertEquals(
                "the checkpoint store in '" + folder + "' cannot be erased while a run uses it; end that one first",
                thrown);
        assertEquals(3, store.latest().orElseThrow().round());
    }

    @Test
    void aClaimThatIsClosedTwiceDoesNotFreeTheNextOne() {
        CheckpointStore inAFolder = CheckpointStore.in(folder);
        for (CheckpointStore store : List.of(inAFolder, new InAField())) {
            ServerState start = Toy.start().drawn();
            ClientStateStore.Claim first = store.claim(start);
            first.close();
            ClientStateStore.Claim second = store.claim(start);
            first.close();
            assertThrows(IllegalStateException.class, () -> store.claim(start), store::toString);
            second.close();
            store.claim(start).close();
        }
    }

    @Test
    void twoProcessesDoNotShareACheckpointFolder() throws IOException, InterruptedException {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        CheckpointStore store = CheckpointStore.in(folder);
        try (BufferedReader said = other.inputReader(StandardCharsets.UTF_8)) {
            String line = said.readLine();
            while (line != null && !line.equals("in round 2")) {
                line = said.readLine();
            }
            ServerState first = store.latest().orElseThrow();
            assertEquals(1, first.round());
            assertEquals(
                    inUse("another process"),
                    assertThrows(IllegalStateException.class, () -> run(plain().checkpoints(store), first, 1))
                            .getMessage());
        } finally {
            other.destroyForcibly();
            other.waitFor();
        }
        run(plain().checkpoints(store), store.latest().orElseThrow(), 1);
        assertEquals(2, store.latest().orElseThrow().round());
    }

    /** A client of a run that ended goes on training, and stages when another run has round 1 open. */
    @Test
    void aStragglerOfAnotherRunsFirstRoundChangesNothing() {
        ClientStateStore states = ClientStateStore.inMemory();
        AtomicReference<TrainingTask> late = new AtomicReference<>();
        ClientId self = new ClientId("client-0");
        ServerBuilder firstRun = counting(states, (client, task) -> {
            late.compareAndSet(null, task);
            throw new IOException("away");
        });
        run(firstRun, Toy.start(), 1);
        states.eraseHistory();
        ServerBuilder secondRun = counting(states, (client, task) -> {
            TrainingTask straggler = late.get();
            states.stage(client, straggler.round(), straggler.token(), ComponentState.of("late", 1));
            return ClientUpdate.of(client, task, Toy.delta(1, 0, 0), 1);
        });
        run(secondRun, Toy.start(), 1);

        assertEquals(ComponentState.EMPTY, states.read(self));
    }

    private static ServerBuilder counting(ClientStateStore states, ScriptedPopulation.Training training) {
        return FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(1, training).rememberingIn(states))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private String inUse(String whose) {
        return "'" + folder + "' is in use by a run of " + whose
                + "; end that one first, or give each run a directory of its own";
    }

    /** Returns the message that rejects the second while the first runs the second of its three rounds. */
    private static String duringARun(ServerBuilder first, Runnable second) {
        AtomicReference<String> thrown = new AtomicReference<>("not asked");
        run(
                first.listeners(new RoundListener() {
                    @Override
                    public void roundStarted(int round) {
                        if (round == 2) {
                            thrown.set(assertThrows(IllegalStateException.class, second::run)
                                    .getMessage());
                        }
                    }
                }),
                Toy.start(),
                3);
        return thrown.get();
    }

    private static ServerBuilder plain() {
        return FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(3, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private static void run(ServerBuilder builder, ServerState from, int rounds) {
        try (FederatedServer server = builder.build()) {
            server.run(from, rounds);
        }
    }

    /** As small as a store can be. */
    private static final class InAField implements CheckpointStore {

        private Optional<ServerState> latest = Optional.empty();

        @Override
        public void save(ServerState state) {
            latest = Optional.of(state);
        }

        @Override
        public Optional<ServerState> latest() {
            return latest;
        }

        @Override
        public String toString() {
            return "in a field";
        }
    }

    /** Plays a round, and waits in the second to be killed. */
    static final class Other {

        private Other() {}

        public static void main(String... args) {
            run(
                    plain().checkpoints(CheckpointStore.in(Path.of(args[0]))).listeners(new RoundListener() {
                        @Override
                        public void roundStarted(int round) {
                            if (round == 2) {
                                System.out.println("in round 2");
                                try {
                                    System.in.read();
                                } catch (IOException e) {
                                    throw new IllegalStateException(e);
                                }
                            }
                        }
                    }),
                    Toy.start(),
                    2);
        }
    }
}
