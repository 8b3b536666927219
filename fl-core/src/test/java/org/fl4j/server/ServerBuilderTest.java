package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What does not fit together is said when a server is built, with the values. */
class ServerBuilderTest {

    private static final PrivacyBudgetGuard GENEROUS =
            (context, ledger) -> new PrivacyBudgetGuard.Granted(ComponentState.EMPTY);
    private static final RoundPolicy MORE = RoundPolicy.DEFAULT.withOverSelection(0.3);

    @Test
    void clientsAndLocalTrainingAreRequired() {
        fails(
                "clients(...) was not called on the builder",
                () -> FederatedServer.with(MeanRule.plain())
                        .localTraining(Toy.TRAINING)
                        .build());
        fails(
                "localTraining(...) was not called on the builder",
                () -> FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(1, Toy.moves(0, 0, 0)))
                        .build());
    }

    @Test
    void rejectsAnObjectiveIfTheRuleHasOne() {
        MeanRule proximal = MeanRule.plain().minimising(ObjectiveSpec.of("proximal", "mu", 0.01));
        fails(
                "the rule already carries the objective proximal(mu=0.01); objective(proximal(mu=0.1)) cannot be set beside"
                        + " it",
                () -> server(proximal)
                        .objective(ObjectiveSpec.of("proximal", "mu", 0.1))
                        .build());
        builds(server(MeanRule.plain()).objective(ObjectiveSpec.of("proximal", "mu", 0.1)));
    }

    @Test
    void overSelectionNeedsASelectorOfFixedSize() {
        String needs =
                "over-selection of 0.3 needs a uniform sample of fixed size, such as ClientSelector.uniform, but the scheme"
                        + " is ";
        fails(
                needs + "EveryClient[]",
                () -> server(MeanRule.plain()).policy(MORE).build());
        fails(
                needs + "Poisson[probability=0.1, source=CRYPTOGRAPHIC]",
                () -> server(MeanRule.plain())
                        .selector(ClientSelector.poisson(0.1))
                        .policy(MORE)
                        .build());
        builds(server(MeanRule.plain()).selector(ClientSelector.uniform(10)).policy(MORE));
    }

    @Test
    void rejectsOverSelectionOfRoundRobinAndPowerOfChoice() {
        String needs =
                "over-selection of 0.3 needs a uniform sample of fixed size, such as ClientSelector.uniform, but the"
                        + " scheme is Other[description=";
        fails(
                needs + "round-robin of 10]",
                () -> server(MeanRule.plain())
                        .selector(ClientSelector.roundRobin(10))
                        .policy(MORE)
                        .build());
        fails(
                needs + "power-of-choice, 2 of 5]",
                () -> server(MeanRule.plain())
                        .selector(ClientSelector.powerOfChoice(2, 5))
                        .policy(MORE)
                        .build());
        fails(
                needs + "round-robin of 10 among available clients]",
                () -> server(MeanRule.plain())
                        .selector(ClientSelector.roundRobin(10).among((round, client) -> true))
                        .policy(MORE)
                        .build());
        builds(server(MeanRule.plain())
                .selector(ClientSelector.uniform(10).among((round, client) -> true))
                .policy(MORE));
    }

    @Test
    void rejectsASelectorByReportsUnderPrivateAndSecureRules() {
        ClientSelector choice = ClientSelector.powerOfChoice(2, 5);
        String rejects = " rule rejects a selector that depends on single clients' reports, here"
                + " Other[description=power-of-choice, 2 of 5";
        String shows =
                ": whom it chooses would show what they reported; use ClientSelector.poisson or another that does"
                        + " not depend on them";
        MeanRule guarded = MeanRule.plain().guardedBy(GENEROUS);
        fails(
                "a private" + rejects + "]" + shows,
                () -> server(guarded).selector(choice).build());
        fails(
                "a private" + rejects + " among available clients]" + shows,
                () -> server(guarded)
                        .selector(choice.among((round, client) -> true))
                        .participationCountsArePublic()
                        .build());
        fails(
                "a secure" + rejects
                        + "]: they do not reach the server; use ClientSelector.uniform or another that does"
                        + " not depend on them",
                () -> masked(MeanRule.plain()).selector(choice).build());
        builds(server(MeanRule.plain()).selector(choice));
        builds(server(guarded).selector(ClientSelector.roundRobin(2)));
    }

    @Test
    void rejectsAMinimumAboveTheCohortSize() {
        fails(
                "minUpdates of 11 can never be reached: a round ends with 10 updates of FixedSize[size=10]",
                () -> server(MeanRule.plain())
                        .selector(ClientSelector.uniform(10))
                        .policy(MORE.withMinUpdates(11))
                        .build());
        builds(server(MeanRule.plain()).selector(ClientSelector.uniform(10)).policy(MORE.withMinUpdates(10)));
    }

    @Test
    void aPrivateRuleRejectsMinUpdatesUnlessCountsArePublic() {
        MeanRule guarded = MeanRule.plain().guardedBy(GENEROUS);
        String shows =
                ": whether a round is abandoned would show who took part; call participationCountsArePublic() if that is"
                        + " acceptable";
        RoundPolicy atLeastFive = RoundPolicy.DEFAULT.withMinUpdates(5);
        fails(
                "a private rule rejects minUpdates, here 5" + shows,
                () -> server(guarded).policy(atLeastFive).build());
        builds(server(guarded).policy(atLeastFive).participationCountsArePublic());
    }

    @Test
    void aPrivateRuleRejectsOverSelectionEvenIfCountsArePublic() {
        MeanRule guarded = MeanRule.plain().guardedBy(GENEROUS);
        fails(
                "a private rule rejects over-selection, here 0.3: a client that drops out is replaced by another, so one client"
                        + " changes the sum by up to two contributions, but only one is charged",
                () -> server(guarded)
                        .selector(ClientSelector.uniform(10))
                        .policy(MORE)
                        .participationCountsArePublic()
                        .build());
    }

    @Test
    void rejectsPublicCountsWhereAmplificationNeedsThemSecret() {
        MeanRule guarded = MeanRule.plain().guardedBy(GENEROUS);
        ClientSelector poisson = ClientSelector.poisson(0.25);
        fails(
                "a private rule rejects participationCountsArePublic() with Poisson[probability=0.25,"
                        + " source=CRYPTOGRAPHIC]: its amplification requires a secret cohort size; use another selector,"
                        + " such as ClientSelector.uniform, under which every round is charged without amplification",
                () -> server(guarded)
                        .selector(poisson)
                        .policy(RoundPolicy.DEFAULT.withMinUpdates(5))
                        .participationCountsArePublic()
                        .build());
        builds(server(guarded).selector(poisson));
        fails(
                "a private rule rejects participationCountsArePublic() with Poisson[probability=0.25,"
                        + " source=CRYPTOGRAPHIC]: its amplification requires a secret cohort size; use another selector,"
                        + " such as ClientSelector.uniform, under which every round is charged without amplification",
                () -> masked(guarded)
                        .selector(poisson)
                        .cohortMembersAreTrusted()
                        .participationCountsArePublic()
                        .build());
        // Its budget is held against members, who know the size anyway.
        builds(masked(guarded).selector(poisson).participationCountsArePublic());
        builds(server(guarded).selector(ClientSelector.poisson(1)).participationCountsArePublic());
        builds(server(MeanRule.plain()).selector(poisson).participationCountsArePublic());
    }

    @Test
    void rejectsPoliciesOutOfRange() {
        illegal(
                "overSelection must be >= 0 and < infinity, but was -0.1",
                () -> RoundPolicy.DEFAULT.withOverSelection(-0.1));
        illegal(
                "overSelection must be >= 0 and < infinity, but was NaN",
                () -> RoundPolicy.DEFAULT.withOverSelection(Double.NaN));
        illegal(
                "overSelection must be >= 0 and < infinity, but was Infinity",
                () -> RoundPolicy.DEFAULT.withOverSelection(Double.POSITIVE_INFINITY));
        illegal("minUpdates must be at least 0, but was -1", () -> RoundPolicy.DEFAULT.withMinUpdates(-1));
        illegal("deadline must be positive, but was PT0S", () -> RoundPolicy.DEFAULT.withDeadline(Duration.ZERO));
        illegal(
                "deadline must be positive, but was PT-1S",
                () -> RoundPolicy.DEFAULT.withDeadline(Duration.ofSeconds(-1)));
        illegal(
                "enough must be at least 1, but was 0",
                () -> new ClientSelector.Selection(List.of(), 0, ComponentState.EMPTY));
    }

    @Test
    void rejectsACohortWithAClientTwice() {
        ClientId twin = new ClientId("twin");
        ScriptedPopulation one = ScriptedPopulation.of(1, Toy.moves(1, 0, 0));
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(ClientProvider.of(List.of(twin, twin), one::client))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            fails(
                    "round 1: client 'twin' is twice in the cohort; are the population's ids unique?",
                    () -> server.run(Toy.start(), 1));
        }
    }

    @Test
    void anInvalidLearningRateOfAScheduleEndsTheRun() {
        try (FederatedServer server = server(MeanRule.plain())
                .learningRates(round -> round == 2 ? 0 : 0.1)
                .build()) {
            illegal("learningRate must be > 0 and < infinity, but was 0.0", () -> server.run(Toy.start(), 2));
        }
    }

    @Test
    void theScheduleReplacesTheLearningRate() {
        ScriptedPopulation population = ScriptedPopulation.of(
                1,
                (self, task) -> ClientUpdate.of(
                        self, task, Toy.delta(task.localTraining().learningRate(), 0, 0), 1));
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .learningRates(round -> 0.25 * round)
                .runner(InProcessRunner.of(1))
                .build()) {
            // 0.25 + 0.5 + 0.75
            assertEquals(
                    Toy.weights(1.5f, 0, 0), server.run(Toy.start(), 3).state().weights());
        }
    }

    private static ServerBuilder masked(MeanRule rule) {
        return FederatedServer.with(InsecureForTests.on(rule, 1))
                .clients(ScriptedPopulation.of(1, Toy.moves(0, 0, 0)))
                .localTraining(Toy.TRAINING);
    }

    private static ServerBuilder server(MeanRule rule) {
        return FederatedServer.with(rule)
                .clients(ScriptedPopulation.of(1, Toy.moves(0, 0, 0)))
                .localTraining(Toy.TRAINING);
    }

    private static void builds(ServerBuilder builder) {
        assertDoesNotThrow(() -> builder.build().close());
    }

    private static void fails(String message, Executable what) {
        assertEquals(message, assertThrows(IllegalStateException.class, what).getMessage());
    }

    private static void illegal(String message, Executable what) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
    }
}
