package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.Delivery;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.LocalClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.Codec;
import org.fl4j.compression.CodecSpec;
import org.fl4j.compression.CompressedDelta;
import org.fl4j.compression.Uplink;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Trouble;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** Codecs in rounds: what is encoded, by whom, and what becomes of what is lost. */
class UplinkTest {

    private static final int D = 40;
    private static final LocalTraining STEP = LocalTraining.steps(1).withLearningRate(0.2);
    private static final List<ClientId> IDS =
            List.of(new ClientId("ann"), new ClientId("ben"), new ClientId("cat"), new ClientId("dan"));
    private static final Map<ClientId, double[][]> DATA = new TreeMap<>();

    static {
        Random random = new Random(3);
        for (ClientId id : IDS) {
            DATA.put(id, new double[][] {
                random.doubles(D, -1, 1).toArray(), random.doubles(D, -1, 1).toArray()
            });
        }
    }

    private static ModelPool<GradientModel<double[][]>> pool() {
        return ModelPool.of(() -> new QuadraticModel(D));
    }

    private static ClientProvider clients() {
        return ClientProvider.local(IDS, id -> DATA.get(id), pool());
    }

    private static ServerBuilder server(ClientProvider clients, Codec codec) {
        return FederatedServer.with(new TestMean())
                .uplink(codec)
                .clients(clients)
                .localTraining(STEP);
    }

    private static ServerState start() {
        return ServerState.initial(pool().initialWeights(), 11);
    }

    private static RoundResult run(ServerBuilder builder, ServerState start, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(start, rounds);
        }
    }

    private static double mean(int coordinate) {
        return DATA.values().stream()
                .mapToDouble(points -> (points[0][coordinate] + points[1][coordinate]) / 2)
                .average()
                .orElseThrow();
    }

    private static double distance(ServerState state) {
        double squares = 0;
        for (int i = 0; i < D; i++) {
            squares += Math.pow(state.weights().get(i) - mean(i), 2);
        }
        return Math.sqrt(squares);
    }

    /** Clients differ, so their deltas do not vanish at the optimum: top-k without feedback stops short of it. */
    @Test
    void errorFeedbackReachesTheOptimum() {
        double with =
                distance(run(server(clients(), Codec.topK(0.1)), start(), 400).state());
        double without = distance(run(
                        FederatedServer.with(new TestMean())
                                .uplinkBy(Uplink.of(Codec.topK(0.1)))
                                .clients(clients())
                                .localTraining(STEP.withLearningRate(0.01)),
                        start(),
                        4000)
                .state());
        double withSmallSteps = distance(
                run(server(clients(), Codec.topK(0.1)).localTraining(STEP.withLearningRate(0.01)), start(), 4000)
                        .state());
        assertTrue(withSmallSteps < 0.1 * without, withSmallSteps + " v. " + without + ", large steps " + with);
    }

    @Test
    void clientsElsewhereSendTheSameBits() {
        for (Codec codec : List.of(Codec.eden(2), Codec.fp16(), Codec.randomK(0.5), Codec.qsgd(4))) {
            ServerState here = run(server(clients(), codec), start(), 3).state();
            ModelPool<GradientModel<double[][]>> far = pool();
            ClientProvider elsewhere =
                    ClientProvider.of(IDS, id -> new Far(PlainSession.of(LocalClient.of(id, DATA.get(id), far)), id));
            assertEquals(here, run(server(elsewhere, codec), start(), 3).state());
            assertNotEquals(
                    here, run(server(clients(), Codec.none()), start(), 3).state());
        }
    }

    @Test
    void aResumedRunHasTheSameResiduals(@TempDir Path folder) {
        ServerState[] ends = new ServerState[2];
        for (int parts = 1; parts <= 2; parts++) {
            Path at = folder.resolve("parts-" + parts);
            for (int part = 0; part < parts; part++) {
                try (ClientStateStore states = ClientStateStore.inDirectory(at.resolve("clients"))) {
                    CheckpointStore checkpoints = CheckpointStore.in(at.resolve("server"));
                    ends[parts - 1] = run(
                                    server(clients().rememberingIn(states), Codec.sign())
                                            .checkpoints(checkpoints),
                                    checkpoints.latest().orElseGet(UplinkTest::start),
                                    6 / parts)
                            .state();
                }
            }
        }
        assertEquals(ends[0], ends[1]);
    }

    @Test
    void aClientThatDoesNotEncodeIsRejected() {
        RoundResult result =
                run(server(clients().decorated(client -> new Careless(client)), Codec.eden(1)), start(), 1);
        String reason = ((RoundResult.Abandoned) result).reason();
        assertTrue(reason.contains("encoded by 'none' but the task asks for 'eden(bits=1.0)'"), reason);
    }

    /** What is forged is encoded as well, so that an attack is not stopped by the codec. */
    @Test
    void forgedUpdatesAreEncoded() {
        ClientProvider troubled = Trouble.seeded(9).of(1, Trouble.scaled(-5)).around(clients());
        RoundResult result = run(server(troubled, Codec.eden(4)), start(), 1);
        assertInstanceOf(RoundResult.Advanced.class, result);
        assertTrue(distance(result.state()) > distance(start()), "nobody was forged");
    }

    @Test
    void whatCannotBeIsRejected() {
        assertThrows(IllegalArgumentException.class, () -> Uplink.withErrorFeedback(Codec.eden(1)));
        IllegalStateException thrown = assertThrows(
                IllegalStateException.class,
                () -> server(clients(), Codec.topK(0.1))
                        .asynchronous(AsynchronousRounds.fedBuff(2, 2))
                        .build());
        assertTrue(thrown.getMessage().contains("remember"), thrown.getMessage());
        ModelPool<GradientModel<double[][]>> pool = pool();
        LocalClient<double[][]> client = LocalClient.of(IDS.get(0), DATA.get(IDS.get(0)), pool);
        String unknown = client.objection(task(new Uplink(new CodecSpec("morse", new TreeMap<>()), false)))
                .orElseThrow();
        assertTrue(unknown.contains("morse"), unknown);
        String forgetful =
                client.objection(task(Uplink.withErrorFeedback(Codec.sign()))).orElseThrow();
        assertTrue(forgetful.contains("sign with error feedback, but this client has no store"), forgetful);
    }

    private static TrainingTask task(Uplink uplink) {
        return new TrainingTask(
                1,
                0,
                0,
                start().weights(),
                STEP,
                org.fl4j.client.ObjectiveSpec.EMPIRICAL_RISK,
                org.fl4j.client.PersonalTraining.JOINT,
                uplink,
                Map.of(),
                1,
                Delivery.NONE);
    }

    /** An unbiased codec needs no memory, so it goes with rounds that wait for nobody. */
    @Test
    void goesWithAsynchronousRounds() {
        RoundResult result = run(
                server(clients(), Codec.eden(4))
                        .localTraining(STEP.withLearningRate(0.05))
                        .selector(ClientSelector.uniform(2))
                        .asynchronous(AsynchronousRounds.fedBuff(2, 2)),
                start(),
                200);
        // Who is in a buffer is chance on the real clock: with this step that leaves about a quarter of the distance.
        assertTrue(distance(result.state()) < 0.5 * distance(start()), () -> distance(result.state()) + "");
        assertTrue(Toy.report(result).outcomes().stream().allMatch(o -> o instanceof ClientOutcome.Completed));
    }

    @Test
    void statisticsTravelAsTheyAre() {
        ParameterLayout layout = new ParameterLayout(
                DataType.FLOAT,
                List.of(
                        ParameterSpec.trainable("a", 2),
                        ParameterSpec.statistic("mean", 2),
                        ParameterSpec.trainable("b", 3)));
        ModelDelta delta = ModelDelta.of(layout, 1, -2, 0.1234567, 1e-20, 3, -4, 5);
        CompressedDelta sent = CompressedDelta.of(Codec.sign(), delta, 1);
        assertEquals(ModelDelta.of(layout, 3, -3, 0.1234567, 1e-20, 3, -3, 3), sent.decoded());
        ClientUpdate update =
                ClientUpdate.of(IDS.get(0), task(Uplink.NONE), delta, 1).encodedAs(sent);
        assertEquals(update, ClientUpdate.fromBytes(update.toBytes()));
        byte[] bytes = ClientUpdate.of(IDS.get(0), task(Uplink.NONE), ModelDelta.of(layout, new double[7]), 1)
                .encodedAs(CompressedDelta.of(Codec.topK(0.4), delta, 1))
                .toBytes();
        bytes[bytes.length / 2] ^= 1;
        assertThrows(CorruptDataException.class, () -> ClientUpdate.fromBytes(bytes));
    }

    private record Far(PlainSession session, ClientId id) implements Client {

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            return ClientUpdate.fromBytes(session.answer(task.toBytes()));
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return Evaluation.fromBytes(session.answer(task.toBytes()));
        }
    }

    private record Careless(Client client) implements Client {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            ClientUpdate update = client.train(task);
            return ClientUpdate.of(id(), task, update.delta(), update.numExamples());
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }
}
