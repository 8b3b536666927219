package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;

/** Under masks and a guard no client's data decide whether there is a result: who fails stays, with nothing to contribute. */
class PrivateMaskedRoundTest {

    private static final int CLIENTS = 5;
    private static final MeanRule RULE = MeanRule.plain()
            .rejectingAbove(9)
            .guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ComponentState.EMPTY));

    /** Every stage needs them all. */
    private static final InsecureForTests MASKED = InsecureForTests.on(RULE, CLIENTS);

    private static final ScriptedPopulation FAILING = ScriptedPopulation.of(CLIENTS, Toy.moves(1, 2, 3))
            .but(0, Toy.moves(0, Double.NaN, 0))
            .but(1, (self, task) -> {
                throw new IOException("wrong labels");
            })
            .but(2, (self, task) -> ClientUpdate.of(self, task, Toy.delta(1, 1, 1), 10))
            .but(3, (self, task) -> {
                throw new AssertionError("out of range");
            });

    @Test
    void aFailedClientContributesZerosAsInTheClear() {
        RoundResult masked = run(FederatedServer.with(MASKED), FAILING);

        assertInstanceOf(RoundResult.Advanced.class, masked);
        assertEquals(Toy.weights(1, 2, 3), masked.state().weights());
        assertEquals(run(FederatedServer.with(RULE), FAILING).state(), masked.state());
        assertEquals(List.of(), Toy.report(masked).outcomes());
    }

    @Test
    void failuresAreLoggedOnRequest() {
        try (CapturedLog log = CapturedLog.of(FederatedServer.class)) {
            run(FederatedServer.with(MASKED), FAILING);
            assertEquals(List.of(), log.warnings());
            run(FederatedServer.with(MASKED).revealingClientFailuresToOperator(), FAILING);

            assertEquals(
                    List.of(
                            "client 'client-0', round 1: delta is not finite at coordinate 1, of parameter 'W'; did local"
                                    + " training diverge at learning rate 0.5?",
                            "client 'client-1' failed: java.io.IOException: wrong labels",
                            "client 'client-2', round 1: 10 examples are more than 9",
                            "client 'client-3' failed: java.lang.AssertionError: out of range"),
                    log.warnings().stream()
                            .map(line -> line.replace("round 1, revealed to the operator: ", ""))
                            .toList());
        }
    }

    @Test
    void aFailedClientCommitsNoState() {
        ClientStateStore states = ClientStateStore.inMemory();
        ScriptedPopulation population = ScriptedPopulation.of(CLIENTS, (self, task) -> {
            states.stage(
                    self,
                    task.round(),
                    task.token(),
                    ComponentState.of("memory", 1).with("round", 1L));
            double step = self.equals(new ClientId("client-0")) ? Double.NaN : 1;
            return ClientUpdate.of(self, task, Toy.delta(step, 0, 0), 1);
        });
        run(FederatedServer.with(MASKED), population.rememberingIn(states));

        assertEquals(ComponentState.EMPTY, states.read(new ClientId("client-0")));
        assertEquals(1, states.read(new ClientId("client-1")).longValue("round"));
    }

    @Test
    void theServersOwnFailureEndsTheRun() {
        ScriptedPopulation population = ScriptedPopulation.of(
                CLIENTS,
                (self, task) -> ClientRunner.ServerFailureException.ours(() -> {
                    throw new UncheckedIOException(new IOException("the disk is full"));
                }));

        assertThrows(UncheckedIOException.class, () -> run(FederatedServer.with(MASKED), population));
    }

    private static RoundResult run(ServerBuilder builder, ClientProvider population) {
        try (FederatedServer server = builder.clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            return server.run(Toy.start(), 1);
        }
    }
}
