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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.client.PersonalTraining;
import org.fl4j.client.RemoteMemory;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Downlink;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.model.PersonalModel;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Trouble;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.FarBlockRunner;
import org.fl4j.testkit.InsecureForTests;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Clients elsewhere that remember there, and what each client is sent by what it holds: everything is as it is in the server's JVM, to the
 * last bit and byte.
 */
class RemoteMemoryTest {

    private static final int D = 300;
    private static final ParameterLayout LAYOUT = new ParameterLayout(
            DataType.DOUBLE,
            List.of(
                    ParameterSpec.trainable("base", 7),
                    ParameterSpec.trainable("body", D),
                    ParameterSpec.trainable("head", 5)));
    private static final LocalTraining STEP = LocalTraining.steps(1).withLearningRate(0.25);
    private static final List<ClientId> IDS = ClientId.numbered("client-", 4);
    private static final Map<ClientId, double[][]> DATA = new TreeMap<>();

    static {
        Random random = new Random(3);
        for (ClientId id : IDS) {
            DATA.put(id, new double[][] {random.doubles(LAYOUT.length(), -1, 1).toArray()});
        }
    }

    /** What rounds can have that depends on what a client holds. */
    enum Setting {
        LOCAL_LAYERS,
        FED_REP,
        DITTO,
        ERROR_FEEDBACK,
        FROZEN,
        FP16_DOWN,
        DELTAS_DOWN,
        FP16_DELTAS_DOWN,
        EVERYTHING;

        GradientModel<double[][]> model(double base) {
            GradientModel<double[][]> whole = new QuadraticModel(LAYOUT);
            double[] values = new double[LAYOUT.length()];
            java.util.Arrays.fill(values, 0, 7, base);
            whole.load(ModelWeights.copyOf(LAYOUT, values));
            return switch (this) {
                case LOCAL_LAYERS, FED_REP -> whole.keeping("head");
                case FROZEN -> whole.freezing("base");
                case EVERYTHING -> whole.freezing("base").keeping("head");
                default -> whole;
            };
        }

        ServerBuilder server(ClientProvider clients, GradientModel<double[][]> model) {
            OpenServerBuilder open = FederatedServer.with(new TestMean());
            ServerBuilder builder = open.clients(clients).localTraining(STEP).selector(ClientSelector.uniform(3));
            switch (this) {
                case FED_REP -> builder.personal(PersonalTraining.fedRep(1));
                case DITTO -> builder.personal(PersonalTraining.ditto(0.5));
                case ERROR_FEEDBACK -> open.uplink(Codec.topK(0.1));
                case FROZEN -> builder.frozen(((PersonalModel<double[][]>) model).frozen());
                case FP16_DOWN -> builder.downlink(Downlink.fp16());
                case DELTAS_DOWN -> builder.downlink(Downlink.deltas(Codec.eden(1)));
                case FP16_DELTAS_DOWN -> builder.downlink(Downlink.deltas(Codec.fp16()));
                case EVERYTHING -> {
                    open.uplink(Codec.sign());
                    builder.personal(PersonalTraining.fedRep(1))
                            .frozen(((PersonalModel<double[][]>) model).frozen())
                            .downlink(Downlink.deltas(Codec.eden(2)));
                }
                default -> {}
            }
            return builder;
        }
    }

    /** The clients' side of the wire: a model, a memory and a session for each; only bytes come and go. */
    private static final class FarSide {

        private final Map<ClientId, RemoteMemory> memories = new HashMap<>();
        private final Map<ClientId, PlainSession> sessions = new HashMap<>();

        FarSide(
                Setting setting,
                UnaryOperator<Client> around,
                java.util.function.Function<ClientId, RemoteMemory> memory) {
            for (ClientId id : IDS) {
                RemoteMemory its = memory.apply(id);
                memories.put(id, its);
                // Built without the server's backbone, where that is sent.
                double base = setting == Setting.FROZEN || setting == Setting.EVERYTHING ? -3 : 1;
                ModelPool<GradientModel<double[][]>> pool = ModelPool.of(() -> setting.model(base));
                sessions.put(
                        id,
                        PlainSession.of(
                                around.apply(
                                        LocalClient.of(id, DATA.get(id), pool).rememberingIn(its)),
                                its));
            }
        }

        ClientProvider clients(ClientStateStore accepted) {
            return ClientProvider.of(IDS, id -> (Client) new Far(id, sessions.get(id)))
                    .remote()
                    .rememberingElsewhere(accepted);
        }

        void close() {
            memories.values().forEach(RemoteMemory::close);
        }
    }

    private record Far(ClientId id, PlainSession session) implements Client {

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            return ClientUpdate.fromBytes(session.answer(task.toBytes()));
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return Evaluation.fromBytes(session.answer(task.toBytes()));
        }
    }

    /** Its update is rejected in the second round, and in the third, with the others', once it has been trained. */
    private record Troubled(Client client) implements Client {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            ClientUpdate update = client.train(task);
            if (task.round() == 3 || (task.round() == 2 && id().equals(IDS.get(1)))) {
                throw new UpdateRejectedException("today not");
            }
            return update;
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }

    /** All that is to be seen of a run. */
    private static final class Seen implements RoundListener {

        private final List<Traffic> traffic = new ArrayList<>();
        private final List<Evaluation> evaluations = new ArrayList<>();
        private final List<List<String>> outcomes = new ArrayList<>();

        @Override
        public void roundEnded(RoundResult result) {
            RoundResult.Report report = report(result);
            traffic.add(report.traffic());
            outcomes.add(report.outcomes().stream().map(ClientOutcome::describe).toList());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Seen that
                    && traffic.equals(that.traffic)
                    && evaluations.equals(that.evaluations)
                    && outcomes.equals(that.outcomes);
        }

        @Override
        public int hashCode() {
            return traffic.hashCode();
        }

        @Override
        public String toString() {
            return traffic + "\n" + outcomes + "\n" + evaluations;
        }
    }

    private static RoundResult.Report report(RoundResult result) {
        return result instanceof RoundResult.Advanced advanced
                ? advanced.report()
                : ((RoundResult.Abandoned) result).report();
    }

    private static ClientProvider here(Setting setting, ClientStateStore states) {
        return ClientProvider.local(IDS, id -> DATA.get(id), ModelPool.of(() -> setting.model(1)))
                .rememberingIn(states);
    }

    private static ServerState start(Setting setting) {
        return ServerState.initial(setting.model(1).weights(), 11);
    }

    private static ServerState run(Setting setting, ClientProvider clients, Seen seen, ServerState from, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            FederatedEvaluation evaluation =
                    FederatedEvaluation.every(1, clients, runner, (round, sum) -> seen.evaluations.add(sum));
            try (FederatedServer server = setting.server(clients, setting.model(1))
                    .runner(runner)
                    .listeners(seen, evaluation, evaluation.ofOwnModels())
                    .build()) {
                return server.run(from, rounds).state();
            }
        }
    }

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
        FarBlockRunner runner =
                FarBlockRunner.of(BlockSession.of(new TestMean(), here(setting, ClientStateStore.inMemory())));
        try (FederatedServer server = setting.server(known, setting.model(1))
                .runner(runner)
                .listeners(seenFar)
                .build()) {
            assertEquals(here, server.run(start(setting), 5).state());
        }
        assertEquals(seenHere.traffic, seenFar.traffic);
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

    /** Each client is sent the backbone with its first task, and with no other. */
    @Test
    void frozenBytesAreCountedOnce() {
        Setting setting = Setting.FROZEN;
        PersonalModel<double[][]> model = (PersonalModel<double[][]>) setting.model(1);
        Seen seen = new Seen();
        try (FederatedServer server = FederatedServer.with(new TestMean())
                .clients(here(setting, ClientStateStore.inMemory()))
                .localTraining(STEP)
                .frozen(model.frozen())
                .listeners(seen)
                .build()) {
            server.run(start(setting), 5);
        }
        long once = IDS.size() * BinaryWriter.lengthOfFields(model.frozen()::writeTo);
        assertEquals(once, down(seen, 0) - down(seen, 1));
        assertEquals(
                List.of(down(seen, 1), down(seen, 1), down(seen, 1)),
                List.of(down(seen, 2), down(seen, 3), down(seen, 4)));
    }

    /** Masked sums, too: the task is one of a client's messages. */
    @Test
    void whatIsHeldIsNotSentAgainUnderMasks() {
        Setting setting = Setting.EVERYTHING;
        PersonalModel<double[][]> model = (PersonalModel<double[][]>) setting.model(1);
        Seen seen = new Seen();
        try (FederatedServer server = FederatedServer.with(InsecureForTests.on(new TestMean(), 2))
                .clients(here(setting, ClientStateStore.inMemory()))
                .localTraining(STEP)
                .frozen(model.frozen())
                .downlink(Downlink.deltas(Codec.eden(1)))
                .listeners(seen)
                .build()) {
            server.run(start(setting), 2);
        }
        long[] tasks = seen.traffic.stream()
                .mapToLong(traffic ->
                        ((Traffic.Total) traffic).byStage().get(Traffic.TASK).down())
                .toArray();
        long values = Double.BYTES * (long) (D + 7) - 512 / 8;
        assertTrue(tasks[1] < tasks[0] - IDS.size() * (values - 120), () -> tasks[0] + ", then " + tasks[1]);
    }

    /** All clients of all rounds: after the first, one delta each. */
    @Test
    void deltasAreSmallAndReachTheOptimum() {
        List<Seen> seen = List.of(new Seen(), new Seen());
        double[] distances = new double[2];
        for (int i = 0; i < 2; i++) {
            ServerBuilder builder = FederatedServer.with(new TestMean())
                    .clients(here(Setting.DELTAS_DOWN, ClientStateStore.inMemory()))
                    .localTraining(STEP)
                    .listeners(seen.get(i));
            if (i == 1) {
                builder.downlink(Downlink.deltas(Codec.eden(1)));
            }
            try (FederatedServer server = builder.build()) {
                ModelWeights end =
                        server.run(start(Setting.DELTAS_DOWN), 300).state().weights();
                for (int j = 0; j < LAYOUT.length(); j++) {
                    int at = j;
                    double mean = DATA.values().stream()
                            .mapToDouble(points -> points[0][at])
                            .average()
                            .orElseThrow();
                    distances[i] = Math.max(distances[i], Math.abs(end.get(j) - mean));
                }
            }
        }
        assertTrue(distances[0] < 1e-6, "the optimum is not reached without: " + distances[0]);
        assertTrue(distances[1] < 1e-5, "nor with deltas: " + distances[1]);
        long whole = down(seen.get(0), 5);
        assertTrue(down(seen.get(1), 0) >= down(seen.get(0), 0), "weights are sent first");
        int values = IDS.size() * LAYOUT.length() * Double.BYTES;
        // One bit a coordinate, in blocks of 256, a power of two: 312 make 512 at most, and a scale.
        assertTrue(
                down(seen.get(1), 5) < whole - values + 4 * (512 / 8 + 120L),
                () -> down(seen.get(1), 5) + " of " + whole);
    }

    private static long down(Seen seen, int round) {
        return ((Traffic.Total) seen.traffic.get(round)).sum().down();
    }

    /** Nothing is sent again that a client holds, and a client that was away for long is sent the weights. */
    @Test
    void whoIsFarBehindIsSentTheWeights() {
        Setting setting = Setting.FP16_DELTAS_DOWN;
        ServerState state = start(setting);
        List<Integer> known = new ArrayList<>();
        for (int round = 1; round <= 6; round++) {
            Broadcast broadcast = Broadcast.of(Downlink.deltas(Codec.fp16()), state, round);
            known.clear();
            for (int held = 1; held <= round; held++) {
                if (broadcast.since(held).isPresent()) {
                    known.add(held);
                    assertEquals(
                            broadcast.weights(),
                            broadcast.since(held).get().addedTo(heldAt(held, setting)),
                            "of round " + held);
                }
            }
            state = next(state, broadcast);
        }
        assertEquals(
                List.of(3, 4, 5, 6),
                known,
                "four deltas of a quarter of the size, and what is around them, are longer than the weights");
    }

    private static ModelWeights heldAt(int round, Setting setting) {
        ServerState state = start(setting);
        for (int i = 1; ; i++) {
            Broadcast broadcast = Broadcast.of(Downlink.deltas(Codec.fp16()), state, i);
            if (i == round) {
                return broadcast.weights();
            }
            state = next(state, broadcast);
        }
    }

    private static ServerState next(ServerState state, Broadcast broadcast) {
        double[] moved = new double[LAYOUT.length()];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = state.weights().get(i) + 0.1 * (1 + i % 13);
        }
        return new ServerState(
                state.round() + 1,
                0,
                ModelWeights.copyOf(LAYOUT, moved),
                state.optimizer(),
                state.aggregator(),
                state.selector(),
                state.ledger(),
                broadcast.next(),
                state.progress(),
                state.time(),
                state.underWay(),
                state.seed(),
                state.run());
    }

    @Test
    void whatCannotBeIsRejected() {
        assertThrows(IllegalArgumentException.class, () -> Downlink.deltas(Codec.topK(0.1)));
        ClientProvider forgetful = ClientProvider.of(IDS, id -> (Client) new Far(id, null));
        for (Setting setting : List.of(Setting.FROZEN, Setting.DELTAS_DOWN)) {
            String why = assertThrows(
                            IllegalStateException.class,
                            () -> setting.server(forgetful, setting.model(1)).build())
                    .getMessage();
            assertTrue(why.contains("rememberingElsewhere"), why);
        }
        assertThrows(
                IllegalStateException.class,
                () -> FederatedServer.with(new TestMean())
                        .clients(forgetful.rememberingElsewhere(ClientStateStore.inMemory()))
                        .localTraining(STEP)
                        .asynchronous(AsynchronousRounds.fedBuff(3, 2))
                        .build());
        String late = assertThrows(
                        IllegalStateException.class,
                        () -> Setting.FP16_DOWN
                                .server(
                                        here(Setting.FP16_DOWN, ClientStateStore.inMemory()),
                                        Setting.FP16_DOWN.model(1))
                                .asynchronous(AsynchronousRounds.fedBuff(3, 2))
                                .build())
                .getMessage();
        assertTrue(late.contains("asynchronous rounds reject downlink(weights by fp16)"), late);
        ServerBuilder other =
                Setting.FROZEN.server(here(Setting.FROZEN, ClientStateStore.inMemory()), Setting.FROZEN.model(2));
        try (FederatedServer server = other.build()) {
            String digest = assertThrows(IllegalArgumentException.class, () -> server.run(start(Setting.FROZEN), 1))
                    .getMessage();
            assertTrue(digest.contains("frozen(...) must be the FROZEN parameters"), digest);
        }
        double[] large = new double[LAYOUT.length()];
        large[9] = 70_000;
        try (FederatedServer server = Setting.FP16_DOWN
                .server(here(Setting.FP16_DOWN, ClientStateStore.inMemory()), Setting.FP16_DOWN.model(1))
                .build()) {
            String range = assertThrows(
                            IllegalStateException.class,
                            () -> server.run(ServerState.initial(ModelWeights.copyOf(LAYOUT, large), 1), 1))
                    .getMessage();
            assertTrue(range.contains("beyond 65504"), range);
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
