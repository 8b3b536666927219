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

/** 23 clients that each move one weight, of which 5 fail in every round. */
final class Federation {

    static final int SIZE = 23;
    static final int FAILING = 5;
    static final long SEED = 918_273_645_546_372L;
    static final List<ClientId> CLIENTS = ClientId.numbered("patient-", SIZE);
    static final ServerState START =
            ServerState.initial(ModelWeights.copyOf(Fixtures.layout(4), new double[4]), SEED);

    private Federation() {}

    static RoundResult run(ServerState from, int rounds, Monitoring monitoring) {
        return run(FederatedServer.with(FedAvg.byExamples()), from, rounds, builder -> builder.listeners(monitoring));
    }

    static RoundResult run(
            ServerBuilder builder, ServerState from, int rounds, Consumer<ServerBuilder> settings) {
        settings.accept(builder.clients(ClientProvider.of(CLIENTS, Federation::client))
                .localTraining(LocalTraining.epochs(1)));
        try (FederatedServer server = builder.build()) {
            return server.run(from, rounds);
        }
    }

    private static Client client(ClientId id) {
        int number = CLIENTS.indexOf(id);
        return new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) {
                if (number < FAILING) {
                    throw new IllegalStateException("client '" + id + "' has no data today");
                }
                ModelDelta delta = ModelDelta.of(task.global().layout(), new double[] {0.1, 0, 0, 0.01 * number});
                return new ClientUpdate(
                        id, task.round(), task.token(), delta, 3, Map.of(), Map.of(ClientUpdate.LOSS, 0.5), task.objective());
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                return new Evaluation(41, 0.25, List.of(new Evaluation.ClassCounts(41, 31, 41)));
            }
        };
    }
}
