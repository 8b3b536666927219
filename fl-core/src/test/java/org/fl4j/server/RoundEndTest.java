package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.random.Seeds;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a round is over, and who is in it. */
@Timeout(60)
class RoundEndTest {

    private static final ScriptedPopulation.Training FAILS = (self, task) -> {
        throw new IOException("no route to " + self);
    };

    @Test
    void theRoundContinuesWithoutAClientThatFails() {
        RoundResult result = run(server(
                ScriptedPopulation.of(3, Toy.moves(2, 0, 0)).but(0, FAILS).but(2, Toy.moves(0, 4, 0))));

        assertInstanceOf(RoundResult.Advanced.class, result);
        assertEquals(
                List.of(
                        "client-0 failed: java.io.IOException: no route to client-0",
                        "client-1 completed",
                        "client-2 completed"),
                Toy.outcomes(result));
        assertEquals(Toy.weights(1, 2, 0), result.state().weights());
        assertEquals("[client-1, client-2]", Toy.report(result).completed().toString());
    }

    @Test
    void theRoundContinuesWithoutAClientThatMissesTheDeadline() {
        CountDownLatch never = new CountDownLatch(1);
        Duration deadline = Duration.ofSeconds(1);
        RoundResult result =
                run(server(ScriptedPopulation.of(3, Toy.moves(2, 0, 0)).but(1, waitsFor(never)))
                        .runner(InProcessRunner.of(2).withWindow(3))
                        .policy(RoundPolicy.DEFAULT.withDeadline(deadline)));

        assertEquals(
                List.of("client-0 completed", "client-1 timed out after PT1S", "client-2 completed"),
                Toy.outcomes(result));
        assertEquals(Toy.weights(2, 0, 0), result.state().weights());
    }

    @Test
    void theFirstTenOfThirteenEndAnOverSelectedRound() {
        RoundResult result = run(server(ScriptedPopulation.of(50, Toy.moves(2, 0, 0)))
                .selector(ClientSelector.uniform(10))
                .policy(RoundPolicy.DEFAULT.withOverSelection(0.3)));

        List<String> outcomes = Toy.outcomes(result);
        assertEquals(13, outcomes.size());
        assertEquals(
                Stream.concat(
                                IntStream.range(0, 10).mapToObj(i -> "completed"),
                                IntStream.range(0, 3).mapToObj(i -> "surplus"))
                        .toList(),
                outcomes.stream().map(o -> o.substring(o.indexOf(' ') + 1)).toList());
        assertEquals(10, Toy.report(result).completed().size());
        assertEquals(Toy.weights(2, 0, 0), result.state().weights());
    }

    @Test
    void failedClientsDoNotCountTowardsTheCohortSize() {
        ScriptedPopulation population = ScriptedPopulation.of(13, Toy.moves(2, 0, 0));
        for (int i = 0; i < 13; i += 6) {
            population.but(i, FAILS);
        }
        RoundResult result = run(server(population)
                .selector(ClientSelector.uniform(10))
                .policy(RoundPolicy.DEFAULT.withOverSelection(0.3)));

        assertEquals(10, Toy.report(result).completed().size());
        assertEquals(
                3,
                Toy.outcomes(result).stream().filter(o -> o.contains("failed")).count());
    }

    @Test
    void aServersOwnThreadsDoNotWaitForAStragglerWhenEnoughHaveFinished() throws Exception {
        Assumptions.assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "needs a thread beside the straggler's");
        CountDownLatch never = new CountDownLatch(1);
        ScriptedPopulation population = ScriptedPopulation.of(14, Toy.moves(2, 0, 0));
        RoundPolicy policy = RoundPolicy.DEFAULT.withOverSelection(0.3);
        ClientSelector.Selection cohort = ClientSelector.uniform(10)
                .select(new ClientSelector.Context(
                        1, population.ids(), 0.3, ComponentState.EMPTY, Seeds.derive(Toy.SEED, 1, "selection")));
        population.but(population.ids().indexOf(cohort.cohort().get(0)), waitsFor(never));
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .selector(ClientSelector.uniform(10))
                .policy(policy)
                .build()) {
            RoundResult result = server.run(Toy.start(), 1);

            assertEquals(
                    cohort.cohort().get(0) + " surplus", Toy.outcomes(result).get(0));
            assertEquals(10, Toy.report(result).completed().size());
        }
    }

    @Test
    void theLossIsTheMeanOfTheClientsByExamples() {
        // (0.5 * 1 + 2 * 3) / 4 = 1.625
        RoundResult result =
                run(server(ScriptedPopulation.of(2, withLoss(1, 0.5)).but(1, withLoss(3, 2.0))));

        assertEquals(1.625, Toy.report(result).loss().orElseThrow());
        assertEquals(Map.of("loss", 1.625, "asked", 1.0), Toy.report(result).metrics());
    }

    @Test
    void theRoundContinuesWithoutAClientThatThrowsAnError() {
        ScriptedPopulation population = ScriptedPopulation.of(3, Toy.moves(2, 0, 0))
                .but(0, (self, task) -> {
                    throw new NoClassDefFoundError("a class of its own");
                })
                .but(1, (self, task) -> {
                    throw new SpeechlessException();
                });
        try (CapturedLog log = CapturedLog.of(FederatedServer.class)) {
            RoundResult result = run(server(population));

            assertInstanceOf(RoundResult.Advanced.class, result);
            assertEquals(Toy.weights(2, 0, 0), result.state().weights());
            assertEquals(
                    List.of("round 1: 2 of 3 clients did not complete: client 'client-0' failed:"
                            + " java.lang.NoClassDefFoundError: a class of its own; client 'client-1' failed: "
                            + SpeechlessException.class.getName()
                            + ", whose toString() threw java.lang.IllegalStateException"),
                    log.warnings());
        }
    }

    @Test
    void anInterruptEndsTheRunAndKeepsTheFlag() {
        CountDownLatch never = new CountDownLatch(1);
        Thread runs = Thread.currentThread();
        ScriptedPopulation population = ScriptedPopulation.of(1, Toy.moves(1, 0, 0))
                .but(0, (self, task) -> {
                    runs.interrupt();
                    never.await();
                    return null;
                });
        try (FederatedServer server = server(population).build()) {
            RunInterruptedException interrupted =
                    assertThrows(RunInterruptedException.class, () -> server.run(Toy.start(), 1));
            assertEquals("interrupted; the state before is valid", interrupted.getMessage());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void rejectsZeroRoundsAndAClosedServer() {
        FederatedServer server =
                server(ScriptedPopulation.of(1, Toy.moves(1, 0, 0))).build();
        IllegalArgumentException none = assertThrows(IllegalArgumentException.class, () -> server.run(Toy.start(), 0));
        assertEquals("rounds must be at least 1, but was 0", none.getMessage());
        server.close();
        IllegalStateException closed = assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 1));
        assertEquals("the server is closed; build another", closed.getMessage());
    }

    /** One whose only word is another exception. */
    private static final class SpeechlessException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no words");
        }
    }

    private static ScriptedPopulation.Training waitsFor(CountDownLatch latch) {
        return (self, task) -> {
            latch.await();
            return ClientUpdate.of(self, task, Toy.delta(0, 0, 0), 1);
        };
    }

    private static ScriptedPopulation.Training withLoss(long examples, double loss) {
        return (self, task) -> new ClientUpdate(
                self,
                task.round(),
                task.token(),
                Toy.delta(0, 0, 0),
                examples,
                Map.of(),
                Map.of(ClientUpdate.LOSS, loss),
                task.objective());
    }

    private static ServerBuilder server(ScriptedPopulation population) {
        return FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private static RoundResult run(ServerBuilder builder) {
        try (FederatedServer server = builder.build()) {
            return server.run(Toy.start(), 1);
        }
    }
}
