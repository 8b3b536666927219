package org.fl4j.examples;

import java.io.IOException;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.QuadraticModel;

/**
 * Six clients, with two to seven points each, that look for the mean of all points: small enough for many rounds under
 * masks. A test decides who vanishes, which is while it trains, after the others have shares of its keys.
 */
final class PointFederation {

    static final int CLIENTS = 6;
    static final int DIMENSION = 5;
    static final int MOST_POINTS = CLIENTS + 1;
    static final double RATE = 0.1;
    static final ServerState START = ServerState.initial(QuadraticModel.weightsOf(1, -1, 0.5, 0, 2), 7);

    /** Who is gone when. */
    @FunctionalInterface
    interface Vanishing {
        boolean vanishes(int round, int client);
    }

    private final ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(DIMENSION));
    private final ClientStateStore states = ClientStateStore.ofLatestRun();
    private Vanishing vanishing = (round, client) -> false;
    private ClientSelector selector = ClientSelector.all();
    private int threads = 2;

    PointFederation losing(Vanishing who) {
        vanishing = who;
        return this;
    }

    PointFederation selector(ClientSelector choice) {
        selector = choice;
        return this;
    }

    PointFederation threads(int count) {
        threads = count;
        return this;
    }

    RoundResult run(DirectAggregator rule, ServerState from, int rounds) {
        return run(FederatedServer.with(rule), clients(), from, rounds);
    }

    RoundResult run(SecureAggregator rule, ServerState from, int rounds) {
        return run(FederatedServer.with(rule), clients(), from, rounds);
    }

    /** With other objects in the clients' place. */
    RoundResult run(SecureAggregator rule, ClientProvider others, int rounds) {
        return run(FederatedServer.with(rule), others, START, rounds);
    }

    private RoundResult run(ServerBuilder builder, ClientProvider clients, ServerState from, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(threads);
                FederatedServer server = builder.clients(clients)
                        .selector(selector)
                        .localTraining(LocalTraining.epochs(2).withBatchSize(2).withLearningRate(RATE))
                        .runner(runner)
                        .build()) {
            return server.run(from, rounds);
        }
    }

    ClientProvider clients() {
        List<ClientId> ids = ClientId.numbered("client-", CLIENTS);
        return ClientProvider.local(ids, id -> points(ids.indexOf(id)), models)
                .rememberingIn(states)
                .decorated(client -> new Vanisher(client, ids.indexOf(client.id())));
    }

    /** Between -4 and 4. */
    private static double[][] points(int client) {
        DeterministicRandom random = new DeterministicRandom(client);
        double[][] points = new double[client + 2][DIMENSION];
        for (double[] point : points) {
            for (int j = 0; j < DIMENSION; j++) {
                point[j] = 8 * random.nextDouble() - 4;
            }
        }
        return points;
    }

    private final class Vanisher implements Client {

        private final Client itself;
        private final int number;

        Vanisher(Client itself, int number) {
            this.itself = itself;
            this.number = number;
        }

        @Override
        public ClientId id() {
            return itself.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (vanishing.vanishes(task.round(), number)) {
                throw new IOException("away");
            }
            return itself.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself.evaluate(task);
        }
    }
}
