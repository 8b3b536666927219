package org.fl4j.aggregation.mean;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.QuadraticModel;
import org.junit.jupiter.api.Test;

/** A client with fewer examples than the smallest mini-batch takes no step. */
class NoStepTest {

    private static final ClientId SMALL = new ClientId("client-2");

    private static final List<double[][]> DATA = List.of(
            new double[][] {{0, 4}, {2, 0}, {1, 1}, {3, 3}, {5, 1}},
            new double[][] {{1, 0}, {3, 2}},
            new double[][] {{7, 7}});

    private final ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(2));

    /** It divides by the steps. */
    @Test
    void isRejectedByFedNovaWhichAggregatesTheOthers() {
        RoundResult.Advanced all = run(FedNova.byExamples(), 3, 3);
        RoundResult.Advanced others = run(FedNova.byExamples(), 2, 3);

        assertEquals(
                new ClientOutcome.Rejected<>(
                        SMALL,
                        "client 'client-2', round 3: FedNova needs 'steps' >= 1, but was 0.0; the last gradient counts"
                                + " whole"),
                all.report().outcomes().get(2));
        assertEquals(others.state().weights(), all.state().weights());
        assertTrue(all.state().weights().isFinite());
    }

    /** As a loss of 0 it would make the model look better than it is. */
    @Test
    void doesNotCountInTheMeanLoss() {
        RoundResult.Report all = run(FedAvg.byExamples(), 3, 1).report();

        assertEquals(3, all.completed().size());
        assertEquals(run(FedAvg.byExamples(), 2, 1).report().loss(), all.loss());
    }

    private RoundResult.Advanced run(DirectAggregator rule, int clients, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(ClientProvider.of(
                                ClientId.numbered("client-", clients),
                                id -> LocalClient.of(
                                        id, DATA.get(Integer.parseInt(id.value().substring(7))), models)))
                        .localTraining(LocalTraining.epochs(2)
                                .withBatchSize(2)
                                .withSmallestBatch(2)
                                .withLearningRate(0.1))
                        .runner(runner)
                        .build()) {
            return assertInstanceOf(
                    RoundResult.Advanced.class,
                    server.run(ServerState.initial(QuadraticModel.weightsOf(9, 2), 7), rounds));
        }
    }
}
