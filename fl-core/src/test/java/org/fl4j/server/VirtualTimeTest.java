package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rounds whose stragglers are slow in virtual time. */
@Timeout(60)
class VirtualTimeTest {

    private static final Latency HEAVY = Latency.pareto(Duration.ofMinutes(1), 1.2);

    /** Client k takes (k + 1) hours. */
    private static final Latency BY_NUMBER = (client, random) ->
            Duration.ofHours(1 + Integer.parseInt(client.value().substring(7)));

    private final Set<String> trained = ConcurrentHashMap.newKeySet();

    @TempDir
    private Path folder;

    @Test
    void aRoundTakesAsLongAsItsSlowestClient() {
        RoundResult end = run(builder(4, BY_NUMBER, 2), Toy.start(), 3);

        assertEquals(
                List.of("client-0 completed", "client-1 completed", "client-2 completed", "client-3 completed"),
                Toy.outcomes(end));
        assertEquals(Duration.ofHours(12), end.state().time());
    }

    @Test
    void whoIsLateDoesNotTrainAndTheRoundEndsAtTheDeadline() {
        RoundResult end = run(
                builder(4, BY_NUMBER, 2).policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofHours(2))), Toy.start(), 1);

        assertEquals(
                List.of(
                        "client-0 completed",
                        "client-1 completed",
                        "client-2 timed out after PT2H",
                        "client-3 timed out after PT2H"),
                Toy.outcomes(end));
        assertEquals(Set.of("client-0", "client-1"), trained);
        assertEquals(Duration.ofHours(2), end.state().time());
    }

    @Test
    void aRoundWithoutAnyoneInTimeIsAbandonedAfterItsDeadline() {
        RoundResult end = run(
                builder(4, BY_NUMBER, 2).policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMinutes(7))),
                Toy.start(),
                1);

        assertTrue(end instanceof RoundResult.Abandoned, end.toString());
        assertEquals(Duration.ofMinutes(7), end.state().time());
    }

    @Test
    void ofAnOverSelectedCohortThoseThatAreDoneFirstTrain() {
        RoundResult end = run(overSelecting(BY_NUMBER, 2), Toy.start(), 1);

        assertEquals(
                List.of(
                        "client-0 completed",
                        "client-1 completed",
                        "client-2 completed",
                        "client-3 surplus",
                        "client-4 surplus",
                        "client-5 surplus"),
                Toy.outcomes(end).stream().sorted().toList());
        assertEquals(new TreeSet<>(Set.of("client-0", "client-1", "client-2")), new TreeSet<>(trained));
        assertEquals(Duration.ofHours(3), end.state().time());
    }

    @Test
    void atEqualTimesTheFirstOfTheCohortTrain() {
        RoundResult end = run(overSelecting(Latency.constant(Duration.ofHours(1)), 2), Toy.start(), 1);

        assertEquals(
                List.of("completed", "completed", "completed", "surplus", "surplus", "surplus"),
                Toy.outcomes(end).stream()
                        .map(outcome -> outcome.substring(outcome.indexOf(' ') + 1))
                        .toList());
    }

    @Test
    void exactlyEnoughInTimeDoNotWaitForTheDeadline() {
        RoundResult end = run(
                overSelecting(BY_NUMBER, 2)
                        .policy(RoundPolicy.DEFAULT.withOverSelection(1).withDeadline(Duration.ofMinutes(200))),
                Toy.start(),
                1);

        assertEquals(
                3,
                Toy.outcomes(end).stream()
                        .filter(outcome -> outcome.endsWith("surplus"))
                        .count());
        assertEquals(Duration.ofHours(3), end.state().time());
    }

    @Test
    void aFailedClientIsReplacedByTheNext() {
        ScriptedPopulation population = population(6).but(1, (self, task) -> {
            throw new IOException("gone");
        });
        RoundResult end = run(overSelecting(BY_NUMBER, 2).clients(population), Toy.start(), 1);

        assertEquals(
                List.of(
                        "client-0 completed",
                        "client-1 failed: java.io.IOException: gone",
                        "client-2 completed",
                        "client-3 completed",
                        "client-4 surplus",
                        "client-5 surplus"),
                Toy.outcomes(end).stream().sorted().toList());
        assertEquals(Duration.ofHours(4), end.state().time());
    }

    @Test
    void anOverSelectedCohortIsOfAvailableClients() {
        RoundResult end = run(
                overSelecting(BY_NUMBER, 2)
                        .selector(ClientSelector.uniform(2)
                                .among((round, client) -> !client.value().endsWith("-0"))),
                Toy.start(),
                1);

        assertEquals(4, Toy.outcomes(end).size(), "twice as many as enough");
        assertEquals(2, Toy.report(end).completed().size());
        assertTrue(trained.stream().noneMatch("client-0"::equals), trained.toString());
    }

    @Test
    void tooFewInTimeOfAnOverSelectedCohortEndAtTheDeadline() {
        ScriptedPopulation population = population(6).but(1, (self, task) -> {
            throw new IOException("gone");
        });
        RoundResult end = run(
                overSelecting(BY_NUMBER, 2)
                        .clients(population)
                        .policy(RoundPolicy.DEFAULT.withOverSelection(1).withDeadline(Duration.ofHours(3))),
                Toy.start(),
                1);

        assertEquals(2, Toy.report(end).completed().size());
        assertEquals(Duration.ofHours(3), end.state().time());
    }

    /** Heavy tails, a deadline that most miss, over-selection, failures, both ways through the server. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anyNumberOfThreadsGivesTheSameBits(boolean linear) {
        List<ServerState> ends = new ArrayList<>();
        List<List<String>> stories = new ArrayList<>();
        for (int threads : new int[] {1, 2, 8}) {
            List<String> story = new ArrayList<>();
            DirectAggregator rule = linear ? MeanRule.plain() : Toy.unlinear(MeanRule.plain());
            ServerBuilder builder = FederatedServer.with(rule)
                    .clients(flaky())
                    .selector(ClientSelector.uniform(12))
                    .localTraining(Toy.TRAINING)
                    .policy(RoundPolicy.DEFAULT.withOverSelection(0.5).withDeadline(Duration.ofMinutes(3)))
                    .listeners(new RoundListener() {
                        @Override
                        public void roundEnded(RoundResult result) {
                            story.add(
                                    Toy.outcomes(result) + " " + result.state().time());
                        }
                    });
            ends.add(run(builder, HEAVY, threads, Toy.start(), 20).state());
            stories.add(story);
        }

        assertEquals(stories.get(0), stories.get(1));
        assertEquals(stories.get(0), stories.get(2));
        assertEquals(ends.get(0), ends.get(1));
        assertEquals(ends.get(0), ends.get(2));
        String all = stories.get(0).toString();
        for (String kind : List.of("completed", "surplus", "failed", "timed out")) {
            assertTrue(all.contains(kind), kind + " in " + all);
        }
    }

    @Test
    void aResumedRunGoesOnAtItsTime() {
        ServerState whole = run(builder(8, HEAVY, 2), Toy.start(), 6).state();
        CheckpointStore store = CheckpointStore.in(folder);
        run(builder(8, HEAVY, 2).checkpoints(store), Toy.start(), 4);
        ServerState resumed = run(
                        builder(8, HEAVY, 1).checkpoints(store), store.latest().orElseThrow(), 2)
                .state();

        assertEquals(whole, resumed);
        assertEquals(whole.time(), resumed.time());
        assertTrue(
                whole.time().compareTo(Duration.ofMinutes(6)) >= 0, whole.time().toString());
    }

    @Test
    void latenciesDependOnTheRoundUnlessTheyAreTheClients() {
        List<Duration> redrawn = durations(HEAVY);
        List<Duration> fixed = durations(HEAVY.perClient());

        assertNotEquals(redrawn.get(0), redrawn.get(1));
        assertEquals(fixed.get(0), fixed.get(1));
    }

    @Test
    void negativeLatenciesEndTheRun() {
        Latency wrong = (client, random) -> Duration.ofSeconds(-1);

        IllegalStateException thrown =
                assertThrows(IllegalStateException.class, () -> run(builder(2, wrong, 1), Toy.start(), 1));
        assertEquals("round 1: the latency of a client must not be negative, but was PT-1S", thrown.getMessage());
    }

    @Test
    void aRunOnTheRealClockHasNoTime() {
        RoundResult end = run(
                FederatedServer.with(MeanRule.plain()).clients(population(2)).localTraining(Toy.TRAINING),
                Toy.start(),
                2);

        assertEquals(Duration.ZERO, end.state().time());
    }

    private List<Duration> durations(Latency latency) {
        List<Duration> times = new ArrayList<>();
        ServerState state = Toy.start();
        for (int round = 0; round < 2; round++) {
            Duration before = state.time();
            state = run(builder(3, latency, 1), state, 1).state();
            times.add(state.time().minus(before));
        }
        return times;
    }

    private ScriptedPopulation population(int clients) {
        return ScriptedPopulation.of(clients, (self, task) -> {
            trained.add(self.value());
            return Toy.wanders(self, task);
        });
    }

    /** Each client fails in one of five of its tasks. */
    private static ScriptedPopulation flaky() {
        return ScriptedPopulation.of(40, (self, task) -> {
            ClientUpdate update = Toy.wanders(self, task);
            if (Math.floorMod(task.seed(), 5) == 0) {
                throw new IOException("a bad day");
            }
            return update;
        });
    }

    private ServerBuilder overSelecting(Latency latency, int threads) {
        return builder(6, latency, threads)
                .selector(ClientSelector.uniform(3))
                .policy(RoundPolicy.DEFAULT.withOverSelection(1));
    }

    private ServerBuilder builder(int clients, Latency latency, int threads) {
        return FederatedServer.with(MeanRule.plain())
                .clients(population(clients))
                .localTraining(Toy.TRAINING)
                .runner(VirtualRunner.over(InProcessRunner.of(threads), latency));
    }

    private static RoundResult run(ServerBuilder builder, Latency latency, int threads, ServerState from, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(threads)) {
            return run(builder.runner(VirtualRunner.over(runner, latency)), from, rounds);
        }
    }

    private static RoundResult run(ServerBuilder builder, ServerState from, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(from, rounds);
        }
    }
}
