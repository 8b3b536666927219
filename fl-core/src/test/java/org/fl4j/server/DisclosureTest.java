package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.InProcessRunner;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.Disclosure;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;

/** What listeners are told of a run beside its rounds: what it may show, and that it ended. */
class DisclosureTest {

    private static final MeanRule OPEN = MeanRule.plain();
    private static final MeanRule PRIVATE = OPEN.guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));

    private final List<String> told = new ArrayList<>();

    @Test
    void followsFromTheRuleAndFromWhatTheHostDeclared() {
        assertEquals(Disclosure.CLIENTS, of(FederatedServer.with(OPEN)));
        assertEquals(Disclosure.COUNTS, of(FederatedServer.with(InsecureForTests.on(OPEN, 1))));
        assertEquals(Disclosure.RELEASES, of(FederatedServer.with(PRIVATE)));
        assertEquals(Disclosure.COUNTS, of(FederatedServer.with(PRIVATE).participationCountsArePublic()));
        assertEquals(Disclosure.RELEASES, of(FederatedServer.with(InsecureForTests.on(PRIVATE, 1))));
        assertEquals(
                Disclosure.RELEASES,
                of(FederatedServer.with(InsecureForTests.on(PRIVATE, 1)).cohortMembersAreTrusted()));
        assertEquals(Disclosure.RELEASES, of(FederatedServer.with(PRIVATE).revealingClientFailuresToOperator()));
    }

    @Test
    void isToldBeforeTheStartAndTheEndAfterAllElse() {
        of(FederatedServer.with(OPEN));
        assertEquals(List.of("CLIENTS", "starts", "round", "round", "ended"), told);
    }

    @Test
    void theEndIsToldWhereARunThrows() {
        ScriptedPopulation away = ScriptedPopulation.of(2, (self, task) -> {
            throw new IOException("away");
        });
        try (FederatedServer server = server(FederatedServer.with(OPEN), away)) {
            assertThrows(FederatedServer.RunAbandonedException.class, () -> server.run(Toy.start(), 50));
        }
        assertEquals("ended", told.get(told.size() - 1));
        assertEquals(1, told.stream().filter("ended"::equals).count());
    }

    private Disclosure of(ServerBuilder builder) {
        told.clear();
        try (FederatedServer server = server(builder, ScriptedPopulation.of(2, Toy.moves(1, 0, 0)))) {
            server.run(Toy.start(), 2);
        }
        return Disclosure.valueOf(told.get(0));
    }

    private FederatedServer server(ServerBuilder builder, ScriptedPopulation population) {
        return builder.clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .listeners(listener())
                .build();
    }

    private RoundListener listener() {
        return new RoundListener() {
            @Override
            public void runDiscloses(Disclosure disclosure) {
                told.add(disclosure.name());
            }

            @Override
            public void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {
                told.add("starts");
            }

            @Override
            public void roundEnded(RoundResult result) {
                told.add("round");
            }

            @Override
            public void runEnded() {
                told.add("ended");
            }
        };
    }
}
