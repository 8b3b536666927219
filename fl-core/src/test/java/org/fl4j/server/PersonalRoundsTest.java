package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.PersonalTraining;
import org.fl4j.client.TrainingTask;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.FarBlockRunner;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Personal methods over the quadratic model, whose coordinates learn by themselves: with a rate of 1/2 and one step a round each goes half the
 * way to its mean, so every method's weights are known by hand.
 */
class PersonalRoundsTest {

    private static final ParameterLayout LAYOUT = new ParameterLayout(
            DataType.DOUBLE, List.of(ParameterSpec.trainable("body", 1), ParameterSpec.trainable("head", 1)));
    private static final LocalTraining HALF_WAY = LocalTraining.steps(1).withLearningRate(0.5);
    private static final ClientId ANN = new ClientId("ann");
    private static final ClientId BEN = new ClientId("ben");

    /** A head's mean with a bit pattern that nothing else has. */
    private static final double SECRET = 8191.0 / 3;

    private static final Map<ClientId, double[][]> DATA =
            Map.of(ANN, new double[][] {{4, SECRET}}, BEN, new double[][] {{8, -32}});

    private static GradientModel<double[][]> whole() {
        return new QuadraticModel(LAYOUT);
    }

    private static GradientModel<double[][]> headed() {
        return whole().keeping("head");
    }

    private final List<Double> losses = new ArrayList<>();

    private static ModelPool<GradientModel<double[][]>> pool(Supplier<GradientModel<double[][]>> models) {
        return ModelPool.of(models);
    }

    private static ClientProvider clients(ModelPool<GradientModel<double[][]>> pool) {
        return ClientProvider.local(List.of(ANN, BEN), id -> DATA.get(id), pool);
    }

    private static ServerBuilder server(ClientProvider clients) {
        return FederatedServer.with(new TestMean()).clients(clients).localTraining(HALF_WAY);
    }

    private static ServerState run(ServerBuilder builder, ServerState start, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(start, rounds).state();
        }
    }

    private static ServerState start(ModelPool<GradientModel<double[][]>> pool) {
        return ServerState.initial(pool.initialWeights(), 5);
    }

    private static double loss(ClientProvider clients, ClientId who, EvaluationTask task) throws Exception {
        return clients.client(who).evaluate(task).loss();
    }

    /** What is half the squared distance to a client's point, from body and head. */
    private static double distance(ClientId who, double body, double head) {
        double[] point = DATA.get(who)[0];
        return ((body - point[0]) * (body - point[0]) + (head - point[1]) * (head - point[1])) / 2;
    }

    @Test
    void localParametersGoTheirOwnWays() throws Exception {
        ModelPool<GradientModel<double[][]>> pool = pool(PersonalRoundsTest::headed);
        ClientProvider clients = clients(pool);
        ServerState end = run(server(clients), start(pool), 3);

        assertEquals(ModelWeights.copyOf(pool.initialWeights().layout(), new double[] {6 * 0.875}), end.weights());
        EvaluationTask task = new EvaluationTask(3, end.weights());
        assertEquals(distance(ANN, 5.25, SECRET * 0.875), loss(clients, ANN, task), 1e-9);
        assertEquals(distance(BEN, 5.25, -28), loss(clients, BEN, task), 1e-12);
    }

    /** First the head with the body held, then the body with the head held: on a quadratic two steps of the head's data, one of each part. */
    @Test
    void fedRepTrainsLocalParametersFirst() throws Exception {
        ModelPool<GradientModel<double[][]>> pool = pool(PersonalRoundsTest::headed);
        ClientProvider clients = clients(pool);
        ServerState end = run(server(clients).personal(PersonalTraining.fedRep(2)), start(pool), 1);

        assertEquals(3, end.weights().get(0));
        assertEquals(distance(BEN, 3, -24), loss(clients, BEN, new EvaluationTask(1, end.weights())), 1e-12);
    }

    @Test
    void dittoTrainsAModelOfOnesOwn() throws Exception {
        double lambda = 0.25;
        ModelPool<GradientModel<double[][]>> pool = pool(PersonalRoundsTest::whole);
        ClientProvider clients = clients(pool);
        ServerState end = run(server(clients).personal(PersonalTraining.ditto(lambda)), start(pool), 3);

        double w = 0;
        double v = 0;
        for (int round = 1; round <= 3; round++) {
            v -= 0.5 * (v + 32 + lambda * (v - w));
            w += 0.5 * ((SECRET - 32) / 2 - w);
        }
        assertEquals(w, end.weights().get(1), 1e-9);
        double body = 0;
        double global = 0;
        for (int round = 1; round <= 3; round++) {
            body -= 0.5 * (body - 8 + lambda * (body - global));
            global += 0.5 * (6 - global);
        }
        EvaluationTask own =
                new EvaluationTask(3, end.weights(), new EvaluationTask.Evaluated(true, Optional.empty(), 0));
        assertEquals(distance(BEN, body, v), loss(clients, BEN, own), 1e-9);
        assertEquals(distance(BEN, global, w), loss(clients, BEN, new EvaluationTask(3, end.weights())), 1e-9);
    }

    /** Evaluations side by side; fine-tuning is forgotten, so that two of them agree. */
    @Test
    void evaluationsAreOfWhatIsAskedFor() {
        ModelPool<GradientModel<double[][]>> pool = pool(PersonalRoundsTest::whole);
        ClientProvider clients = clients(pool);
        InProcessRunner runner = InProcessRunner.of(1);
        FederatedEvaluation global =
                FederatedEvaluation.every(9, clients, runner, (round, result) -> losses.add(result.loss()));
        run(
                server(clients)
                        .personal(PersonalTraining.ditto(0))
                        .runner(runner)
                        .listeners(
                                global, global.ofOwnModels(), global.fineTuned(HALF_WAY), global.fineTuned(HALF_WAY)),
                start(pool),
                1);
        runner.close();
        double mean = (SECRET - 32) / 4;
        double ofGlobal = (distance(ANN, 3, mean) + distance(BEN, 3, mean)) / 2;
        assertEquals(ofGlobal, losses.get(0), 1e-9);
        assertEquals((distance(ANN, 2, SECRET / 2) + distance(BEN, 4, -16)) / 2, losses.get(1), 1e-9);
        assertEquals(ofGlobal / 4, losses.get(2), 1e-9);
        assertEquals(losses.get(2), losses.get(3));
    }

    @Test
    void aClientEvaluatesOnWhatItHoldsOut() throws Exception {
        ModelPool<GradientModel<double[][]>> pool = pool(PersonalRoundsTest::headed);
        ClientProvider clients =
                ClientProvider.local(List.of(ANN, BEN), id -> DATA.get(id), id -> new double[][] {{0, 0}}, pool);
        ServerState end = run(server(clients), start(pool), 1);
        assertEquals((9 + 16 * 16) / 2.0, loss(clients, BEN, new EvaluationTask(1, end.weights())), 1e-12);
    }

    /** The update of a client that is rejected is not in the sum, and its head is as it was. */
    @Test
    void whatIsNotInTheSumIsForgotten() throws Exception {
        ModelPool<GradientModel<double[][]>> pool = pool(PersonalRoundsTest::headed);
        ClientProvider clients = clients(pool).decorated(client -> new Rejecting(client, 2));
        ServerState end = run(server(clients), start(pool), 3);
        assertEquals(
                distance(BEN, end.weights().get(0), -24),
                loss(clients, BEN, new EvaluationTask(3, end.weights())),
                1e-9);
    }

    /** Where blocks are trained elsewhere, memory travels with them, as it does for an objective's. */
    @Test
    void blocksElsewhereRemember() throws Exception {
        for (PersonalTraining personal : List.of(PersonalTraining.fedRep(1), PersonalTraining.ditto(0.5))) {
            boolean ditto = personal.remembers();
            ModelPool<GradientModel<double[][]>> pool = ModelPool.of(() -> ditto ? whole() : headed());
            ModelPool<GradientModel<double[][]>> elsewhere = ModelPool.of(() -> ditto ? whole() : headed());
            ClientProvider here = clients(pool);
            ClientProvider known = clients(pool);
            FarBlockRunner far = FarBlockRunner.of(new TestMean(), clients(elsewhere));
            ServerState one = run(server(here).personal(personal), start(pool), 3);
            ServerState other = run(server(known).personal(personal).runner(far), start(pool), 3);
            assertEquals(one, other);
            EvaluationTask task =
                    new EvaluationTask(3, one.weights(), new EvaluationTask.Evaluated(ditto, Optional.empty(), 0));
            assertEquals(loss(here, ANN, task), loss(known, ANN, task));
            assertTrue(loss(here, ANN, task) < distance(ANN, 0, 0) / 4);
        }
    }

    @Test
    void aResumedRunHasTheSameBits(@TempDir Path folder) {
        for (boolean ditto : new boolean[] {true, false}) {
            Path at = folder.resolve("ditto-" + ditto);
            byte[][] ends = new byte[2][];
            for (int parts = 1; parts <= 2; parts++) {
                for (int part = 0; part < parts; part++) {
                    ModelPool<GradientModel<double[][]>> pool = ModelPool.of(() -> ditto ? whole() : headed());
                    Path run = at.resolve("parts-" + parts);
                    try (ClientStateStore states = ClientStateStore.inDirectory(run.resolve("clients"))) {
                        CheckpointStore checkpoints = CheckpointStore.in(run.resolve("server"));
                        ServerBuilder builder = server(clients(pool).rememberingIn(states))
                                .checkpoints(checkpoints)
                                .personal(ditto ? PersonalTraining.ditto(0.5) : PersonalTraining.fedRep(1));
                        ServerState from = checkpoints.latest().orElseGet(() -> start(pool));
                        ends[parts - 1] = (run(builder, from, 4 / parts)
                                                .weights()
                                                .fingerprint()
                                        + states.read(BEN).hashCode()
                                        + states.read(ANN).hashCode())
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
                    }
                }
            }
            assertArrayEquals(ends[0], ends[1]);
        }
    }

    /** Of all that leaves a client: tasks, updates and the server's checkpoints; the store plays its disk. */
    @Test
    void localValuesLeaveNoTrace(@TempDir Path folder) throws IOException {
        ConcurrentLinkedQueue<byte[]> messages = new ConcurrentLinkedQueue<>();
        ModelPool<GradientModel<double[][]>> pool = pool(PersonalRoundsTest::headed);
        StringBuilder told = new StringBuilder();
        String logged;
        try (CapturedLog log = CapturedLog.ofServer();
                ClientStateStore states = ClientStateStore.inDirectory(folder.resolve("clients"))) {
            ServerBuilder builder = server(
                            clients(pool).rememberingIn(states).decorated(client -> new Recorded(client, messages)))
                    .checkpoints(CheckpointStore.in(folder.resolve("server")))
                    .listeners(new org.fl4j.server.report.RoundListener() {
                        @Override
                        public void roundEnded(RoundResult result) {
                            told.append(result);
                        }
                    });
            run(builder, start(pool), 2);
            // An update that is rejected and a client that fails have the most to tell.
            run(
                    server(clients(pool).decorated(client -> new Rejecting(client, 1)))
                            .localTraining(HALF_WAY.withLearningRate(1e300)),
                    start(pool),
                    1);
            logged = log.text();
        }
        assertTrue(logged.contains("client 'ben'"), logged);
        assertTrue(isIn(files(folder.resolve("clients")), SECRET * 0.75), "the test does not see what it looks for");
        for (double head : new double[] {SECRET, SECRET * 0.5, SECRET * 0.75, -32, -16, -24}) {
            assertFalse(isIn(List.copyOf(messages), head), "in a message: " + head);
            assertFalse(isIn(files(folder.resolve("server")), head), "in a checkpoint: " + head);
            assertFalse(told.toString().contains(Double.toString(head)), "in an event: " + head);
            assertFalse(logged.contains(Double.toString(head)), "in a log: " + head);
        }
        assertFalse(told.toString().contains("head"), told.toString());
        assertFalse(logged.contains("head"), logged);
    }

    private static List<byte[]> files(Path folder) throws IOException {
        List<byte[]> contents = new ArrayList<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                contents.add(Files.readAllBytes(path));
            }
        }
        return contents;
    }

    private static boolean isIn(List<byte[]> messages, double value) {
        byte[] wanted = ByteBuffer.allocate(8).putDouble(value).array();
        return messages.stream().anyMatch(message -> {
            for (int i = 0; i + 8 <= message.length; i++) {
                if (Arrays.equals(message, i, i + 8, wanted, 0, 8)) {
                    return true;
                }
            }
            return false;
        });
    }

    @Test
    void whatCannotBeIsRejectedBeforeTheFirstRound() {
        assertRejected(
                server(clients(pool(PersonalRoundsTest::whole))).personal(PersonalTraining.fedRep(1)),
                PersonalRoundsTest::whole,
                "trains LOCAL parameters first");
        assertRejected(
                server(clients(pool(PersonalRoundsTest::headed))).personal(PersonalTraining.ditto(1)),
                PersonalRoundsTest::headed,
                "leave out one of them");
        ModelPool<GradientModel<double[][]>> pool = pool(PersonalRoundsTest::headed);
        ClientProvider forgetful = ClientProvider.of(List.of(BEN), id -> LocalClient.of(id, DATA.get(id), pool));
        assertRejected(server(forgetful), PersonalRoundsTest::headed, "no store to remember in");
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> server(clients(pool(PersonalRoundsTest::headed)))
                        .asynchronous(AsynchronousRounds.fedBuff(1, 1))
                        .build());
        assertTrue(thrown.getMessage().contains("LOCAL"), thrown.getMessage());
        assertThrows(
                ObjectiveSpec.UnknownException.class,
                () -> LocalClient.of(BEN, DATA.get(BEN), pool).evaluate(new EvaluationTask(1, pool.initialWeights())));
    }

    private static void assertRejected(ServerBuilder builder, Supplier<GradientModel<double[][]>> models, String why) {
        RuntimeException thrown = assertThrows(RuntimeException.class, () -> run(builder, start(pool(models)), 1));
        assertTrue(thrown.getMessage().contains(why), thrown.getMessage());
    }

    /** Rejects the update of ben in one round. */
    private record Rejecting(Client client, int round) implements Client {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            ClientUpdate update = client.train(task);
            if (task.round() == round && id().equals(BEN)) {
                throw new UpdateRejectedException("today not");
            }
            return update;
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }

    private record Recorded(Client client, ConcurrentLinkedQueue<byte[]> messages) implements Client {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            messages.add(task.toBytes());
            ClientUpdate update = client.train(task);
            messages.add(update.toBytes());
            return update;
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }
}
