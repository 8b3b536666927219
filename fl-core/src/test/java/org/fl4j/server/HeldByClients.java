package org.fl4j.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
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
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.model.PersonalModel;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.testkit.TestMean;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;

/** Rounds that depend on what each client holds, here and elsewhere, and all that is to be seen of them. */
abstract class HeldByClients {

    static final int D = 300;
    static final ParameterLayout LAYOUT = new ParameterLayout(
            DataType.DOUBLE,
            List.of(
                    ParameterSpec.trainable("base", 7),
                    ParameterSpec.trainable("body", D),
                    ParameterSpec.trainable("head", 5)));
    static final LocalTraining STEP = LocalTraining.steps(1).withLearningRate(0.25);
    static final List<ClientId> IDS = ClientId.numbered("client-", 4);
    static final Map<ClientId, double[][]> DATA = new TreeMap<>();

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
    static final class FarSide {

        final Map<ClientId, RemoteMemory> memories = new HashMap<>();
        final Map<ClientId, PlainSession> sessions = new HashMap<>();

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

    record Far(ClientId id, PlainSession session) implements Client {

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
    record Troubled(Client client) implements Client {

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
    static final class Seen implements RoundListener {

        final List<Traffic> traffic = new ArrayList<>();
        final List<Evaluation> evaluations = new ArrayList<>();
        final List<List<String>> outcomes = new ArrayList<>();

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

    static RoundResult.Report report(RoundResult result) {
        return result instanceof RoundResult.Advanced advanced
                ? advanced.report()
                : ((RoundResult.Abandoned) result).report();
    }

    static ClientProvider here(Setting setting, ClientStateStore states) {
        return ClientProvider.local(IDS, id -> DATA.get(id), ModelPool.of(() -> setting.model(1)))
                .rememberingIn(states);
    }

    static ServerState start(Setting setting) {
        return ServerState.initial(setting.model(1).weights(), 11);
    }

    static ServerState run(Setting setting, ClientProvider clients, Seen seen, ServerState from, int rounds) {
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

    static long down(Seen seen, int round) {
        return ((Traffic.Total) seen.traffic.get(round)).sum().down();
    }
}
