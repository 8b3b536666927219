package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.RemoteMemory;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Trouble;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.FarBlockRunner;
import org.fl4j.testkit.TestMean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients elsewhere that remember there, and what each client is sent by what it holds: everything is as it is in the server's JVM, to the
 * last bit and byte.
 */
class RemoteMemoryTest extends HeldByClients {

    @ParameterizedTest
    @EnumSource
    void theSameBitsAndBytesAsHere(Setting setting) {
        Seen seenHere = new Seen();
        ServerState here;
        try (ClientStateStore states = ClientStateStore.inMemory()) {
            here = run(setting, here(setting, states).decorated(Troubled::new), seenHere, start(setting), 8);
        }
        Seen seenFar = new Seen();
        FarSide far = new FarSide(setting, client -> client, id -> RemoteMemory.inMemory());
        try (ClientStateStore accepted = ClientStateStore.inMemory()) {
            ServerState there =
                    run(setting, far.clients(accepted).decorated(Troubled::new), seenFar, start(setting), 8);
            assertEquals(here, there);
        }
        assertEquals(seenHere, seenFar);
        if (setting == Setting.DELTAS_DOWN) {
            assertTrue(down(seenHere, 3) < down(seenHere, 0) / 2, "an abandoned round does not take what clients hold");
        }
        assertEquals(16, seenHere.evaluations.size());
        assertNotEquals(seenHere.evaluations.get(0), seenHere.evaluations.get(15));
    }

    /** Blocks that are trained elsewhere are of the server's side: what a client holds is known there. */
    @ParameterizedTest
    @EnumSource
    void theSameBitsAndBytesInBlocks(Setting setting) {
        Seen seenHere = new Seen();
        ServerState here = run(setting, here(setting, ClientStateStore.inMemory()), seenHere, start(setting), 5);
        Seen seenFar = new Seen();
        ClientStateStore states = ClientStateStore.inMemory();
        ClientProvider known = here(setting, states);
        FarBlockRunner runner = FarBlockRunner.of(new TestMean(), here(setting, ClientStateStore.inMemory()));
        try (FederatedServer server = setting.server(known, setting.model(1))
                .runner(runner)
                .listeners(seenFar)
                .build()) {
            assertEquals(here, server.run(start(setting), 5).state());
        }
        assertEquals(seenHere.traffic, seenFar.traffic);
    }

    /** Workers whose clients are elsewhere from them: what was accepted travels with the block, FROZEN parameters do not. */
    @ParameterizedTest
    @EnumSource(names = {"LOCAL_LAYERS", "DITTO", "ERROR_FEEDBACK", "DELTAS_DOWN"})
    void behindWorkersAsWell(Setting setting) {
        ServerState here = run(setting, here(setting, ClientStateStore.inMemory()), new Seen(), start(setting), 5);
        FarSide far = new FarSide(setting, client -> client, id -> RemoteMemory.inMemory());
        ClientStateStore accepted = ClientStateStore.inMemory();
        FarBlockRunner runner = FarBlockRunner.of(new TestMean(), far.clients(ClientStateStore.inMemory()));
        try (FederatedServer server = setting.server(far.clients(accepted), setting.model(1))
                .runner(runner)
                .build()) {
            assertEquals(here, server.run(start(setting), 5).state());
        }
    }

    /**
     * The server ends after each round and begins the third one again, from its checkpoint of the second; the clients' processes end as
     * well. What they did in the round that is played again is forgotten.
     */
    @ParameterizedTest
    @EnumSource
    void aResumeOnBothSidesHasTheSameBits(Setting setting, @TempDir Path folder) {
        ServerState whole;
        FarSide once = new FarSide(setting, client -> client, id -> RemoteMemory.inMemory());
        try (ClientStateStore accepted = ClientStateStore.inMemory()) {
            whole = run(setting, once.clients(accepted), new Seen(), start(setting), 6);
        }
        ServerState state = start(setting);
        ServerState second = null;
        int played = 0;
        while (state.round() < 6) {
            FarSide far =
                    new FarSide(setting, client -> client, id -> RemoteMemory.inDirectory(folder.resolve(id.value())));
            try (ClientStateStore accepted = ClientStateStore.inDirectory(folder.resolve("accepted"))) {
                state = run(setting, far.clients(accepted), new Seen(), state, 1);
            }
            far.close();
            state = ServerState.fromBytes(state.toBytes());
            if (state.round() == 2) {
                second = state;
            }
            if (++played == 3) {
                state = second;
            }
        }
        assertEquals(7, played);
        assertEquals(whole, state);
    }

    /** A client fails once it has been trained, for itself and for what it holds: the next task is by the update before. */
    @Test
    void aFailureElsewhereLeavesNothingBehind() {
        for (Setting setting : List.of(Setting.EVERYTHING, Setting.DITTO)) {
            ClientProvider here = Trouble.seeded(5)
                    .of(0.5, Trouble.crashAfterTraining())
                    .around(here(setting, ClientStateStore.inMemory()));
            ServerState expected = run(setting, here, new Seen(), start(setting), 8);
            FarSide far = new FarSide(setting, client -> client, id -> RemoteMemory.inMemory());
            ClientProvider there = Trouble.seeded(5)
                    .of(0.5, Trouble.crashAfterTraining())
                    .around(far.clients(ClientStateStore.inMemory()));
            assertEquals(expected, run(setting, there, new Seen(), start(setting), 8));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLostMemoryIsNoticedAndCanBeginAnew(boolean sentWeights) {
        Setting setting = sentWeights ? Setting.DELTAS_DOWN : Setting.LOCAL_LAYERS;
        ClientStateStore accepted = ClientStateStore.inMemory();
        FarSide far = new FarSide(setting, client -> client, id -> RemoteMemory.inMemory());
        ServerState state = run(setting, far.clients(accepted), new Seen(), start(setting), 4);
        FarSide lost = new FarSide(
                setting,
                client -> client,
                id -> id.equals(IDS.get(0)) ? RemoteMemory.inMemory() : far.memories.get(id));
        Seen seen = new Seen();
        state = run(setting, lost.clients(accepted), seen, state, 3);
        String failed = seen.outcomes.stream()
                .flatMap(List::stream)
                .filter(outcome -> outcome.contains("failed"))
                .findFirst()
                .orElseThrow();
        assertTrue(
                failed.contains("client 'client-0', round ")
                        && failed.contains("the server has accepted an update of which nothing is left here"),
                failed);

        accepted.forget(IDS.get(0));
        Seen mended = new Seen();
        run(setting, lost.clients(accepted), mended, state, 4);
        assertTrue(mended.outcomes.stream().flatMap(List::stream).noneMatch(outcome -> outcome.contains("failed")));
    }

    @Test
    void whoDoesNotSayWhatWasAcceptedIsNotBelieved() {
        Setting setting = Setting.LOCAL_LAYERS;
        FarSide far = new FarSide(setting, client -> client, id -> RemoteMemory.inMemory());
        ClientProvider silent = ClientProvider.of(IDS, id -> (Client) new Far(id, far.sessions.get(id)));
        try (FederatedServer server = setting.server(silent, setting.model(1)).build()) {
            RoundResult result = server.run(start(setting), 1);
            String reason =
                    assertInstanceOf(RoundResult.Abandoned.class, result).reason();
            assertTrue(reason.contains("does not say which of its updates it accepted"), reason);
        }
    }

    /** A message without the memory it needs, of a client that does not hold what it is taken to hold, and on a disk that another has. */
    @Test
    void aTaskOfDeltasNeedsItsMemory(@TempDir Path folder) {
        List<byte[]> tasks = new ArrayList<>();
        Setting setting = Setting.DELTAS_DOWN;
        FarSide far = new FarSide(setting, client -> client, id -> RemoteMemory.inMemory());
        ClientProvider recorded =
                far.clients(ClientStateStore.inMemory()).decorated(client -> new Recording(client, tasks));
        try (FederatedServer server = setting.server(recorded, setting.model(1))
                .selector(ClientSelector.all())
                .runner(InProcessRunner.of(1))
                .build()) {
            server.run(start(setting), 2);
        }
        byte[] task = tasks.get(tasks.size() - 1);
        assertTrue(assertThrows(IllegalStateException.class, () -> TrainingTask.fromBytes(task))
                .getMessage()
                .contains("read it with the client's RemoteMemory"));
        assertEquals(
                2,
                TrainingTask.fromBytes(task, IDS.get(3), far.memories.get(IDS.get(3)))
                        .round());
        try (RemoteMemory memory = RemoteMemory.inDirectory(folder)) {
            assertThrows(IllegalStateException.class, () -> TrainingTask.fromBytes(task, IDS.get(3), memory));
            assertThrows(IllegalStateException.class, () -> RemoteMemory.inDirectory(folder));
        }
    }

    private record Recording(Client client, List<byte[]> tasks) implements Client {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            tasks.add(task.toBytes());
            return client.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }

    /** However long a run is, a client keeps a few states. */
    @Test
    void aMemoryStaysSmall(@TempDir Path folder) throws IOException {
        Setting setting = Setting.EVERYTHING;
        FarSide far =
                new FarSide(setting, client -> client, id -> RemoteMemory.inDirectory(folder.resolve(id.value())));
        ServerState state;
        try (ClientStateStore accepted = ClientStateStore.inMemory()) {
            state = run(setting, far.clients(accepted), new Seen(), start(setting), 8);
            long after = files(folder);
            run(setting, far.clients(accepted), new Seen(), state, 12);
            assertTrue(files(folder) <= after + IDS.size(), after + " files, then " + files(folder));
        }
        far.close();
    }

    private static long files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the server's side: checkpoints and the store of accepted updates have nothing that a client keeps for itself. */
    @Test
    void localValuesStayElsewhere(@TempDir Path folder) throws IOException {
        Setting setting = Setting.LOCAL_LAYERS;
        FarSide far = new FarSide(setting, client -> client, id -> RemoteMemory.inMemory());
        try (ClientStateStore accepted = ClientStateStore.inDirectory(folder.resolve("accepted"));
                FederatedServer server = setting.server(far.clients(accepted), setting.model(1))
                        .checkpoints(CheckpointStore.in(folder.resolve("server")))
                        .build()) {
            server.run(start(setting), 3);
        }
        try (Stream<Path> files = Files.walk(folder.resolve("accepted"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertTrue(Files.size(file) < 500, file + " has " + Files.size(file) + " bytes");
            }
        }
    }
}
