package org.fl4j.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.LocalClient;
import org.fl4j.client.PersonalTraining;
import org.fl4j.client.RemoteMemory;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Downlink;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.model.PersonalModel;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.OpenServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Clients that poll over a transport that loses and repeats, and that hold something: LOCAL and FROZEN parameters, residuals, the weights of an earlier
 * round.
 */
class RemoteMemoryRunTest {

    private static final ParameterLayout LAYOUT = new ParameterLayout(
            DataType.DOUBLE,
            List.of(
                    ParameterSpec.trainable("base", 3),
                    ParameterSpec.trainable("body", 40),
                    ParameterSpec.trainable("head", 2)));
    private static final List<ClientId> IDS = ClientId.numbered("client-", 4);

    private static PersonalModel<double[][]> model(double base) {
        double[] values = new double[LAYOUT.length()];
        values[0] = base;
        QuadraticModel whole = new QuadraticModel(LAYOUT);
        whole.load(ModelWeights.copyOf(LAYOUT, values));
        return whole.freezing("base").keeping("head");
    }

    private static double[][] data(ClientId id) {
        double[] point = new double[LAYOUT.length()];
        for (int i = 0; i < point.length; i++) {
            point[i] = Math.sin(7 * i + id.value().hashCode());
        }
        return new double[][] {point};
    }

    private static ServerState run(ClientProvider clients) {
        OpenServerBuilder builder = FederatedServer.with(new TestMean());
        builder.uplink(Codec.topK(0.2));
        try (FederatedServer server = builder.clients(clients)
                .localTraining(LocalTraining.steps(1).withLearningRate(0.25))
                .selector(ClientSelector.uniform(3))
                .personal(PersonalTraining.fedRep(1))
                .frozen(model(1).frozen())
                .downlink(Downlink.deltas(Codec.eden(2)))
                .build()) {
            return server.run(ServerState.initial(model(1).weights(), 3), 8).state();
        }
    }

    @ParameterizedTest(name = "loss {0}")
    @ValueSource(doubles = {0, 0.4})
    void endsAsInOneProcess(double loss) {
        ModelPool<PersonalModel<double[][]>> pool = ModelPool.of(() -> model(1));
        ServerState here = run(ClientProvider.local(IDS, RemoteMemoryRunTest::data, pool));
        RemoteClients mailboxes = RemoteClients.of(IDS);
        try (LossyLoopback loopback = new LossyLoopback(mailboxes, loss, (client, answer) -> {})) {
            for (ClientId id : IDS) {
                RemoteMemory memory = RemoteMemory.inMemory();
                ModelPool<PersonalModel<double[][]>> own = ModelPool.of(() -> model(-4));
                loopback.start(
                        RemoteSession.of(LocalClient.of(id, data(id), own).rememberingIn(memory), memory),
                        id.hashCode());
            }
            assertEquals(here, run(mailboxes.rememberingElsewhere(ClientStateStore.inMemory())));
            assertEquals(loss > 0, loopback.lost.get() > 0);
        }
    }
}
