package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.QuadraticModel;
import org.junit.jupiter.api.Test;

/** What would fail every client in every round is said before the first one, under a private rule too. */
class ClientObjectionTest {

    private static final List<ClientId> IDS = List.copyOf(ClientId.numbered("client-", 2));
    private static final double[][] POINTS = {{0, 4}, {2, 0}};
    private static final ServerState START = ServerState.initial(QuadraticModel.weightsOf(9, 2), Toy.SEED);

    private final ModelPool<QuadraticModel> pool = ModelPool.of(() -> new QuadraticModel(2));
    private final ClientProvider clients = ClientProvider.of(IDS, id -> LocalClient.of(id, POINTS, pool));
    private final AtomicInteger booked = new AtomicInteger();
    private final MeanRule guarded = MeanRule.plain().guardedBy((context, ledger) -> {
        booked.incrementAndGet();
        return new PrivacyBudgetGuard.Granted(ledger);
    });

    @Test
    void rejectsAStateOfAnotherLayout() {
        ServerState other = ServerState.initial(QuadraticModel.weightsOf(9, 2, 1), Toy.SEED);
        for (MeanRule rule : List.of(MeanRule.plain(), guarded)) {
            assertEquals(
                    "round 1 cannot be trained by the clients of this JVM: parameter 'w' has shape [2] but the global model"
                            + " has [3]; was the state made from a model of the same configuration, and is a checkpoint of"
                            + " this run?",
                    objection(rule, clients, other));
        }
        assertEquals(0, booked.get(), "nothing is spent");
    }

    @Test
    void rejectsAnObjectiveThatNoClientKnows() {
        ObjectiveSpec proximal = ObjectiveSpec.of("proximal", "mu", 0.1);
        String unknown =
                "the task asks for proximal(mu=0.1) but this client knows [] and empirical-risk; let the rule return"
                        + " it as localObjective(), or give it to the clients with withObjective";
        ClientProvider local = ClientProvider.local(IDS, id -> POINTS, pool);
        for (MeanRule rule : List.of(MeanRule.plain(), guarded)) {
            assertEquals(
                    "round 1 cannot be trained by the clients of this JVM: " + unknown,
                    objection(rule.minimising(proximal), clients, START));
            for (ClientProvider each : List.of(local, local.remote(), local.decorated(client -> client))) {
                assertEquals(
                        "no client of this JVM can train: " + unknown,
                        assertThrows(
                                        IllegalStateException.class,
                                        () -> server(rule.minimising(proximal), each)
                                                .build())
                                .getMessage());
            }
        }
        assertEquals(0, booked.get(), "nothing is spent");
    }

    @Test
    void aModelThatCannotBeMadeEndsTheRunBeforeItBegins() {
        IllegalStateException noBackend = new IllegalStateException("no backend");
        ModelPool<QuadraticModel> broken = ModelPool.of(() -> {
            throw noBackend;
        });
        ClientProvider each = ClientProvider.of(IDS, id -> LocalClient.of(id, POINTS, broken));
        assertSame(noBackend, assertThrows(IllegalStateException.class, () -> run(guarded, each, START)));
        assertEquals(0, booked.get(), "nothing is spent");
    }

    /** Which may depend on its data: it is a failure of its round, as without the question. */
    @Test
    void aClientThatCannotBeMadeIsNoObjection() {
        ClientProvider each = ClientProvider.of(IDS, id -> {
            if (id.equals(IDS.get(0))) {
                throw new IllegalStateException("its file is gone");
            }
            return LocalClient.of(id, POINTS, pool);
        });
        RoundResult result = run(MeanRule.plain(), each, START);

        assertInstanceOf(RoundResult.Advanced.class, result);
        assertEquals(
                List.of("client-0 failed: java.lang.IllegalStateException: its file is gone", "client-1 completed"),
                Toy.outcomes(result));
    }

    @Test
    void aPrivateRunLogsClientFailuresOnlyOnRequest() {
        ScriptedPopulation population = ScriptedPopulation.of(3, Toy.moves(1, 0, 0))
                .but(1, (self, task) -> {
                    throw new IllegalStateException("wrong labels");
                })
                .but(2, (self, task) -> null);
        try (CapturedLog log = CapturedLog.of(FederatedServer.class)) {
            try (FederatedServer silent = server(guarded, population).build()) {
                silent.run(Toy.start(), 2);
            }
            assertEquals(List.of(), log.warnings());
            try (FederatedServer reveals = server(guarded, population)
                    .revealingClientFailuresToOperator()
                    .build()) {
                RoundResult result = reveals.run(Toy.start(), 1);
                assertEquals(List.of(), Toy.report(result).outcomes(), "reports stay as they are");
            }
            assertEquals(
                    List.of(
                            "round 1, revealed to the operator: client 'client-1' failed: java.lang.IllegalStateException:"
                                    + " wrong labels",
                            "round 1, revealed to the operator: client 'client-2', round 1: train returned null, not an"
                                    + " update"),
                    log.warnings());
        }
    }

    private static String objection(MeanRule rule, ClientProvider clients, ServerState from) {
        return assertThrows(IllegalArgumentException.class, () -> run(rule, clients, from))
                .getMessage();
    }

    private static RoundResult run(MeanRule rule, ClientProvider clients, ServerState from) {
        try (FederatedServer server = server(rule, clients).build()) {
            return server.run(from, 1);
        }
    }

    private static ServerBuilder server(MeanRule rule, ClientProvider clients) {
        return FederatedServer.with(rule)
                .clients(clients)
                .localTraining(LocalTraining.steps(1).withLearningRate(0.5))
                .runner(InProcessRunner.of(1));
    }
}
