package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.random.Seeds;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Abandoned rounds that are attempted again. */
@Timeout(60)
class AttemptsTest {

    private static final RoundPolicy TWICE = RoundPolicy.DEFAULT.withRetries(2, Duration.ZERO);

    /** The process ends: no test catches it where it is thrown. */
    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    private Path folder;

    private final Set<TrainingTask> tasks = ConcurrentHashMap.newKeySet();

    @Test
    void anAbandonedRoundIsAttemptedAgainUnderItsNumber() {
        List<String> heard = new ArrayList<>();
        RoundListener listener = new RoundListener() {
            @Override
            public void roundStarted(int round) {
                heard.add("started " + round);
            }

            @Override
            public void roundEnded(RoundResult result) {
                heard.add("ended " + Toy.report(result).round() + " after "
                        + Toy.report(result).attempts());
            }
        };
        RoundResult end = run(plain(failsUntil(2)).policy(TWICE).listeners(listener), Toy.start(), 2);

        assertEquals(List.of("started 1", "ended 1 after 3", "started 2", "ended 2 after 3"), heard);
        assertEquals(2, end.state().round());
        assertEquals(0, end.state().attempt());
    }

    /** The formula by hand, so that attempts keep their bits. */
    @Test
    void eachAttemptHasSeedsAndATokenOfItsOwn() {
        run(plain(failsUntil(2)).policy(TWICE), Toy.start(), 1);

        for (TrainingTask task : tasks) {
            long seed = task.attempt() == 0 ? Toy.SEED : Seeds.derive(Toy.SEED, 1, "attempt " + task.attempt());
            assertTrue(
                    Set.of(Seeds.derive(seed, 1, "client-0", "training"), Seeds.derive(seed, 1, "client-1", "training"))
                            .contains(task.seed()),
                    task::toString);
        }
        assertEquals(3, tasks.stream().map(TrainingTask::attempt).distinct().count());
        assertEquals(3, tasks.stream().map(TrainingTask::token).distinct().count());
        assertEquals(6, tasks.size());
    }

    @Test
    void afterItsLastAttemptTheRoundIsAbandonedAndCountsOnce() {
        ServerBuilder builder = plain(failsUntil(9)).policy(TWICE.withMaxAbandoned(2));
        RoundResult.Abandoned end = assertInstanceOf(RoundResult.Abandoned.class, run(builder, Toy.start(), 1));

        assertEquals(Toy.start().abandoned(ComponentState.EMPTY), end.state());
        assertEquals(3, end.report().attempts());
        tasks.clear();
        assertThrows(FederatedServer.RunAbandonedException.class, () -> run(builder, Toy.start(), 9));
        assertEquals(2 * 3 * 2, tasks.size(), "tasks of two rounds, three attempts, two clients");
    }

    /** An overflow is not a matter of who took part. */
    @Test
    void aStepThatOverflowsIsNotRepeated() {
        ServerState high = ServerState.initial(Toy.weights(3e38f, 0, 0), Toy.SEED);
        RoundResult end =
                run(plain(ScriptedPopulation.of(2, Toy.moves(1e38, 0, 0))).policy(TWICE), high, 1);

        assertEquals(
                1, assertInstanceOf(RoundResult.Abandoned.class, end).report().attempts());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theAnswerToAnEarlierAttemptIsRejected(boolean linear) {
        DirectAggregator rule = linear ? MeanRule.plain() : Toy.unlinear(MeanRule.plain());
        CompletableFuture<ClientUpdate> late = new CompletableFuture<>();
        ScriptedPopulation population = failsUntil(1, 3).but(0, (self, task) -> {
            if (task.attempt() == 0) {
                late.complete(ClientUpdate.of(self, task, Toy.delta(9, 9, 9), 1));
                throw new IOException("the connection is gone");
            }
            return late.get();
        });
        RoundResult end = run(builder(rule, population).policy(TWICE), Toy.start(), 1);

        assertEquals(
                "client-0 rejected: client 'client-0', round 1: the update is of another attempt at round 1, or of another"
                        + " run; did an old answer arrive late?",
                Toy.outcomes(end).get(0));
        assertEquals(List.of("client-1", "client-2"), completed(end));
        assertEquals(2, Toy.report(end).attempts());
    }

    /** It returns, and stages, while the second attempt at its round waits for another client. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStragglerOfTheFirstAttemptChangesNothingInTheSecond(boolean linear) throws Exception {
        DirectAggregator rule = linear ? MeanRule.plain() : Toy.unlinear(MeanRule.plain());
        ClientStateStore states = ClientStateStore.inMemory();
        StragglerRunner runner = new StragglerRunner();
        CompletableFuture<Void> secondAttempt = new CompletableFuture<>();
        CompletableFuture<Void> staged = new CompletableFuture<>();
        CompletableFuture<TrainingTask> lost = new CompletableFuture<>();
        ScriptedPopulation population = failsUntil(1, 3)
                .but(0, (self, task) -> {
                    runner.stuck();
                    secondAttempt.get();
                    states.stage(self, task.round(), task.token(), ComponentState.of("late", 1));
                    staged.complete(null);
                    return ClientUpdate.of(self, task, Toy.delta(9, 9, 9), 1);
                })
                .but(1, (self, task) -> {
                    if (task.attempt() == 0) {
                        lost.complete(task);
                        throw new IOException("the connection is gone, and the client goes on");
                    }
                    secondAttempt.complete(null);
                    staged.get();
                    states.stage(self, 1, lost.get().token(), ComponentState.of("late", 1));
                    return ClientUpdate.of(self, task, Toy.delta(1, 0, 0), 1);
                })
                .but(2, (self, task) -> {
                    if (task.attempt() == 0) {
                        throw new IOException("away");
                    }
                    return ClientUpdate.of(self, task, Toy.delta(3, 0, 0), 1);
                });
        RoundResult end = run(
                builder(rule, population)
                        .clients(population.rememberingIn(states))
                        .policy(TWICE)
                        .runner(runner),
                Toy.start(),
                1);

        assertEquals(
                List.of("client-0 busy since round 1", "client-1 completed", "client-2 completed"), Toy.outcomes(end));
        assertEquals(Toy.weights(2, 0, 0), end.state().weights());
        for (ClientId client : population.ids()) {
            assertEquals(ComponentState.EMPTY, states.read(client));
        }
    }

    @Test
    void everyAttemptIsChargedBeforeItStarts() {
        List<Long> spent = new ArrayList<>();
        ScriptedPopulation population = failsUntil(2);
        RoundResult end = run(priv(population, spent).policy(TWICE.withMinUpdates(1)), Toy.start(), 1);

        assertEquals(List.of(1L, 2L, 3L), spent);
        assertEquals(3, end.state().ledger().longValue("spent"));
        assertEquals(3, Toy.report(end).attempts());
    }

    @Test
    void anAttemptBeyondTheBudgetIsRefusedAndWhatWasSpentStaysSpent() {
        CheckpointStore store = CheckpointStore.in(folder);
        ServerBuilder builder = priv(failsUntil(9), new ArrayList<>())
                .policy(RoundPolicy.DEFAULT.withMinUpdates(1).withRetries(7, Duration.ZERO))
                .checkpoints(store);
        RoundResult.Refused refused = assertInstanceOf(RoundResult.Refused.class, run(builder, Toy.start(), 1));

        assertEquals(4, refused.state().ledger().longValue("spent"));
        assertEquals(Optional.of(refused.state()), store.latest());
        assertEquals(refused, run(builder, refused.state(), 1), "asking again gives the same answer");
    }

    @Test
    void aPrivateRuleRejectsRetriesUnlessCountsArePublic() {
        ServerBuilder builder = FederatedServer.with(MeanRule.plain().guardedBy(guard(new ArrayList<>())))
                .clients(failsUntil(0))
                .localTraining(Toy.TRAINING)
                .policy(TWICE);

        assertEquals(
                "a private rule rejects retries, here 2: how many attempts a round takes would show who took part; call"
                        + " participationCountsArePublic() if that is acceptable",
                assertThrows(IllegalStateException.class, builder::build).getMessage());
    }

    /** What clients of an attempt that reached UNMASK revealed may arrive late; before that, nothing of them is known. */
    @ParameterizedTest
    @EnumSource(InsecureForTests.Stage.class)
    void aSecureAttemptIsRepeatedOnlyIfItDidNotBeginToUnmask(InsecureForTests.Stage lost) {
        AtomicInteger answers = new AtomicInteger();
        InsecureForTests rule = InsecureForTests.on(MeanRule.plain(), 2).disturbedBy((client, stage, answer) -> {
            if (stage == lost && answers.incrementAndGet() <= 2) {
                throw new IOException("gone");
            }
            return answer;
        });
        ScriptedPopulation population = ScriptedPopulation.of(2, this::wanders);
        RoundResult end = run(
                FederatedServer.with(rule)
                        .clients(population)
                        .localTraining(Toy.TRAINING)
                        .policy(TWICE)
                        .runner(InProcessRunner.of(2)),
                Toy.start(),
                1);

        boolean repeated = lost != InsecureForTests.Stage.UNMASK;
        assertEquals(repeated ? 2 : 1, Toy.report(end).attempts());
        assertEquals(repeated, end instanceof RoundResult.Advanced);
    }

    @Test
    void aRunKilledBetweenAttemptsGoesOnWithTheNext() {
        ServerBuilder builder = plain(failsUntil(2))
                .policy(RoundPolicy.DEFAULT.withRetries(3, Duration.ofHours(1)))
                .runner(virtual(2));
        ServerState whole = run(builder, Toy.start(), 2).state();
        tasks.clear();
        CheckpointStore store = CheckpointStore.in(folder);
        ClientSelector killing = killingAt(1);
        assertThrows(Killed.class, () -> run(builder.checkpoints(store).selector(killing), Toy.start(), 2));
        assertEquals(1, store.latest().orElseThrow().attempt());
        assertEquals(
                Set.of(0), Set.copyOf(tasks.stream().map(TrainingTask::attempt).toList()));

        tasks.clear();
        ServerState resumed = run(
                        builder.selector(ClientSelector.all()), store.latest().orElseThrow(), 2)
                .state();
        assertEquals(whole, resumed);
        assertEquals(
                List.of(1, 2),
                tasks.stream()
                        .filter(task -> task.round() == 1)
                        .map(TrainingTask::attempt)
                        .distinct()
                        .sorted()
                        .toList());
    }

    /** Equal by chance with probability 3e-8. */
    @Test
    void eachAttemptDrawsACohortOfItsOwn() {
        Set<String> asked = ConcurrentHashMap.newKeySet();
        ScriptedPopulation population = ScriptedPopulation.of(30, (self, task) -> {
            asked.add(task.attempt() + " " + self);
            throw new IOException("away");
        });
        run(
                plain(population)
                        .selector(ClientSelector.uniform(10))
                        .policy(RoundPolicy.DEFAULT.withRetries(1, Duration.ZERO)),
                Toy.start(),
                1);

        assertEquals(20, asked.size());
        assertTrue(asked.stream().map(each -> each.substring(2)).distinct().count() > 10, asked::toString);
    }

    @Test
    void rejectsNegativeRetriesAndBackOff() {
        assertThrows(IllegalArgumentException.class, () -> RoundPolicy.DEFAULT.withRetries(-1, Duration.ZERO));
        assertThrows(IllegalArgumentException.class, () -> RoundPolicy.DEFAULT.withRetries(1, Duration.ofNanos(-1)));
        assertThrows(IllegalArgumentException.class, () -> RoundPolicy.DEFAULT.withRetries(1, Duration.ofDays(366)));
    }

    /** Two clients that fail in so many attempts at each round. */
    private ScriptedPopulation failsUntil(int attempt) {
        return failsUntil(attempt, 2);
    }

    private ScriptedPopulation failsUntil(int attempt, int clients) {
        return ScriptedPopulation.of(clients, (self, task) -> {
            tasks.add(task);
            if (task.attempt() < attempt) {
                throw new IOException("away");
            }
            return Toy.wanders(self, task);
        });
    }

    private static List<String> completed(RoundResult end) {
        return Toy.report(end).completed().stream().map(ClientId::value).toList();
    }

    private ClientUpdate wanders(ClientId self, TrainingTask task) {
        tasks.add(task);
        return Toy.wanders(self, task);
    }

    /** Every client, until the process dies. */
    private static ClientSelector killingAt(int call) {
        AtomicInteger calls = new AtomicInteger();
        return new ClientSelector() {
            @Override
            public Selection select(Context context) {
                if (calls.getAndIncrement() == call) {
                    throw new Killed();
                }
                return new Selection(context.population(), Integer.MAX_VALUE, context.state());
            }

            @Override
            public SamplingScheme scheme() {
                return new SamplingScheme.EveryClient();
            }
        };
    }

    private static VirtualRunner virtual(int threads) {
        return VirtualRunner.over(InProcessRunner.of(threads), Latency.constant(Duration.ofMinutes(7)));
    }

    private static PrivacyBudgetGuard guard(List<Long> spent) {
        return (context, ledger) -> {
            long after = ledger.isEmpty() ? 1 : ledger.longValue("spent") + 1;
            if (after > 4) {
                return new PrivacyBudgetGuard.Refused("the budget is spent", Map.of());
            }
            spent.add(after);
            return new PrivacyBudgetGuard.Granted(ComponentState.of("ledger", 1).with("spent", after));
        };
    }

    private static ServerBuilder priv(ScriptedPopulation population, List<Long> spent) {
        return builder(MeanRule.plain().guardedBy(guard(spent)), population).participationCountsArePublic();
    }

    private static ServerBuilder plain(ScriptedPopulation population) {
        return builder(MeanRule.plain(), population);
    }

    private static ServerBuilder builder(Aggregator rule, ScriptedPopulation population) {
        return FederatedServer.with((DirectAggregator) rule)
                .clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(2));
    }

    private static RoundResult run(ServerBuilder builder, ServerState from, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(from, rounds);
        }
    }
}
