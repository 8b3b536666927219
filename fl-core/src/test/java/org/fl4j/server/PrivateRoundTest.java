package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.secure.SecureRound;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.fl4j.testkit.InsecureForTests;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;

/** A rule with a guard: rounds are booked before they run, a refused round ends the run, and who took part is not shown. */
class PrivateRoundTest {

    private static final String REFUSAL = "the budget of 3 rounds is spent";

    @Test
    void theLedgerOfAGrantedRoundIsKeptInTheState() {
        RoundResult result = run(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)), 2);

        assertInstanceOf(RoundResult.Advanced.class, result);
        assertEquals(spent(2), result.state().ledger());
    }

    /** The slowest of a cohort would be known by how long the round took, and an empty one by that it took none. */
    @Test
    void howLongARoundTookInVirtualTimeIsNotInTheState() {
        try (InProcessRunner threads = InProcessRunner.of(1);
                FederatedServer server = server(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)))
                        .runner(VirtualRunner.over(threads, Latency.constant(Duration.ofHours(1))))
                        .build()) {
            assertEquals(Duration.ZERO, server.run(Toy.start(), 2).state().time());
        }
    }

    @Test
    void aRefusedRoundEndsTheRunWithTheStateUnchanged() {
        List<RoundResult> heard = new ArrayList<>();
        try (FederatedServer server = server(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)))
                .listeners(hears(heard))
                .build()) {
            ServerState third = server.run(Toy.start(), 3).state();
            RoundResult end = server.run(Toy.start(), 100);

            assertEquals(new RoundResult.Refused(third, REFUSAL, Map.of("spent", 3.0)), end);
            assertEquals(3 + 4, heard.size());
            assertEquals(end, server.run(end.state(), 1), "asking again gives the same answer");
        }
    }

    @Test
    void aRefusedRoundAsksNoClient() {
        ScriptedPopulation population = ScriptedPopulation.of(2, (self, task) -> {
            throw new AssertionError("asked");
        });
        ServerState spent = new ServerState(
                3,
                Toy.weights(0, 0, 0),
                ComponentState.EMPTY,
                ComponentState.EMPTY,
                ComponentState.EMPTY,
                spent(3),
                Toy.SEED);
        try (FederatedServer server = server(population).build()) {
            assertEquals(new RoundResult.Refused(spent, REFUSAL, Map.of("spent", 3.0)), server.run(spent, 5));
        }
    }

    @Test
    void anAbandonedRoundStaysCharged() {
        ServerState high = ServerState.initial(Toy.weights(3e38f, 0, 0), Toy.SEED);
        try (FederatedServer server =
                server(ScriptedPopulation.of(2, Toy.moves(1e38, 0, 0))).build()) {
            RoundResult.Abandoned abandoned = assertInstanceOf(RoundResult.Abandoned.class, server.run(high, 1));

            assertEquals(high.abandoned(spent(1)), abandoned.state());
            assertEquals(List.of(), abandoned.report().outcomes());
        }
    }

    /** A round that was played before its result was lost: no client is asked, and the next one is played. */
    @Test
    void aSkippedRoundIsAbandonedAndTheRunGoesOn() {
        PrivacyBudgetGuard guard = (context, ledger) -> context.round() == 1
                ? new PrivacyBudgetGuard.Skipped(spent(1), "round 1 was played before")
                : new PrivacyBudgetGuard.Granted(spent(2));
        List<Integer> asked = new ArrayList<>();
        ScriptedPopulation population = ScriptedPopulation.of(1, (self, task) -> {
            asked.add(task.round());
            return ClientUpdate.of(self, task, Toy.delta(1, 0, 0), 1);
        });
        try (FederatedServer server = FederatedServer.with(MeanRule.plain().guardedBy(guard))
                .clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .participationCountsArePublic()
                .policy(RoundPolicy.DEFAULT.withRetries(2, Duration.ofDays(1)))
                .build()) {
            ServerState start = Toy.start();
            RoundResult.Abandoned first = assertInstanceOf(RoundResult.Abandoned.class, server.run(start, 1));
            assertEquals("round 1 was played before", first.reason());
            assertEquals(1, first.report().attempts(), "not repeated");
            assertEquals(start.weights(), first.state().weights());
            assertEquals(spent(1), first.state().ledger());
            assertInstanceOf(RoundResult.Advanced.class, server.run(first.state(), 1));
            assertEquals(List.of(2), asked);
        }
    }

    @Test
    void tooFewUpdatesAreNamedOnlyWhereCountsArePublic() {
        ScriptedPopulation fails = ScriptedPopulation.of(2, (self, task) -> {
            throw new IOException("away");
        });
        try (FederatedServer server = server(fails)
                .policy(RoundPolicy.DEFAULT.withMinUpdates(1))
                .participationCountsArePublic()
                .build()) {
            RoundResult.Abandoned abandoned = assertInstanceOf(RoundResult.Abandoned.class, server.run(Toy.start(), 1));

            assertEquals("round 1: 0 of 2 clients completed but the round needs 1", abandoned.reason());
            assertEquals(Toy.start().abandoned(spent(1)), abandoned.state());
        }
    }

    @Test
    void aRoundWithoutAnyUpdateStillRunsTheRule() {
        RoundResult nobodyAnswers = run(
                ScriptedPopulation.of(2, (self, task) -> {
                    throw new IOException("away");
                }),
                1);
        RoundResult nobodyThere = run(ScriptedPopulation.of(0, Toy.moves(1, 0, 0)), 1);

        for (RoundResult result : List.of(nobodyAnswers, nobodyThere)) {
            assertInstanceOf(RoundResult.Advanced.class, result);
            assertEquals(Map.of("asked", 1.0), Toy.report(result).metrics());
            assertEquals(Toy.weights(0, 0, 0), result.state().weights());
        }
    }

    @Test
    void theReportShowsTheRulesMetricsAndNoClient() {
        ScriptedPopulation population = ScriptedPopulation.of(
                        2,
                        (self, task) -> new ClientUpdate(
                                self,
                                task.round(),
                                task.token(),
                                Toy.delta(1, 0, 0),
                                1,
                                Map.of(),
                                Map.of(ClientUpdate.LOSS, 0.5),
                                task.objective()))
                .but(1, (self, task) -> {
                    throw new IOException("away");
                });
        RoundResult.Report report = Toy.report(run(population, 1));

        assertEquals(List.of(), report.outcomes());
        assertEquals(List.of(), report.completed());
        assertEquals(Map.of("asked", 1.0), report.metrics());
    }

    @Test
    void aMaskedSumThatIsLostCountsNoClients() {
        try (FederatedServer server = FederatedServer.with(
                        InsecureForTests.on(MeanRule.plain().guardedBy(threeRounds()), 3))
                .clients(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            RoundResult.Abandoned abandoned = assertInstanceOf(RoundResult.Abandoned.class, server.run(Toy.start(), 1));

            assertEquals("round 1: too few clients were left to recover their sum", abandoned.reason());
            assertEquals(spent(1), abandoned.state().ledger());
        }
    }

    /** In a masked sum members learn the cohort's size, whatever the rule's own wrappers pass on. */
    @Test
    void theGuardSeesWhoLearnsTheCohort() {
        List<RoundContext.CohortVisibility> told = new ArrayList<>();
        MeanRule rule = MeanRule.plain().guardedBy((context, ledger) -> {
            told.add(context.cohort());
            return new PrivacyBudgetGuard.Granted(ledger);
        });
        runOnce(FederatedServer.with(rule));
        runOnce(FederatedServer.with(InsecureForTests.on(rule, 1)));
        runOnce(FederatedServer.with(InsecureForTests.on(rule, 1)).cohortMembersAreTrusted());
        runOnce(FederatedServer.with(InsecureForTests.on(rule, 1)).participationCountsArePublic());
        runOnce(FederatedServer.with(rule).participationCountsArePublic());

        assertEquals(
                List.of(
                        RoundContext.CohortVisibility.SERVER_ONLY,
                        RoundContext.CohortVisibility.MEMBERS,
                        RoundContext.CohortVisibility.TRUSTED_MEMBERS,
                        RoundContext.CohortVisibility.EVERYBODY,
                        RoundContext.CohortVisibility.EVERYBODY),
                told);
    }

    /** Not that too few were left; and not who. */
    @Test
    void aClientThatSpoilsAMaskedSumIsNotNamed() {
        SecureAggregator spoilt = new SpoiltSum(threeRounds());
        try (FederatedServer server = FederatedServer.with(spoilt)
                .clients(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            RoundResult.Abandoned abandoned = assertInstanceOf(RoundResult.Abandoned.class, server.run(Toy.start(), 1));

            assertEquals(
                    "round 1: a client did not keep to the protocol, so that no sum was recovered", abandoned.reason());
            assertEquals(spent(1), abandoned.state().ledger());
        }
    }

    private record SpoiltSum(PrivacyBudgetGuard itsGuard) implements SecureAggregator {

        @Override
        public Optional<PrivacyBudgetGuard> guard() {
            return Optional.of(itsGuard);
        }

        @Override
        public Map<String, ModelDelta> taskVectors(RoundContext context) {
            return Map.of();
        }

        @Override
        public SecureRound begin(RoundContext context, List<ClientId> cohort) {
            return new SecureRound() {

                @Override
                public Optional<SecureRound.Stage> next() {
                    return Optional.empty();
                }

                @Override
                public Outcome finish() {
                    return new Unrecovered(Cause.MISBEHAVING_CLIENT, "client '" + cohort.get(1) + "' cheated");
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public SecureAggregator.Participant participant(ClientId self) {
            throw new AssertionError("asked");
        }
    }

    @Test
    void aClientThatIsTwiceInTheCohortIsNotNamed() {
        ClientId twin = new ClientId("twin");
        ScriptedPopulation one = ScriptedPopulation.of(1, Toy.moves(1, 0, 0));
        try (FederatedServer server = FederatedServer.with(MeanRule.plain().guardedBy(threeRounds()))
                .clients(ClientProvider.of(List.of(twin, twin), one::client))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            assertEquals(
                    "round 1: a client is twice in the cohort; are the population's ids unique?",
                    assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 1))
                            .getMessage());
        }
    }

    @Test
    void theLogNamesNoClient() {
        ScriptedPopulation population = ScriptedPopulation.of(2, Toy.moves(1, 0, 0))
                .but(1, (self, task) -> {
                    throw new IOException("away");
                });
        try (CapturedLog log = CapturedLog.of(FederatedServer.class)) {
            run(population, 100);

            assertEquals(List.of("round 4 refused: " + REFUSAL), log.warnings());
        }
    }

    /** So that a record of another run, or none, ends it with nothing spent and nothing lost. */
    @Test
    void theGuardIsOpenedBeforeTheRunBegins() {
        List<String> asked = new ArrayList<>();
        PrivacyBudgetGuard refusesAnotherStart = new PrivacyBudgetGuard() {
            @Override
            public void open(RunId run, Drawn drawn, int round, ComponentState ledger) {
                asked.add("open " + round + " " + run.isDrawn() + " " + drawn + " " + ledger);
                if (!run.isSameStart(Toy.start().run())) {
                    throw new IllegalStateException("of another run");
                }
            }

            @Override
            public Permit admit(RoundContext context, ComponentState ledger) {
                asked.add("admit " + context.round());
                return threeRounds().admit(context, ledger);
            }
        };
        RoundListener started = new RoundListener() {
            @Override
            public void runStarted(NativeThreads.Provenance provenance, ServerState from, int rounds) {
                asked.add("started");
            }
        };
        try (FederatedServer server = server(refusesAnotherStart, ScriptedPopulation.of(2, Toy.moves(1, 0, 0)))
                .listeners(started)
                .build()) {
            ServerState second = server.run(Toy.start(), 2).state();
            server.run(second, 1);
            assertThrows(
                    IllegalStateException.class,
                    () -> server.run(ServerState.initial(Toy.weights(1, 0, 0), Toy.SEED), 1));
        }
        assertEquals(
                List.of(
                        "open 0 true NOW " + ComponentState.EMPTY,
                        "started",
                        "admit 1",
                        "admit 2",
                        "open 2 true EARLIER " + spent(2),
                        "started",
                        "admit 3",
                        "open 0 true NOW " + ComponentState.EMPTY),
                asked);
    }

    private static RoundResult run(ScriptedPopulation population, int rounds) {
        try (FederatedServer server = server(population).build()) {
            return server.run(Toy.start(), rounds);
        }
    }

    private static void runOnce(ServerBuilder builder) {
        try (FederatedServer server = builder.clients(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            server.run(Toy.start(), 1);
        }
    }

    private static ServerBuilder server(ScriptedPopulation population) {
        return server(threeRounds(), population);
    }

    private static ServerBuilder server(PrivacyBudgetGuard guard, ScriptedPopulation population) {
        return FederatedServer.with(MeanRule.plain().guardedBy(guard))
                .clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private static PrivacyBudgetGuard threeRounds() {
        return (context, ledger) -> {
            long before = ledger.isEmpty() ? 0 : ledger.longValue("spent");
            return before == 3
                    ? new PrivacyBudgetGuard.Refused(REFUSAL, Map.of("spent", 3.0))
                    : new PrivacyBudgetGuard.Granted(spent(before + 1));
        };
    }

    private static ComponentState spent(long rounds) {
        return ComponentState.of("ledger", 1).with("spent", rounds);
    }

    private static RoundListener hears(List<RoundResult> heard) {
        return new RoundListener() {
            @Override
            public void roundEnded(RoundResult result) {
                heard.add(result);
            }
        };
    }
}
