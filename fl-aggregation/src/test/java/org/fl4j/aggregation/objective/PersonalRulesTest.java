package org.fl4j.aggregation.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.mean.FedNova;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.PersonalTraining;
import org.fl4j.compression.Codec;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Rules and their objectives over a model of which a part stays at home. Each coordinate of the quadratic model learns by itself, so what
 * travels has the bits of a model that has nothing else.
 */
class PersonalRulesTest {

    private static final ParameterSpec BODY = ParameterSpec.trainable("body", 3);
    private static final ParameterLayout WHOLE =
            new ParameterLayout(DataType.DOUBLE, List.of(BODY, ParameterSpec.trainable("head", 1)));
    private static final List<ClientId> CLIENTS = ClientId.numbered("c", 5);
    private static final LocalTraining THREE_STEPS = LocalTraining.steps(3).withLearningRate(0.1);
    private static final int ROUNDS = 4;

    static Stream<DirectAggregator> rules() {
        return Stream.of(
                FedProx.of(0.5),
                Scaffold.on(FedAvg.byExamples()),
                FedDyn.of(0.3),
                FedNova.byExamples(),
                FedProx.on(CoordinateMedian.of(), 0.5));
    }

    private static double[][] data(ClientId client, int coordinates) {
        double[] point = new double[coordinates];
        for (int i = 0; i < coordinates; i++) {
            point[i] = Math.sin(1 + 7 * CLIENTS.indexOf(client) + i);
        }
        return new double[][] {point};
    }

    private static ClientProvider clients(boolean whole, ModelPool<GradientModel<double[][]>> pool) {
        return ClientProvider.local(CLIENTS, id -> data(id, whole ? 4 : 3), pool);
    }

    private static ModelPool<GradientModel<double[][]>> pool(boolean whole) {
        return ModelPool.of(() -> whole
                ? new QuadraticModel(WHOLE).keeping("head")
                : new QuadraticModel(new ParameterLayout(DataType.DOUBLE, List.of(BODY))));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void whatTravelsIsLearnedAsWithoutTheRest(DirectAggregator rule) throws Exception {
        ModelPool<GradientModel<double[][]>> pool = pool(true);
        ClientProvider kept = clients(true, pool);
        ServerState with = run(rule, kept, Codec.sign(), start(true), ROUNDS);
        ServerState without = run(rule, clients(false, pool(false)), Codec.sign(), start(false), ROUNDS);

        assertEquals(without.weights(), with.weights());
        // Twelve steps of 1/10 towards the client's own value, without the rule's correction.
        ClientId last = CLIENTS.get(4);
        double[] point = data(last, 4)[0];
        double squares = Math.pow(point[3] * Math.pow(0.9, 3 * ROUNDS), 2);
        for (int i = 0; i < 3; i++) {
            squares += Math.pow(point[i] - with.weights().get(i), 2);
        }
        double loss = kept.client(last)
                .evaluate(new EvaluationTask(ROUNDS, with.weights()))
                .loss();
        assertEquals(squares / 2, loss, 1e-12);
    }

    /** What the objective, the model, Ditto's place and the codec remember is one state, which a resume finds. */
    @ParameterizedTest
    @MethodSource("rules")
    void allThatIsRememberedIsResumed(DirectAggregator rule, @TempDir Path folder) {
        ServerState whole = run(rule, clients(true, pool(true)), Codec.topK(0.5), start(true), ROUNDS);
        Optional<ServerState> resumed = Optional.empty();
        for (int part = 0; part < 2; part++) {
            try (ClientStateStore states = ClientStateStore.inDirectory(folder.resolve("clients"))) {
                resumed = Optional.of(run(
                        rule,
                        clients(true, pool(true)).rememberingIn(states),
                        Codec.topK(0.5),
                        CheckpointStore.in(folder.resolve("server")).latest().orElse(start(true)),
                        ROUNDS / 2,
                        Optional.of(CheckpointStore.in(folder.resolve("server")))));
                assertTrue(!states.read(CLIENTS.get(1)).state("local").isEmpty(), "nothing is remembered");
            }
        }
        assertEquals(whole, resumed.orElseThrow());
    }

    private static ServerState start(boolean whole) {
        return ServerState.initial(pool(whole).initialWeights(), 11);
    }

    private static ServerState run(
            DirectAggregator rule, ClientProvider clients, Codec codec, ServerState from, int rounds) {
        return run(rule, clients, codec, from, rounds, Optional.empty());
    }

    private static ServerState run(
            DirectAggregator rule,
            ClientProvider clients,
            Codec codec,
            ServerState from,
            int rounds,
            Optional<CheckpointStore> checkpoints) {
        var builder = FederatedServer.with(rule)
                .uplink(codec)
                .clients(clients)
                .personal(PersonalTraining.JOINT)
                .localTraining(THREE_STEPS);
        checkpoints.ifPresent(builder::checkpoints);
        try (FederatedServer server = builder.build()) {
            return server.run(from, rounds).state();
        }
    }
}
