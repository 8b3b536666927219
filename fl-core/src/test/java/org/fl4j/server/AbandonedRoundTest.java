package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.checkpoint.TasksUnderWay;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;

/** A round that came to nothing leaves the state before it, but for the counter. */
class AbandonedRoundTest {

    private static final ScriptedPopulation.Training FAILS = (self, task) -> {
        throw new IOException("no route to " + self);
    };

    @Test
    void tooFewUpdatesAbandonTheRoundAndTheNextOneWorks() {
        ScriptedPopulation population = ScriptedPopulation.of(4, (self, task) -> {
                    if (task.round() == 3) {
                        throw new IOException("round 3 is bad");
                    }
                    return ClientUpdate.of(self, task, Toy.delta(1, 0, 0), 1);
                })
                .but(0, Toy.moves(1, 0, 0));
        try (FederatedServer server =
                server(population).policy(RoundPolicy.DEFAULT.withMinUpdates(2)).build()) {
            RoundResult.Abandoned abandoned =
                    assertInstanceOf(RoundResult.Abandoned.class, server.run(Toy.afterTwoRounds(), 1));
            assertEquals("round 3: 1 of 4 clients completed but the round needs 2", abandoned.reason());
            assertEquals("[client-0]", abandoned.report().completed().toString());

            RoundResult next = server.run(abandoned.state(), 1);
            assertInstanceOf(RoundResult.Advanced.class, next);
            assertEquals(4, next.state().round());
            assertEquals(Toy.weights(1, 0, 0), next.state().weights());
        }
    }

    @Test
    void withoutAnyUpdateTheRoundIsAbandoned() {
        RoundResult.Abandoned abandoned =
                assertInstanceOf(RoundResult.Abandoned.class, run(server(ScriptedPopulation.of(3, FAILS))));

        assertEquals(
                "round 1: none of 3 clients completed; the first was client 'client-0' failed: java.io.IOException: no route to"
                        + " client-0",
                abandoned.reason());
    }

    @Test
    void theReasonNamesTheFirstFailureWhenAllClientsFail() {
        ScriptedPopulation rejected = ScriptedPopulation.of(2, FAILS)
                .but(0, (self, task) -> ClientUpdate.of(self, task, Toy.delta(0, 0, 0), 0));
        assertEquals(
                "round 1: 0 of 2 clients completed but the round needs 1; the first was client 'client-0', round 1:"
                        + " numExamples must be at least 1, but was 0",
                reason(server(rejected).policy(RoundPolicy.DEFAULT.withMinUpdates(1))));
        assertEquals(
                "round 1: none of 2 clients completed; the first was client 'client-0', round 1: numExamples must be at"
                        + " least 1, but was 0",
                reason(FederatedServer.with(Toy.unlinear(MeanRule.plain()))
                        .clients(rejected)
                        .localTraining(Toy.TRAINING)
                        .runner(InProcessRunner.of(1))));
    }

    @Test
    void aStragglerIsNamedWithTheDeadline() {
        StragglerRunner runner = new StragglerRunner();
        ScriptedPopulation stuck = ScriptedPopulation.of(1, (self, task) -> {
            runner.stuck();
            new CountDownLatch(1).await();
            throw new IOException("never");
        });
        assertEquals(
                "round 1: none of 1 clients completed; the first was client 'client-0' missed the deadline of PT9S",
                reason(server(stuck)
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofSeconds(9)))
                        .runner(runner)));
    }

    @Test
    void anEmptyPopulationAbandonsTheRound() {
        RoundResult.Abandoned abandoned =
                assertInstanceOf(RoundResult.Abandoned.class, run(server(ScriptedPopulation.of(0, FAILS))));

        assertEquals("round 1: the selector chose none of 0 clients", abandoned.reason());
    }

    @Test
    void aRulesOwnPreconditionAbandonsTheRound() {
        RoundResult.Abandoned abandoned = assertInstanceOf(
                RoundResult.Abandoned.class,
                run(FederatedServer.with(Toy.unlinear(MeanRule.plain()))
                        .clients(ScriptedPopulation.of(1, Toy.moves(1, 1, 1)))
                        .localTraining(Toy.TRAINING)
                        .runner(InProcessRunner.of(1))));

        assertEquals("round 1: one update has no median", abandoned.reason());
    }

    @Test
    void aStepThatOverflowsAbandonsTheRound() {
        // FLOAT ends at 3.4e38, so 3e38 + 1e38 is infinite though both are not.
        ServerState high = ServerState.initial(Toy.weights(3e38f, 0, 0), Toy.SEED);
        try (FederatedServer server =
                server(ScriptedPopulation.of(2, Toy.moves(1e38, 0, 0))).build()) {
            RoundResult.Abandoned abandoned = assertInstanceOf(RoundResult.Abandoned.class, server.run(high, 1));

            assertEquals(
                    "round 1: the step would leave NaN or infinity in the global weights; is the server's step too large?",
                    abandoned.reason());
            assertEquals(high.weights(), abandoned.state().weights());
            assertEquals(List.of("client-0 completed", "client-1 completed"), Toy.outcomes(abandoned));
        }
    }

    @Test
    void onlyAnAdvancedRoundMovesTheStatesOfRuleOptimizerAndSelector() {
        ScriptedPopulation population = ScriptedPopulation.of(2, (self, task) -> {
            if (task.round() == 2) {
                throw new IOException("round 2 is bad");
            }
            return ClientUpdate.of(self, task, Toy.delta(1, 0, 0), 1);
        });
        try (FederatedServer server = server(population)
                .optimizer(Toy.counting())
                .selector(Toy.countingSelector())
                .build()) {
            ServerState first = server.run(Toy.start(), 1).state();
            assertEquals(
                    new ServerState(
                            1,
                            0,
                            Toy.weights(1, 0, 0),
                            ComponentState.of("counting", 1).with("steps", 1),
                            ComponentState.of("mean", 1).with("asked", 1),
                            ComponentState.of("selector", 1).with("selections", 1),
                            ComponentState.EMPTY,
                            ComponentState.EMPTY,
                            ComponentState.EMPTY,
                            Duration.ZERO,
                            TasksUnderWay.NONE,
                            Toy.SEED,
                            Toy.start().run()),
                    first);

            RoundResult second = server.run(first, 1);
            assertInstanceOf(RoundResult.Abandoned.class, second);
            assertEquals(first.abandoned(ComponentState.EMPTY), second.state());
            assertEquals(
                    new ServerState(
                            2,
                            0,
                            first.weights(),
                            first.optimizer(),
                            first.aggregator(),
                            first.selector(),
                            first.ledger(),
                            first.downlink(),
                            first.progress(),
                            Duration.ZERO,
                            TasksUnderWay.NONE,
                            first.seed(),
                            first.run()),
                    second.state());

            ServerState third = server.run(second.state(), 1).state();
            assertEquals(ComponentState.of("counting", 1).with("steps", 2), third.optimizer());
            assertEquals(ComponentState.of("mean", 1).with("asked", 2), third.aggregator());
            assertEquals(ComponentState.of("selector", 1).with("selections", 2), third.selector());
        }
    }

    private static ServerBuilder server(ScriptedPopulation population) {
        return FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private static String reason(ServerBuilder builder) {
        return assertInstanceOf(RoundResult.Abandoned.class, run(builder)).reason();
    }

    private static RoundResult run(ServerBuilder builder) {
        try (FederatedServer server = builder.build()) {
            return server.run(Toy.start(), 1);
        }
    }
}
