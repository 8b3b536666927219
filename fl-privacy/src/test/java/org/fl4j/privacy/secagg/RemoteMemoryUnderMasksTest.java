package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.client.Client;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.Delivery;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.LocalClient;
import org.fl4j.client.RemoteMemory;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Downlink;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.model.PersonalModel;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.secure.MaskingClient;
import org.fl4j.secure.ParticipantSession;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Masks, noise, LOCAL and FROZEN parameters, weights as deltas and a client that fails, all at once and elsewhere: zeros are masked in its
 * place, so the server takes it for accepted, and it must go on from what it remembered before.
 */
class RemoteMemoryUnderMasksTest {

    private static final ParameterLayout LAYOUT = new ParameterLayout(
            DataType.DOUBLE,
            List.of(
                    ParameterSpec.trainable("base", 2),
                    ParameterSpec.trainable("body", 9),
                    ParameterSpec.trainable("head", 3)));
    private static final List<ClientId> IDS = ClientId.numbered("client-", 5);
    private static final int ROUNDS = 5;
    private static final int FAILS = 3;

    /** Without noise, so that sums can be compared. */
    private final GaussianMechanism rule = GaussianMechanism.on(ClippedMean.fixed(2), 0);

    private static PersonalModel<double[][]> model(double base) {
        GradientModel<double[][]> whole = new QuadraticModel(LAYOUT);
        double[] values = new double[LAYOUT.length()];
        values[0] = base;
        whole.load(org.fl4j.weights.ModelWeights.copyOf(LAYOUT, values));
        return whole.freezing("base").keeping("head");
    }

    private static double[][] data(ClientId id) {
        double[] point = new double[LAYOUT.length()];
        for (int i = 0; i < point.length; i++) {
            point[i] = Math.sin(17 * i + id.value().hashCode());
        }
        return new double[][] {point};
    }

    @Test
    void whoFailsGoesOnFromWhatItRemembered() throws Exception {
        ClientStateStore states = ClientStateStore.inMemory();
        ModelPool<PersonalModel<double[][]>> pool = ModelPool.of(() -> model(1));
        ClientProvider clients = ClientProvider.local(IDS, RemoteMemoryUnderMasksTest::data, pool)
                .rememberingIn(states);
        ServerState here = run(FederatedServer.with(rule), clients.decorated(Failing::new));

        ClientStateStore accepted = ClientStateStore.inMemory();
        SecureSum masked = SecureSum.on(rule);
        Map<ClientId, Far> far = new HashMap<>();
        for (ClientId id : IDS) {
            far.put(id, new Far(id, masked, RemoteMemory.inMemory()));
        }
        Function<ClientId, Client> wire = far::get;
        ServerState there = run(
                FederatedServer.with(masked),
                ClientProvider.of(IDS, wire).remote().rememberingElsewhere(accepted));
        assertEquals(here.weights(), there.weights());

        for (ClientId id : IDS) {
            EvaluationTask task = new EvaluationTask(ROUNDS, there.weights());
            Delivery told =
                    Delivery.of(Delivery.Held.NOTHING, Delivery.Accepted.in(accepted.read(id)), true, Optional.empty());
            assertEquals(
                    clients.client(id).evaluate(task).loss(),
                    far.get(id).trainee.evaluate(task.with(told)).loss(),
                    id.value());
        }
        Far failed = far.get(IDS.get(0));
        assertTrue(failed.lost.get(FAILS) instanceof ClientOutcome.Failed, failed.lost::toString);
        assertEquals(1, failed.lost.size(), failed.lost::toString);
    }

    private ServerState run(ServerBuilder builder, ClientProvider clients) {
        try (FederatedServer server = builder.clients(clients)
                .localTraining(LocalTraining.steps(1).withLearningRate(0.5))
                .frozen(model(1).frozen())
                .downlink(Downlink.deltas(Codec.fp16()))
                .build()) {
            return server.run(ServerState.initial(model(1).weights(), 7), ROUNDS)
                    .state();
        }
    }

    /** Trains, and fails before it answers. */
    private record Failing(Client client) implements Client {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (task.round() == FAILS && id().equals(IDS.get(0))) {
                throw new IOException("out of order");
            }
            return client.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }

    /** Both ends of one client's wire; only bytes cross it. Its training fails once in it, not around it. */
    private static final class Far implements MaskingClient {

        private final ClientId id;
        private final RemoteMemory memory;
        private final Client trainee;
        private final ParticipantSession session;
        private final Map<Integer, ClientOutcome<byte[]>> lost = new HashMap<>();
        private boolean fails;

        Far(ClientId id, SecureSum rule, RemoteMemory memory) {
            this.id = id;
            this.memory = memory;
            // Built without the server's backbone.
            ModelPool<PersonalModel<double[][]>> pool = ModelPool.of(() -> model(-5));
            ModelPool<PersonalModel<double[][]>> broken = ModelPool.of(() -> {
                if (fails) {
                    throw new IllegalStateException("out of order");
                }
                return model(-5);
            });
            this.trainee = LocalClient.of(id, data(id), pool).rememberingIn(memory);
            Client sick = LocalClient.of(id, data(id), broken).rememberingIn(memory);
            this.session = ParticipantSession.of(rule, new Client() {
                @Override
                public ClientId id() {
                    return id;
                }

                @Override
                public ClientUpdate train(TrainingTask task) throws Exception {
                    fails = task.round() == FAILS && id.equals(IDS.get(0));
                    return (fails ? sick : trainee).train(task);
                }

                @Override
                public Evaluation evaluate(EvaluationTask task) throws Exception {
                    return trainee.evaluate(task);
                }
            });
        }

        @Override
        public ClientId id() {
            return id;
        }

        @Override
        public byte[] answer(TrainingTask task, byte[] message) throws Exception {
            byte[] answer = session.answer(TrainingTask.fromBytes(task.toBytes(), id, memory), message);
            session.contributedNothing().ifPresent(loss -> lost.put(task.round(), loss));
            return answer;
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return trainee.evaluate(EvaluationTask.fromBytes(task.toBytes()));
        }
    }
}
