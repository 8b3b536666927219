package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.BestModel;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.evaluation.Measure;
import org.fl4j.server.evaluation.Validation;
import org.fl4j.testkit.QuadraticModel;
import org.junit.jupiter.api.Test;

/** What may decide how long a private run is and which model is kept. */
class PrivateValidationTest {

    private static final List<ClientId> IDS = ClientId.numbered("client-", 6);

    private static final GaussianMechanism RULE = GaussianMechanism.on(ClippedMean.fixed(1), 0.5);

    private static ClientProvider clients() {
        return ClientProvider.local(IDS, id -> new double[][] {{1}}, ModelPool.of(() -> new QuadraticModel(1)));
    }

    private static ServerBuilder server() {
        return FederatedServer.with(RULE)
                .clients(clients())
                .localTraining(LocalTraining.steps(1).withLearningRate(0.5));
    }

    private static ServerState run(ServerBuilder builder) {
        try (FederatedServer server = builder.build()) {
            return server.run(ServerState.initial(new QuadraticModel(1).weights(), 3), 6)
                    .state();
        }
    }

    @Test
    void publicDataAndWhatTheRuleReleasesMay() {
        ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(1));
        Measure held = Measure.central(1, models, new double[][] {{1}}, Metric.LOSS);
        ServerState kept = run(server().validation(Validation.by(held).keepingBest()));
        assertTrue(BestModel.of(kept).isPresent());
        Measure loss = Measure.reported("loss", Metric.Direction.LOWER_IS_BETTER);
        assertEquals(
                6,
                run(server().validation(Validation.by(loss).stoppingAfter(1))).round(),
                "a private report has no loss of clients");
    }

    @Test
    void membersMayOnlyByName() {
        try (InProcessRunner runner = InProcessRunner.of(1)) {
            FederatedEvaluation members = FederatedEvaluation.every(1, clients(), runner, (round, sum) -> {});
            ServerBuilder builder = server().validation(Validation.by(Measure.federated(members, Metric.LOSS)));
            String why =
                    assertThrows(IllegalStateException.class, builder::build).getMessage();
            assertTrue(why.contains("revealingMembersEvaluation()"), why);
            Measure declared = Measure.federated(members.revealingMembersEvaluation(), Metric.LOSS);
            assertTrue(
                    BestModel.of(run(server().validation(Validation.by(declared).keepingBest())))
                            .isPresent());
        }
    }

    @Test
    void membersMayBeAskedByAListenerWhichTheStatementLists() {
        List<Evaluation> sums = new ArrayList<>();
        try (InProcessRunner runner = InProcessRunner.of(1)) {
            ServerState end = run(
                    server().listeners(FederatedEvaluation.every(3, clients(), runner, (round, sum) -> sums.add(sum))));
            assertEquals(2, sums.size());
            assertEquals(IDS.size(), sums.get(1).examples(), "released as it is");
            List<String> gaps = RULE.statement(end.ledger(), 1e-5).notProtected();
            assertTrue(gaps.get(0).contains("evaluations on client data"), gaps.get(0));
        }
    }

    @Test
    void timeMayOnlyWhereParticipationIsPublic() {
        ServerBuilder timed = server().timeBudget(Duration.ofHours(1));
        String why = assertThrows(IllegalStateException.class, timed::build).getMessage();
        assertTrue(why.contains("a private rule rejects a time budget, here PT1H"), why);
        assertEquals(6, run(timed.participationCountsArePublic()).round());
    }
}
