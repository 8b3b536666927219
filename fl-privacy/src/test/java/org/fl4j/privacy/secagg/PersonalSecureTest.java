package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.PersonalTraining;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.model.PersonalModel;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** LOCAL parameters under masks and noise: they are in no sum, no message and nothing that is saved. */
class PersonalSecureTest {

    private static final ParameterLayout LAYOUT = new ParameterLayout(
            DataType.DOUBLE, List.of(ParameterSpec.trainable("body", 2), ParameterSpec.trainable("head", 1)));
    private static final List<ClientId> CLIENTS = ClientId.numbered("patient-", 6);
    private static final int ROUNDS = 2;

    private final Queue<byte[]> messages = new ConcurrentLinkedQueue<>();
    private final Map<ClientId, ParticipantSession> sessions = new ConcurrentHashMap<>();

    /** Heads go three quarters of their ways in two rounds, to a value with a bit pattern that nothing else has. */
    private static double head(ClientId client) {
        return (1 + CLIENTS.indexOf(client)) * 1021.0 / 3;
    }

    private static ClientProvider clients(ModelPool<PersonalModel<double[][]>> pool) {
        return ClientProvider.local(CLIENTS, id -> new double[][] {{CLIENTS.indexOf(id) / 8.0, 0.25, head(id)}}, pool);
    }

    private static ModelPool<PersonalModel<double[][]>> pool() {
        return ModelPool.of(() -> new QuadraticModel(LAYOUT).keeping("head"));
    }

    @Test
    void aMaskedSumIsOfWhatTravels(@TempDir Path folder) throws Exception {
        LinearAggregator mean = new TestMean();
        SecureSum rule = SecureSum.on(mean, FixedPoint.within(1).weighingAtMost(1));
        ServerState masked = run(FederatedServer.with(rule), rule, folder);
        ServerState clear = run(FederatedServer.with(mean), mean, folder.resolve("clear"));

        assertEquals(2, masked.weights().layout().length());
        for (int i = 0; i < 2; i++) {
            assertEquals(clear.weights().get(i), masked.weights().get(i), 1e-5);
        }
    }

    @Test
    void noiseIsOnWhatTravels(@TempDir Path folder) throws Exception {
        SecureSum rule =
                SecureSum.on(GaussianMechanism.on(ClippedMean.fixed(1), 1).journal(folder.resolve("journal")));
        ServerState end = run(FederatedServer.with(rule), rule, folder);

        assertEquals(2, end.weights().layout().length());
        assertTrue(end.weights().isFinite());
    }

    /** Runs, and looks for heads in all that left a client and all that was written. */
    private ServerState run(ServerBuilder builder, Aggregator rule, Path folder) throws Exception {
        ModelPool<PersonalModel<double[][]>> pool = pool();
        ClientProvider here = clients(pool);
        ClientProvider clients = rule instanceof SecureSum secure
                ? here.decorated(client -> new Recorded(
                        client,
                        sessions.computeIfAbsent(client.id(), id -> ParticipantSession.of(secure, client)),
                        messages))
                : here;
        ServerState end;
        try (FederatedServer server = builder.clients(clients)
                .personal(PersonalTraining.fedRep(1))
                .localTraining(LocalTraining.steps(1).withLearningRate(0.5))
                .checkpoints(CheckpointStore.in(folder.resolve("server")))
                .build()) {
            end = server.run(ServerState.initial(pool.initialWeights(), 3), ROUNDS)
                    .state();
        }
        sessions.values().forEach(ParticipantSession::close);
        EvaluationTask task = new EvaluationTask(ROUNDS, end.weights());
        for (ClientId id : CLIENTS) {
            double body = Math.pow(end.weights().get(0) - CLIENTS.indexOf(id) / 8.0, 2)
                    + Math.pow(end.weights().get(1) - 0.25, 2);
            assertEquals(
                    (body + Math.pow(head(id) / 4, 2)) / 2,
                    here.client(id).evaluate(task).loss(),
                    1e-6);
            for (double value : new double[] {head(id) / 2, head(id) * 0.75, head(id)}) {
                assertFalse(messages.stream().anyMatch(message -> holds(message, value)), "in a message");
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : files.filter(Files::isRegularFile).toList()) {
                        assertFalse(holds(Files.readAllBytes(file), value), () -> "in " + file);
                    }
                }
            }
        }
        return end;
    }

    private static boolean holds(byte[] message, double value) {
        byte[] wanted = ByteBuffer.allocate(Double.BYTES).putDouble(value).array();
        for (int i = 0; i + wanted.length <= message.length; i++) {
            if (Arrays.equals(message, i, i + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    private record Recorded(Client client, ParticipantSession session, Queue<byte[]> messages)
            implements MaskingClient {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public byte[] answer(TrainingTask task, byte[] message) throws Exception {
            messages.add(task.toBytes());
            messages.add(message);
            byte[] answer = session.answer(task, message);
            messages.add(answer);
            return answer;
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }
}
