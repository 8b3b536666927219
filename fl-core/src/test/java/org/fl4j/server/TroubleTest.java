package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Trouble;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server makes of clients that fail and lie on purpose. */
@Timeout(120)
class TroubleTest {

    private static final ClientId FIRST = new ClientId("client-0");

    @Test
    void eachFaultIsWhatItSays() {
        assertEquals(
                "client-0 failed: org.fl4j.simulation.Trouble$CrashException: client 'client-0', round 1: a crash on"
                        + " purpose, before training",
                outcomeOfFirst(Trouble.crash()));
        assertEquals(
                "client-0 failed: org.fl4j.simulation.Trouble$CrashException: client 'client-0', round 1: a crash on"
                        + " purpose, after training",
                outcomeOfFirst(Trouble.crashAfterTraining()));
        for (Trouble.Fault rejected : List.of(
                Trouble.nan(), Trouble.wrongShape(), Trouble.stale(), Trouble.anothersName(new ClientId("client-1")))) {
            String outcome = outcomeOfFirst(rejected);
            assertTrue(outcome.startsWith("client-0 rejected: "), outcome);
        }
        assertEquals("client-0 completed", outcomeOfFirst(Trouble.slow(Duration.ofMillis(1))));
        assertEquals("client-0 timed out after PT0.5S", outcomeOfFirst(Trouble.hang()));
    }

    @Test
    void liarsMoveTheMean() {
        ModelWeights honest = run(of(population(), Trouble.scaled(1)), MeanRule.plain(), 1, 1)
                .end()
                .weights();
        assertEquals(honest, run(population(), MeanRule.plain(), 1, 1).end().weights());

        for (Trouble.Fault lie : List.of(Trouble.signFlip(), Trouble.scaled(10), Trouble.noise(3))) {
            assertNotEquals(
                    honest,
                    run(of(population(), lie), MeanRule.plain(), 1, 1).end().weights());
        }
        ModelWeights flipped = run(of(population(), Trouble.signFlip()), MeanRule.plain(), 1, 1)
                .end()
                .weights();
        ModelWeights twice = run(of(of(population(), Trouble.signFlip()), Trouble.signFlip()), MeanRule.plain(), 1, 1)
                .end()
                .weights();
        assertNotEquals(honest, flipped);
        assertEquals(honest, twice, "one around another");
    }

    @Test
    void sharesAreOfAllCalls() {
        List<String> story =
                run(troubled(population()), MeanRule.plain(), 2, 300).story();
        long calls = story.size();
        for (var expected : List.of(
                Map.entry("a crash on purpose", 0.3),
                Map.entry("is not finite", 0.05),
                Map.entry("was the client's model built from the same", 0.05),
                Map.entry("completed", 0.6))) {
            double p = expected.getValue();
            double share = story.stream()
                            .filter(line -> line.contains(expected.getKey()))
                            .count()
                    / (double) calls;
            // Five standard errors: off with probability 6e-7 each; with a fixed seed the same every time.
            assertEquals(p, share, 5 * Math.sqrt(p * (1 - p) / calls), expected.getKey());
        }
    }

    /** Both ways through the server. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theSameTroubleOnAnyNumberOfThreadsAndTheSameBitsAsThoseThatCompleted(boolean linear) {
        DirectAggregator rule = linear ? MeanRule.plain() : Toy.unlinear(MeanRule.plain());
        Run one = run(troubled(population()), rule, 1, 100);

        assertEquals(one, run(troubled(population()), rule, 2, 100));
        assertEquals(one, run(troubled(population()), rule, 8, 100));

        ServerState state = Toy.start();
        for (Set<ClientId> completed : one.completed()) {
            List<ClientId> cohort = List.copyOf(new TreeSet<>(completed));
            try (FederatedServer server = FederatedServer.with(rule)
                    .clients(ClientProvider.of(cohort, id -> population().client(id)))
                    .localTraining(Toy.TRAINING)
                    .build()) {
                state = server.run(state, 1).state();
            }
        }
        assertEquals(state.weights(), one.end().weights(), "a clean run of the same completed clients");
    }

    /** Whose clients train twice where the task comes twice. */
    @Test
    void aTaskThatArrivesTwiceIsCountedOnce() {
        AtomicInteger trained = new AtomicInteger();
        ScriptedPopulation counting = ScriptedPopulation.of(9, (self, task) -> {
            trained.incrementAndGet();
            return Toy.wanders(self, task);
        });
        Run twice = run(Trouble.seeded(3).of(0.5, Trouble.duplicate()).around(counting), MeanRule.plain(), 2, 10);

        assertEquals(run(population(), MeanRule.plain(), 1, 10), twice);
        assertTrue(trained.get() > 110 && trained.get() < 160, trained.toString());
    }

    @Test
    void sharesMustNotExceedOne() {
        Trouble most = Trouble.seeded(1).of(0.6, Trouble.crash()).of(0.4, Trouble.nan());

        assertEquals(
                "the shares of calls must be at most 1 together, but were 1.1",
                assertThrows(IllegalArgumentException.class, () -> most.of(0.1, Trouble.hang()))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> Trouble.seeded(1).of(-0.1, Trouble.hang()));
        assertThrows(IllegalArgumentException.class, () -> Trouble.scaled(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Trouble.claims(0));
        assertThrows(IllegalArgumentException.class, () -> Trouble.slow(Duration.ofSeconds(-1)));
    }

    private record Run(ServerState end, List<String> story, List<Set<ClientId>> completed) {}

    private static ClientProvider troubled(ClientProvider clients) {
        return Trouble.seeded(3)
                .of(0.3, Trouble.crash())
                .of(0.05, Trouble.nan())
                .of(0.05, Trouble.wrongShape())
                .around(clients);
    }

    private static ClientProvider of(ClientProvider clients, Trouble.Fault fault) {
        return Trouble.seeded(1).of(Set.of(FIRST), fault).around(clients);
    }

    /** Nine, whose order by name is their order. */
    private static ScriptedPopulation population() {
        return ScriptedPopulation.of(9, Toy::wanders);
    }

    private static String outcomeOfFirst(Trouble.Fault fault) {
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(of(population(), fault))
                .localTraining(Toy.TRAINING)
                .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMillis(500)))
                .build()) {
            return Toy.outcomes(server.run(Toy.start(), 1)).get(0);
        }
    }

    private static Run run(ClientProvider clients, DirectAggregator rule, int threads, int rounds) {
        List<String> story = new ArrayList<>();
        List<Set<ClientId>> completed = new ArrayList<>();
        try (InProcessRunner runner = InProcessRunner.of(threads);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(clients)
                        .selector(ClientSelector.all())
                        .localTraining(Toy.TRAINING)
                        .runner(runner)
                        .listeners(new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                story.addAll(Toy.outcomes(result));
                                completed.add(new HashSet<>(Toy.report(result).completed()));
                            }
                        })
                        .build()) {
            return new Run(server.run(Toy.start(), rounds).state(), story, completed);
        }
    }
}
