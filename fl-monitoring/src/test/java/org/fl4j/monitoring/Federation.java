package org.fl4j.monitoring;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

/**
 * Clients that each move one weight, some of which fail in every round.
 *
 * @param size how many there are
 * @param failing how many of them fail
 */
record Federation(int size, int failing) {

    static final long SEED = 918_273_645_546_372L;
    static final int EXAMPLES = 41;
    static final ServerState START = ServerState.initial(ModelWeights.copyOf(Fixtures.layout(4), new double[4]), SEED);

    private static final Federation SMALL = new Federation(23, 5);

    /** 23 clients, of which 5 fail, under a rule that sees each update. */
    static RoundResult run(ServerState from, int rounds, Monitoring monitoring) {
        return run(FederatedServer.with(FedAvg.byExamples()), from, rounds, builder -> builder.listeners(monitoring));
    }

    static RoundResult run(ServerBuilder builder, ServerState from, int rounds, Consumer<ServerBuilder> settings) {
        return SMALL.play(builder, from, rounds, settings);
    }

    RoundResult play(ServerBuilder builder, ServerState from, int rounds, Consumer<ServerBuilder> settings) {
        settings.accept(builder.clients(clients()).localTraining(LocalTraining.epochs(1)));
        try (FederatedServer server = builder.build()) {
            return server.run(from, rounds);
        }
    }

    ClientProvider clients() {
        List<ClientId> ids = ClientId.numbered("patient-", size);
        return ClientProvider.of(ids, id -> client(id, ids.indexOf(id)));
    }

    private Client client(ClientId id, int number) {
        return new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) {
                if (number < failing) {
                    throw new IllegalStateException("client '" + id + "' has no data today");
                }
                ModelDelta delta = ModelDelta.of(task.global().layout(), new double[] {0.1, 0, 0, 0.01 * number});
                return new ClientUpdate(
                        id,
                        task.round(),
                        task.token(),
                        delta,
                        3,
                        Map.of(),
                        Map.of(ClientUpdate.LOSS, 0.5),
                        task.objective());
            }

            /** One of them is worse than all others, by a figure that only it has. */
            @Override
            public Evaluation evaluate(EvaluationTask task) {
                int correct = number == 0 ? 3 : 31;
                return new Evaluation(EXAMPLES, 0.25, List.of(new Evaluation.ClassCounts(EXAMPLES, correct, EXAMPLES)));
            }
        };
    }
}
