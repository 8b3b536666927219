package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.fl4j.CorruptDataException;
import org.fl4j.NewerVersionException;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run resumes from its own files, complete and of its round, or is rejected before anything is begun or lost. */
class RunIdentityTest {

    private static final int ROUNDS = 10;

    @TempDir
    private Path folder;

    private ServerState fifth = Toy.start();

    /** Five rounds whose states lie in {@code server} and {@code clients}. */
    @BeforeEach
    void fiveRounds() {
        fifth = start("clients", "server", 5);
    }

    @Test
    void aMissingCheckpointFolderLosesNothing() throws IOException {
        Files.move(folder.resolve("server"), folder.resolve("away"));
        Map<String, Long> before = files("clients");
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> start("clients", "server", 1));

        assertTrue(
                thrown.getMessage()
                        .startsWith("the client state store in '" + folder.resolve("clients") + "' belongs to run "
                                + fifth.run() + ", at round 5, and not to the one to start, "),
                thrown.getMessage());
        assertEquals(before, files("clients"));
        Files.deleteIfExists(folder.resolve("server"));
        Files.move(folder.resolve("away"), folder.resolve("server"));
        assertEquals(RememberingRun.undisturbed(ROUNDS), start("clients", "server", 5));
    }

    @Test
    void unreadableCheckpointsDoNotCountAsNone() throws IOException {
        for (Path file : checkpoints()) {
            Files.write(file, new byte[] {1, 2, 3, 4, 5});
        }
        CorruptDataException damaged = assertThrows(CorruptDataException.class, () -> start("clients", "server", 1));

        assertEquals(
                "no checkpoint in '" + folder.resolve("server")
                        + "' can be read; restore one, or give the run another folder:"
                        + " '" + checkpoints().get(0)
                        + "' is damaged or not of this library: it does not start with the"
                        + " bytes FL4J; '" + checkpoints().get(1)
                        + "' is damaged or not of this library: it does not start"
                        + " with the bytes FL4J",
                damaged.getMessage());
    }

    @Test
    void aCheckpointOfANewerVersionIsNotSkipped() {
        Path newest = checkpoints().get(0);
        BinaryWriter.toFile(newest, "server-state", 1000, out -> out.writeLong(1));
        NewerVersionException newer = assertThrows(NewerVersionException.class, () -> start("clients", "server", 1));

        assertEquals(
                "'" + newest + "' is of version 1000 of 'server-state', and this library reads 1 to 4; read it with the"
                        + " library that wrote it or a newer one",
                newer.getMessage());
    }

    @Test
    void rejectsMissingClientStates() {
        assertEquals(
                "the client state store in '" + folder.resolve("elsewhere") + "' holds no states, but run "
                        + fifth.run()
                        + " is at round 5; is its volume mounted and its path right? To continue without what clients"
                        + " remembered, start another run from these weights",
                rejection("elsewhere", "server"));
    }

    @Test
    void rejectsAnEmptiedClientStateFolder() throws IOException {
        delete(folder.resolve("clients/states"));
        assertEquals(
                "the client state store in '" + folder.resolve("clients") + "' holds no states, but run " + fifth.run()
                        + " is at round 5; is its volume mounted and its path right? To continue without what clients"
                        + " remembered, start another run from these weights",
                rejection("clients", "server"));
    }

    @Test
    void rejectsClientStatesWithoutTheirRecord() throws IOException {
        Path history = folder.resolve("clients/states/history.fl4j");
        Files.delete(history);
        assertEquals(
                "'" + history
                        + "' is missing, but clients' states are there: whose they are is not known; restore it, or use"
                        + " another directory",
                assertThrows(CorruptDataException.class, () -> start("clients", "server", 1))
                        .getMessage());
    }

    @Test
    void rejectsClientStatesOfAnEarlierRound() throws IOException {
        copy(folder.resolve("clients"), folder.resolve("older"));
        start("clients", "server", 1);
        assertEquals(
                "the client state store in '" + folder.resolve("older") + "' ends with round 5 of run " + fifth.run()
                        + ", but the state is at round 6; was an older copy restored?",
                rejection("older", "server"));
    }

    /** Of the same seed and weights too: only the random part tells them apart. */
    @Test
    void rejectsClientStatesOfAnotherRun() {
        ServerState other = start("others-clients", "others-server", 5);
        assertEquals(fifth, other);
        assertNotEquals(fifth.run(), other.run());
        assertEquals(
                "the client state store in '" + folder.resolve("others-clients") + "' belongs to run " + other.run()
                        + ", at round 5, and not to the one to start, " + fifth.run()
                        + " at round 5; resume the former from"
                        + " its last state, give the latter a store of its own, or erase the former's states with"
                        + " eraseHistory()",
                rejection("others-clients", "server"));
    }

    @Test
    void rejectsANewRunOverClientStatesOfAnotherAndErasesNothing() throws IOException {
        Map<String, Long> before = files("clients");
        assertThrows(IllegalStateException.class, () -> start("clients", "new-server", 1));
        assertEquals(before, files("clients"));
        assertEquals(
                List.of(),
                CheckpointStore.in(folder.resolve("new-server")).latest().stream()
                        .toList());

        try (ClientStateStore states = states("clients")) {
            states.eraseHistory();
        }
        assertEquals(RememberingRun.undisturbed(ROUNDS), start("clients", "new-server", ROUNDS));
    }

    @Test
    void rejectsAStateThatIsNotTheLatestCheckpoint() {
        CheckpointStore store = CheckpointStore.in(folder.resolve("server"));
        ServerState sixth = start("clients", "server", 1);
        String name = "the checkpoint store in '" + folder.resolve("server") + "'";
        String run = "run " + fifth.run();

        assertEquals(
                name + " holds " + run
                        + " at round 6, but the state is at round 5; resume with runUntil, or from latest()",
                rejectionOf(store, fifth));
        assertEquals(
                name + " ends with " + run
                        + " at round 6, but the state is at round 7; was an older copy restored? To continue"
                        + " from this state, save(state) it first",
                rejectionOf(store, sixth.abandoned(sixth.ledger())));
        ServerState altered = new ServerState(
                6,
                0,
                Toy.weights(9, 9, 9),
                sixth.optimizer(),
                sixth.aggregator(),
                sixth.selector(),
                sixth.ledger(),
                sixth.downlink(),
                sixth.progress(),
                sixth.time(),
                sixth.underWay(),
                sixth.seed(),
                sixth.run());
        assertEquals(
                name + " holds another state of " + run
                        + " at round 6 than the one to continue from; resume with runUntil, or from latest()",
                rejectionOf(store, altered));
        assertEquals(Optional.of(sixth), store.latest());
    }

    @Test
    void rejectsAFolderWithoutTheRunsCheckpointsUntilTheStateIsSavedByHand() {
        CheckpointStore empty = CheckpointStore.in(folder.resolve("typo"));
        assertEquals(
                "the checkpoint store in '" + folder.resolve("typo") + "' holds no state, but run " + fifth.run()
                        + " at round 5 is to continue; is its volume mounted and its path right? To begin a history there with"
                        + " this state, save(state) it first",
                rejectionOf(empty, fifth));
        empty.save(fifth);
        try (ClientStateStore states = states("clients")) {
            assertEquals(RememberingRun.undisturbed(ROUNDS), RememberingRun.run(states, empty, fifth, 5));
        }
    }

    @Test
    void aStateSavedByHandResumesAndOneOfAnotherRunIsRejected() {
        CheckpointStore store = CheckpointStore.in(folder.resolve("server"));
        ServerState other = start("others-clients", "others-server", 6);
        assertEquals(
                "the checkpoint store in '" + folder.resolve("server") + "' belongs to run " + fifth.run()
                        + ", and the state to be saved is of run " + other.run()
                        + "; give each run a folder of its own",
                assertThrows(IllegalStateException.class, () -> store.save(other))
                        .getMessage());

        Path file = folder.resolve("by-hand.fl4j");
        fifth.save(file);
        try (ClientStateStore states = states("clients")) {
            assertEquals(
                    RememberingRun.undisturbed(ROUNDS), RememberingRun.run(states, store, ServerState.load(file), 5));
        }
    }

    /** The first checkpoint is the state before round 1, so what the crash left belongs to the run that is resumed. */
    @Test
    void aCrashInTheFirstRoundKeepsTheRunsId() {
        CheckpointStore store = CheckpointStore.in(folder.resolve("crashed-server"));
        CheckpointStore failing = new CheckpointStore() {
            @Override
            public void save(ServerState state) {
                if (state.round() == 1) {
                    throw new IllegalStateException("crash");
                }
                store.save(state);
            }

            @Override
            public Optional<ServerState> latest() {
                return store.latest();
            }
        };
        try (ClientStateStore states = states("crashed-clients")) {
            assertThrows(IllegalStateException.class, () -> RememberingRun.run(states, failing, Toy.start(), 3));
        }
        ServerState first = store.latest().orElseThrow();
        assertTrue(first.run().isDrawn());
        assertEquals(Toy.start(), first);
        assertEquals(RememberingRun.undisturbed(ROUNDS), start("crashed-clients", "crashed-server", ROUNDS));
        assertEquals(first.run(), store.latest().orElseThrow().run());
    }

    @Test
    void anInitialStateSavedByHandIsTheStartOfItsRun() {
        CheckpointStore store = CheckpointStore.in(folder.resolve("by-hand"));
        store.save(Toy.start());
        assertFalse(store.latest().orElseThrow().run().isDrawn());
        try (ClientStateStore states = ClientStateStore.inMemory()) {
            ServerState first = RememberingRun.run(states, store, store.latest().orElseThrow(), 1);
            assertEquals(RememberingRun.undisturbed(ROUNDS), RememberingRun.run(states, store, first, ROUNDS - 1));
        }
    }

    @Test
    void afterErasingCheckpointsAnotherRunMayStart() {
        CheckpointStore store = CheckpointStore.in(folder.resolve("server"));
        store.eraseHistory();
        assertEquals(Optional.empty(), store.latest());
        start("new-clients", "server", 1);
    }

    private ServerState start(String clients, String server, int rounds) {
        CheckpointStore store = CheckpointStore.in(folder.resolve(server));
        try (ClientStateStore states = states(clients)) {
            return RememberingRun.run(states, store, store.latest().orElse(Toy.start()), rounds);
        }
    }

    private String rejection(String clients, String server) {
        return assertThrows(IllegalStateException.class, () -> start(clients, server, 1))
                .getMessage();
    }

    private String rejectionOf(CheckpointStore store, ServerState from) {
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(1, Toy.moves(0, 0, 0)))
                .localTraining(Toy.TRAINING)
                .checkpoints(store)
                .build()) {
            return assertThrows(IllegalStateException.class, () -> server.run(from, 1))
                    .getMessage();
        }
    }

    private ClientStateStore states(String name) {
        return ClientStateStore.inDirectory(folder.resolve(name));
    }

    private List<Path> checkpoints() {
        return List.of(folder.resolve("server/round-0000000005.fl4j"), folder.resolve("server/round-0000000004.fl4j"));
    }

    private Map<String, Long> files(String name) throws IOException {
        Map<String, Long> found = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder.resolve(name))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                found.put(file.toString(), Files.size(file));
            }
        }
        return found;
    }

    private static void delete(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }
}
