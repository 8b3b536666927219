package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rounds abandoned in a row end a run with the first cause: nothing is learned, and that is no success. */
class RunAbandonedTest {

    private final IOException away = new IOException("away");
    private final ScriptedPopulation.Training fails = (self, task) -> {
        throw away;
    };

    @Test
    void threeAbandonedRoundsEndTheRunWithTheFirstClientsExceptionAsCause(@TempDir Path folder) {
        CheckpointStore store = CheckpointStore.in(folder);
        List<RoundResult> heard = new ArrayList<>();
        // The first is rejected, the second throws.
        ScriptedPopulation population = ScriptedPopulation.of(3, fails)
                .but(0, (self, task) -> ClientUpdate.of(self, task, Toy.delta(0, 0, 0), 0));
        FederatedServer.RunAbandonedException end =
                ends(direct(population).checkpoints(store).listeners(hears(heard)), 50);

        assertEquals(
                "3 rounds in a row were abandoned, up to round 3; the first: round 1: none of 3 clients completed; the"
                        + " first was client 'client-0', round 1: numExamples must be at least 1, but was 0;"
                        + " RoundPolicy.withMaxAbandoned says how many end a run",
                end.getMessage());
        assertSame(away, end.getCause());
        assertEquals(3, heard.size());
        assertEquals(3, store.latest().orElseThrow().round(), "a run goes on behind what was abandoned");
    }

    @Test
    void aRoundThatAdvancesStartsTheCountAgain() {
        FederatedServer.RunAbandonedException end =
                ends(direct(ScriptedPopulation.of(1, failingIn(Set.of(1, 2, 4, 5, 7, 8, 9)))), 50);

        assertTrue(
                end.getMessage().startsWith("3 rounds in a row were abandoned, up to round 9; the first: round 7: "));
    }

    /** Below the limit, too: the weights that it would return are those it began with. */
    @Test
    void aRunOfSeveralRoundsOfWhichNoneAdvancedThrows() {
        FederatedServer.RunAbandonedException end = ends(direct(ScriptedPopulation.of(1, fails)), 2);

        assertEquals(
                "no round of the run advanced: 2 were abandoned; the first: round 1: none of 1 clients completed; the first"
                        + " was client 'client-0' failed: java.io.IOException: away",
                end.getMessage());
        assertSame(away, end.getCause());
        assertInstanceOf(RoundResult.Abandoned.class, runs(direct(ScriptedPopulation.of(1, fails)), 1));
        assertInstanceOf(
                RoundResult.Abandoned.class, runs(direct(ScriptedPopulation.of(1, failingIn(Set.of(2, 3)))), 3));
        assertInstanceOf(
                RoundResult.Abandoned.class,
                runs(direct(ScriptedPopulation.of(1, fails)).selector(choosingIn(Set.of(4))), 9),
                "one failure may be chance");
    }

    @Test
    void thePolicySetsTheLimit() {
        ServerBuilder once = direct(ScriptedPopulation.of(1, fails)).policy(RoundPolicy.DEFAULT.withMaxAbandoned(1));
        assertTrue(ends(once, 1).getMessage().startsWith("1 rounds in a row were abandoned, up to round 1; "));

        ServerBuilder never =
                direct(ScriptedPopulation.of(1, fails)).policy(RoundPolicy.DEFAULT.withMaxAbandoned(Integer.MAX_VALUE));
        assertEquals(10, runs(never, 10).state().round());

        assertEquals(
                "maxAbandoned must be at least 1, but was 0; Integer.MAX_VALUE never ends a run",
                assertThrows(IllegalArgumentException.class, () -> RoundPolicy.DEFAULT.withMaxAbandoned(0))
                        .getMessage());
        assertEquals(
                new RoundPolicy(0, 2, Duration.ofSeconds(1), 7, RoundPolicy.Retries.NONE),
                RoundPolicy.DEFAULT
                        .withMaxAbandoned(7)
                        .withOverSelection(0)
                        .withMinUpdates(2)
                        .withDeadline(Duration.ofSeconds(1)));
    }

    /** Chance, or nobody at home: no client failed. Nor does it hide that clients fail whenever they are asked. */
    @Test
    void roundsWithAnEmptyCohortDoNotCount() {
        assertEquals(
                20,
                runs(direct(ScriptedPopulation.of(2, fails)).selector(choosingIn(Set.of())), 20)
                        .state()
                        .round());
        FederatedServer.RunAbandonedException end =
                ends(direct(ScriptedPopulation.of(2, fails)).selector(choosingIn(Set.of(3, 9, 14))), 20);
        assertTrue(
                end.getMessage().startsWith("3 rounds in a row were abandoned, up to round 14; the first: round 3: "));
    }

    @Test
    void aPopulationWithoutClientsEndsTheRun() {
        FederatedServer.RunAbandonedException end = ends(direct(ScriptedPopulation.of(0, fails)), 50);

        assertEquals(
                "3 rounds in a row were abandoned, up to round 3; the first: round 1: the selector chose none of 0 clients;"
                        + " RoundPolicy.withMaxAbandoned says how many end a run",
                end.getMessage());
        assertNull(end.getCause());
    }

    @Test
    void stepsThatOverflowEndTheRun() {
        ServerBuilder server = direct(ScriptedPopulation.of(1, Toy.moves(1e38, 0, 0)));
        try (FederatedServer open = server.build()) {
            ServerState high = ServerState.initial(Toy.weights(3e38f, 0, 0), Toy.SEED);
            FederatedServer.RunAbandonedException end =
                    assertThrows(FederatedServer.RunAbandonedException.class, () -> open.run(high, 50));
            assertNull(end.getCause(), "no client failed");
        }
    }

    @Test
    void roundsInWhichAllMissTheDeadlineEndTheRun() {
        StragglerRunner runner = new StragglerRunner();
        ScriptedPopulation stuck = ScriptedPopulation.of(1, (self, task) -> {
            runner.stuck();
            new CountDownLatch(1).await();
            throw new IOException("never");
        });
        FederatedServer.RunAbandonedException end = ends(
                direct(stuck)
                        .policy(RoundPolicy.DEFAULT
                                .withDeadline(Duration.ofSeconds(9))
                                .withMaxAbandoned(1))
                        .runner(runner),
                1);
        assertTrue(end.getMessage().contains("client 'client-0' missed the deadline of PT9S"), end::getMessage);
    }

    @Test
    void maskedSumsThatAreLostEndTheRun() {
        ServerBuilder server = FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 2))
                .clients(ScriptedPopulation.of(3, fails))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
        assertSame(away, ends(server, 50).getCause());
    }

    /** Its rounds release noise whoever takes part; ending the run would show that nobody did. */
    @Test
    void aPrivateRunIsNotEndedByAbandonedRounds() {
        PrivacyBudgetGuard grants = (context, ledger) -> new PrivacyBudgetGuard.Granted(ledger);
        ServerBuilder released = FederatedServer.with(MeanRule.plain().guardedBy(grants))
                .clients(ScriptedPopulation.of(2, fails))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
        assertInstanceOf(RoundResult.Advanced.class, runs(released, 10));

        ServerBuilder lost = FederatedServer.with(
                        InsecureForTests.on(MeanRule.plain().guardedBy(grants), 3))
                .clients(ScriptedPopulation.of(2, fails))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
        assertInstanceOf(RoundResult.Abandoned.class, runs(lost, 10));
    }

    private static ServerBuilder direct(ScriptedPopulation population) {
        return FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private static RoundResult runs(ServerBuilder builder, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(Toy.start(), rounds);
        }
    }

    private static FederatedServer.RunAbandonedException ends(ServerBuilder builder, int rounds) {
        return assertThrows(FederatedServer.RunAbandonedException.class, () -> runs(builder, rounds));
    }

    private ScriptedPopulation.Training failingIn(Set<Integer> rounds) {
        return (self, task) -> {
            if (rounds.contains(task.round())) {
                throw away;
            }
            return Toy.moves(1, 0, 0).train(self, task);
        };
    }

    private static ClientSelector choosingIn(Set<Integer> rounds) {
        return new ClientSelector() {
            @Override
            public ClientSelector.Selection select(ClientSelector.Context context) {
                return new ClientSelector.Selection(
                        rounds.contains(context.round()) ? context.population() : List.of(),
                        Integer.MAX_VALUE,
                        ComponentState.EMPTY);
            }

            @Override
            public SamplingScheme scheme() {
                return new SamplingScheme.Other("in some rounds");
            }
        };
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
