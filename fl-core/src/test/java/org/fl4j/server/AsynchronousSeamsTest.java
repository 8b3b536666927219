package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TaskStream;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.checkpoint.TasksUnderWay;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.AvailabilityWindows;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.Trouble;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where asynchronous rounds meet other settings, other runs and clients that misbehave. */
@Timeout(60)
class AsynchronousSeamsTest {

    private static final Latency HEAVY = Latency.pareto(Duration.ofMinutes(1), 1.2);

    private final List<RoundResult> heard = new ArrayList<>();

    @TempDir
    private Path folder;

    /** A state of 20 tasks, some of them old, goes on with 3 places, another buffer, and nothing staler than 1. */
    @ParameterizedTest
    @ValueSource(strings = {"uniform", "round-robin", "quarantine"})
    void aRunGoesOnWithFewerPlacesAndASmallerMaximum(String kind) {
        ServerState many = run(asynchronous(50, AsynchronousRounds.fedBuff(20, 2)), HEAVY, Toy.start(), 12);
        assertTrue(many.underWay().versions().firstKey() < 11, "there is an old one");
        ClientSelector selector = Map.of(
                        "uniform", ClientSelector.uniform(3),
                        "round-robin", ClientSelector.roundRobin(3),
                        "quarantine", ClientSelector.uniform(3).quarantining(1, 1))
                .get(kind);
        heard.clear();

        ServerState end = run(
                builder(50)
                        .selector(selector)
                        .asynchronous(AsynchronousRounds.fedBuff(3, 4).withMaxStaleness(1)),
                HEAVY,
                many,
                6);

        assertTrue(end.underWay().tasks().size() <= 3, end.underWay()::toString);
        for (RoundResult result : heard) {
            assertInstanceOf(RoundResult.Advanced.class, result);
            stalenesses(result).forEach(its -> assertTrue(its <= 1, () -> "staleness " + its));
        }
        assertTrue(
                Toy.report(heard.get(0)).outcomes().get(0) instanceof ClientOutcome.Stale, "old ones are let go first");
    }

    /** That old tasks are let go is no failure of theirs, however many there are. */
    @Test
    void manyStaleTasksDoNotEndARound() {
        ServerState many = run(asynchronous(100, AsynchronousRounds.fedBuff(90, 1)), HEAVY, Toy.start(), 8);
        heard.clear();

        run(asynchronous(100, AsynchronousRounds.fedBuff(2, 1).withMaxStaleness(0)), HEAVY, many, 2);

        assertTrue(Toy.report(heard.get(0)).outcomes().size() > 30);
        assertInstanceOf(RoundResult.Advanced.class, heard.get(0));
    }

    @Test
    void clientsThatLeftThePopulationFailAndTheOthersGoOn() {
        ServerState wide = run(asynchronous(50, AsynchronousRounds.fedBuff(12, 2)), HEAVY, Toy.start(), 3);
        List<ClientId> left = ClientId.numbered("client-", 8);
        ServerBuilder builder = builder(8)
                .clients(ClientProvider.of(left, id -> {
                    if (!left.contains(id)) {
                        throw new IllegalArgumentException("no such client");
                    }
                    return ScriptedPopulation.of(8, Toy::wanders).client(id);
                }))
                .selector(ClientSelector.uniform(6))
                .asynchronous(AsynchronousRounds.fedBuff(6, 2));
        heard.clear();

        run(builder, HEAVY, wide, 8);

        assertTrue(heard.stream().allMatch(RoundResult.Advanced.class::isInstance));
        assertTrue(heard.stream()
                .flatMap(result -> Toy.outcomes(result).stream())
                .anyMatch(words -> words.contains("no such client")));
    }

    @Test
    void noTaskIsOfALaterRound() {
        ServerState state = run(asynchronous(50, AsynchronousRounds.fedBuff(12, 2)), HEAVY, Toy.start(), 3);
        TaskStream.Task later = new TaskStream.Task(0, new ClientId("client-0"), 4);
        TasksUnderWay tasks = new TasksUnderWay(List.of(later), new TreeMap<>(Map.of(4, Toy.weights(0, 0, 0))), 1);

        assertEquals(
                "a task of round 4 cannot be under way after round 3",
                assertThrows(IllegalArgumentException.class, () -> state.with(tasks))
                        .getMessage());
    }

    /** Four arrive at once and each is a round: the three in which nobody is selected are no turns that were lost. */
    @Test
    void turnsAreNotLostInRoundsThatSelectNobody() {
        Set<ClientId> started = ConcurrentHashMap.newKeySet();
        ServerBuilder builder = builder(11)
                .clients(ScriptedPopulation.of(11, (self, task) -> {
                    started.add(self);
                    return Toy.wanders(self, task);
                }))
                .selector(ClientSelector.roundRobin(4))
                .asynchronous(AsynchronousRounds.fedBuff(4, 1));

        run(builder, Latency.constant(Duration.ofHours(1)), Toy.start(), 8);

        assertEquals(Set.copyOf(ClientId.numbered("client-", 8)), started);
    }

    /**
     * Of eight clients that arrive at once, the fourth fails, in round 4, in which nobody is selected: it is away for five rounds
     * after that one, and so not in the selection of round 8 but in that of round 15.
     */
    @Test
    void quarantineCountsFromTheRoundInWhichAClientFailed() {
        ServerBuilder builder = builder(8)
                .clients(ScriptedPopulation.of(8, Toy::wanders).but(3, (self, task) -> {
                    throw new IOException("gone");
                }))
                .selector(ClientSelector.all().quarantining(1, 5))
                .asynchronous(AsynchronousRounds.fedBuff(8, 1));

        run(builder, Latency.constant(Duration.ofHours(1)), Toy.start(), 20);

        assertEquals(
                List.of(4, 18),
                heard.stream()
                        .filter(result -> Toy.outcomes(result).get(0).startsWith("client-3 failed"))
                        .map(result -> Toy.report(result).round())
                        .toList());
    }

    /** Turns change to a quarantine while tasks are under way that fill the first buffer without a selection. */
    @Test
    void aSelectorThatLearnsIsAskedBeforeItIsTold() {
        ServerState state = run(
                builder(12).selector(ClientSelector.uniform(6)).asynchronous(AsynchronousRounds.fedBuff(6, 2)),
                Latency.constant(Duration.ofHours(1)),
                Toy.start(),
                1);
        assertEquals(4, state.underWay().tasks().size());

        run(
                builder(12)
                        .selector(ClientSelector.uniform(6).quarantining(2, 2))
                        .asynchronous(AsynchronousRounds.fedBuff(6, 2)),
                Latency.constant(Duration.ofHours(1)),
                state,
                4);
    }

    /**
     * Client 0 takes ten hours; client 1 can be asked in hour 3 only, when client 0 is at work and a place is free; client 2 in hour
     * 20, after client 0 has arrived.
     */
    @Test
    void aFreePlaceIsFilledWhenAWindowOpensBetweenArrivals() {
        Map<ClientId, List<AvailabilityWindows.Window>> windows = new HashMap<>();
        windows.put(new ClientId("client-0"), List.of(window(0, 1)));
        windows.put(new ClientId("client-1"), List.of(window(3, 4)));
        windows.put(new ClientId("client-2"), List.of(window(20, 21)));
        ServerState end = run(
                builder(3)
                        .selector(ClientSelector.uniform(2).among(AvailabilityWindows.of(windows)))
                        .asynchronous(AsynchronousRounds.fedBuff(2, 1)),
                byNumber(10, 2, 2),
                Toy.start(),
                2);

        assertEquals(List.of("client-1 completed"), Toy.outcomes(heard.get(0)));
        assertEquals(Duration.ofHours(5), heard.get(0).state().time());
        assertEquals(Duration.ofHours(10), end.time());
    }

    /** Of three clients each has a window, six hours apart; in between there are those of two who are not in the population. */
    @Test
    void aBufferIsFilledOverManyWindows() {
        Map<ClientId, List<AvailabilityWindows.Window>> windows = new HashMap<>();
        for (int i = 0; i < 3; i++) {
            windows.put(new ClientId("client-" + i), List.of(window(6 * i, 6 * i + 1)));
            windows.put(
                    new ClientId("stranger-" + i), List.of(window(6 * i + 2, 6 * i + 3), window(6 * i + 4, 6 * i + 5)));
        }
        ServerState end = run(
                builder(3)
                        .selector(ClientSelector.uniform(1).among(AvailabilityWindows.of(windows)))
                        .asynchronous(AsynchronousRounds.fedBuff(1, 3)),
                byNumber(0, 0, 0),
                Toy.start(),
                1);

        assertEquals(
                List.of("client-0 completed", "client-1 completed", "client-2 completed"), Toy.outcomes(heard.get(0)));
        assertEquals(Duration.ofHours(12), end.time());
    }

    @Test
    void aRunnerWithoutStreamsIsRejectedWhenBuilt() {
        ClientRunner plain = new ClientRunner() {
            @Override
            public <R> void run(
                    List<ClientId> cohort, Work<R> work, Limits limits, Consumer<? super ClientOutcome<R>> sink) {
                throw new AssertionError("not called");
            }

            @Override
            public String toString() {
                return "far";
            }
        };

        assertEquals(
                "asynchronous rounds reject the runner: far has no asynchronous rounds; use an InProcessRunner, or a"
                        + " VirtualRunner over any other",
                assertThrows(
                                IllegalStateException.class,
                                () -> asynchronous(20, AsynchronousRounds.fedBuff(5, 2))
                                        .runner(plain)
                                        .build())
                        .getMessage());
        asynchronous(20, AsynchronousRounds.fedBuff(5, 2))
                .runner(VirtualRunner.over(plain, HEAVY))
                .build()
                .close();
    }

    /** Clients that hang for good are the reason, in every round, and they end the run. */
    @Test
    void hungClientsAreNamedAndEndTheRun() {
        CountDownLatch letGo = new CountDownLatch(1);
        try (InProcessRunner threads = InProcessRunner.of(4);
                FederatedServer server = builder(4)
                        .clients(ScriptedPopulation.of(4, (self, task) -> hang(letGo)))
                        .runner(threads)
                        .policy(RoundPolicy.DEFAULT
                                .withDeadline(Duration.ofMillis(30))
                                .withMaxAbandoned(3))
                        .listeners(hears())
                        .asynchronous(AsynchronousRounds.fedBuff(4, 2))
                        .build()) {
            assertThrows(FederatedServer.RunAbandonedException.class, () -> server.run(Toy.start(), 1_000));
        } finally {
            letGo.countDown();
        }

        assertEquals(3, heard.size());
        assertEquals(
                List.of(
                        "client-0 busy since round 1",
                        "client-1 busy since round 1",
                        "client-2 busy since round 1",
                        "client-3 busy since round 1"),
                Toy.outcomes(heard.get(2)));
    }

    /** The budget knows of four rounds; the reason says nothing of who hangs. */
    @Test
    void ofAPrivateRuleHungClientsAreNotNamed() {
        CountDownLatch letGo = new CountDownLatch(1);
        PrivacyBudgetGuard always = (context, ledger) -> new PrivacyBudgetGuard.Granted(ledger);
        try (InProcessRunner threads = InProcessRunner.of(4);
                FederatedServer server = FederatedServer.with(MeanRule.plain().guardedBy(always))
                        .clients(ScriptedPopulation.of(4, (self, task) -> hang(letGo)))
                        .localTraining(Toy.TRAINING)
                        .runner(threads)
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMillis(30)))
                        .asynchronous(AsynchronousRounds.fedBuff(4, 2))
                        .build()) {
            RoundResult end = server.run(Toy.start(), 4);

            assertEquals(
                    "round 4: no client is at work and the selector chose none, with 0 of 2 updates",
                    assertInstanceOf(RoundResult.Abandoned.class, end).reason());
            assertEquals(List.of(), Toy.report(end).outcomes());
        } finally {
            letGo.countDown();
        }
    }

    /** One that hangs is not called again; that it is at work is worth a warning once it is too stale to be waited for. */
    @Test
    void aHungClientIsPassedOver() {
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        try (CapturedLog log = CapturedLog.of(FederatedServer.class);
                InProcessRunner threads = InProcessRunner.of(3);
                FederatedServer server = builder(3)
                        .clients(ScriptedPopulation.of(3, (self, task) -> {
                                    atWork.await();
                                    return Toy.wanders(self, task);
                                })
                                .but(0, (self, task) -> {
                                    atWork.countDown();
                                    return hang(letGo);
                                }))
                        .runner(threads)
                        .listeners(hears())
                        .asynchronous(AsynchronousRounds.fedBuff(3, 1).withMaxStaleness(5))
                        .build()) {
            server.run(Toy.start(), 20);

            List<String> ofHung = heard.stream()
                    .filter(result -> Toy.report(result).outcomes().stream()
                            .anyMatch(outcome -> outcome.client().value().equals("client-0")))
                    .map(result -> Toy.report(result).round() + ": "
                            + Toy.report(result).outcomes().get(1))
                    .toList();
            assertEquals(List.of("6: Stale[client=client-0, staleness=6]"), ofHung);
            assertEquals(
                    List.of(
                            "round 6: clients that are still at work on earlier rounds: 1; until it returns, each that blocks"
                                    + " holds a thread, and a model if it borrowed one"),
                    log.warnings());
        } finally {
            letGo.countDown();
        }
    }

    @Test
    void aRunThatEndsLetsGoOfItsTasks() throws Exception {
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (InProcessRunner threads = InProcessRunner.of(2);
                FederatedServer server = builder(2)
                        .clients(ScriptedPopulation.of(2, (self, task) -> {
                                    atWork.await();
                                    return Toy.wanders(self, task);
                                })
                                .but(0, (self, task) -> {
                                    atWork.countDown();
                                    try {
                                        new CountDownLatch(1).await();
                                    } catch (InterruptedException e) {
                                        interrupted.countDown();
                                    }
                                    throw new IOException("let go");
                                }))
                        .runner(threads)
                        .asynchronous(AsynchronousRounds.fedBuff(2, 1))
                        .build()) {
            RoundResult end = server.run(Toy.start(), 3);

            assertEquals(1, end.state().underWay().tasks().size());
            assertTrue(interrupted.await(10, TimeUnit.SECONDS));
        }
    }

    private static ClientUpdate hang(CountDownLatch letGo) throws IOException {
        while (true) {
            try {
                letGo.await();
                throw new IOException("too late");
            } catch (InterruptedException e) {
                // Goes on.
            }
        }
    }

    /** A task's learning rate is that of the round in which it started, also when it is started again. */
    @Test
    void aTaskKeepsTheLearningRateOfItsRound() {
        LearningRateSchedule schedule = round -> 1.0 / round;
        ScriptedPopulation clients = ScriptedPopulation.of(20, (self, task) -> {
            assertEquals(1.0 / task.round(), task.localTraining().learningRate());
            return ClientUpdate.of(self, task, Toy.delta(task.localTraining().learningRate(), 0, 0), 1);
        });
        ServerBuilder builder = builder(20)
                .clients(clients)
                .learningRates(schedule)
                .selector(ClientSelector.uniform(10))
                .asynchronous(AsynchronousRounds.fedBuff(10, 2));
        ServerState end = run(builder, HEAVY, Toy.start(), 10);

        assertEquals(end, run(builder, HEAVY, run(builder, HEAVY, Toy.start(), 4), 6));
        assertTrue(heard.stream()
                .allMatch(result ->
                        Toy.report(result).outcomes().stream().allMatch(ClientOutcome.Completed.class::isInstance)));
    }

    /** Crashes, NaN, wrong shapes, false names; what they come to depends on client and round alone. */
    @Test
    void troubleHasTheSameBitsAfterAResume() {
        Trouble trouble = Trouble.seeded(5)
                .of(0.2, Trouble.crash())
                .of(0.1, Trouble.nan())
                .of(0.1, Trouble.wrongShape())
                .of(0.1, Trouble.stale())
                .of(0.1, Trouble.duplicate());
        ServerBuilder builder = builder(30)
                .clients(trouble.around(ScriptedPopulation.of(30, Toy::wanders)))
                .selector(ClientSelector.uniform(10).quarantining(2, 3))
                .asynchronous(AsynchronousRounds.fedBuff(10, 4).withMaxStaleness(3));
        ServerState end = run(builder, HEAVY, Toy.start(), 15);
        Set<String> kinds = new HashSet<>();
        heard.forEach(result -> Toy.report(result)
                .outcomes()
                .forEach(outcome -> kinds.add(outcome.getClass().getSimpleName())));

        assertEquals(Set.of("Completed", "Failed", "Rejected", "Stale"), kinds);
        assertEquals(end, run(builder, HEAVY, run(builder, HEAVY, Toy.start(), 7), 8));
    }

    /** Non-blocking clients, which the virtual runner's threads do not wait for. */
    @Test
    void clientsWithoutThreadsHaveTheSameBits() {
        ServerState blocking = run(asynchronous(20, AsynchronousRounds.fedBuff(8, 3)), HEAVY, Toy.start(), 6);
        try (LateClients late = new LateClients(Duration.ofMillis(2))) {
            ServerBuilder builder = asynchronous(20, AsynchronousRounds.fedBuff(8, 3))
                    .clients(ScriptedPopulation.of(20, Toy::wanders).decorated((client, among) -> late.apply(client)));

            assertEquals(blocking, run(builder, HEAVY, Toy.start(), 6));
        }
    }

    /** A listener ends the run; its state goes on, on the real clock as well, where tasks are sent out again. */
    @Test
    void aRunThatAListenerEndsGoesOnFromItsState() {
        ServerBuilder builder = asynchronous(20, AsynchronousRounds.fedBuff(8, 3));
        ServerState end = run(builder, HEAVY, Toy.start(), 9);
        ServerState third = run(
                asynchronous(20, AsynchronousRounds.fedBuff(8, 3)).listeners(new RoundListener() {
                    @Override
                    public boolean endsRunAfter(RoundResult result) {
                        return result.state().round() == 3;
                    }
                }),
                HEAVY,
                Toy.start(),
                9);
        assertEquals(3, third.round());
        assertEquals(end, run(builder, HEAVY, third, 6));

        heard.clear();
        try (FederatedServer real = asynchronous(20, AsynchronousRounds.fedBuff(8, 3))
                .runner(InProcessRunner.of(2))
                .listeners(hears())
                .build()) {
            ServerState after = real.run(third, 3).state();
            assertEquals(third.time(), after.time());
            // And again on the same server, whose clients may still be at work.
            assertEquals(9, real.run(after, 3).state().round());
        }
        assertTrue(heard.stream().allMatch(RoundResult.Advanced.class::isInstance));
        assertEquals(Duration.ZERO, Toy.start().time());
    }

    /** Killed between rounds at any of them, {@code runUntil} ends with the same bits. */
    @Test
    void checkpointsResumeWithTasksUnderWay() {
        ServerState end = run(asynchronous(30, AsynchronousRounds.fedBuff(10, 3)), HEAVY, Toy.start(), 8);
        CheckpointStore store = CheckpointStore.in(folder.resolve("run"));
        ServerState last = Toy.start();
        for (int round : List.of(1, 2, 5, 8)) {
            try (InProcessRunner inner = InProcessRunner.of(2);
                    FederatedServer server = asynchronous(30, AsynchronousRounds.fedBuff(10, 3))
                            .runner(VirtualRunner.over(inner, HEAVY))
                            .checkpoints(store)
                            .build()) {
                last = server.runUntil(round, Toy.start());
            }
        }
        assertEquals(end, last);
    }

    /** The rule's own failure ends the run with its exception, and leaves no task at work. */
    @Test
    void aRuleThatFailsEndsTheRun() {
        IllegalStateException ours = new IllegalStateException("the rule's disk is full");
        DirectAggregator rule = context -> () -> new Aggregation() {
            @Override
            public void add(int position, ClientUpdate update) {
                throw ours;
            }

            @Override
            public Result finish() {
                return Result.of(ModelDelta.zero(Toy.LAYOUT));
            }
        };
        try (InProcessRunner inner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(ScriptedPopulation.of(10, Toy::wanders))
                        .localTraining(Toy.TRAINING)
                        .selector(ClientSelector.uniform(5))
                        .runner(inner)
                        .asynchronous(AsynchronousRounds.fedBuff(5, 2))
                        .build()) {
            assertEquals(ours, assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 2)));
        }
    }

    /** On either way through a buffer: a refused update fills no slot, a shortfall abandons, vectors have no cohort to go to. */
    @Test
    void theRuleRejectsUpdatesAndRounds() {
        for (DirectAggregator rule : List.of(
                MeanRule.plain().rejectingAbove(50),
                Toy.unlinear(MeanRule.plain().rejectingAbove(50)))) {
            heard.clear();
            run(builder(rule, 30).asynchronous(AsynchronousRounds.fedBuff(10, 3)), HEAVY, Toy.start(), 5);
            List<String> outcomes = heard.stream()
                    .flatMap(result -> Toy.outcomes(result).stream())
                    .toList();
            assertEquals(
                    15,
                    outcomes.stream()
                            .filter(words -> words.endsWith("completed"))
                            .count());
            assertTrue(
                    outcomes.stream().anyMatch(words -> words.contains("examples are more than 50")),
                    outcomes::toString);
        }
        heard.clear();
        run(
                builder(Toy.unlinear(MeanRule.plain()), 30).asynchronous(AsynchronousRounds.fedBuff(10, 1)),
                HEAVY,
                Toy.start(),
                1);
        assertEquals(
                "one update has no median",
                assertInstanceOf(RoundResult.Abandoned.class, heard.get(0)).reason());
        assertTrue(assertThrows(
                        IllegalStateException.class,
                        () -> run(
                                builder(MeanRule.plain().sending(context -> Map.of("v", Toy.delta(1, 1, 1))), 30)
                                        .asynchronous(AsynchronousRounds.fedBuff(10, 3)),
                                HEAVY,
                                Toy.start(),
                                1))
                .getMessage()
                .endsWith(
                        "sends clients [v] beside the weights, of one round for all of a cohort; asynchronous rounds have no"
                                + " such cohort"));
    }

    @Test
    void aTaskThatEndsWithTheDeadlineIsInTime() {
        run(
                builder(3)
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofHours(1)))
                        .asynchronous(AsynchronousRounds.fedBuff(3, 3)),
                byNumber(1, 1, 1),
                Toy.start(),
                1);

        assertEquals(3, Toy.report(heard.get(0)).completed().size());
    }

    private static ServerBuilder builder(DirectAggregator rule, int clients) {
        return FederatedServer.with(rule)
                .clients(ScriptedPopulation.of(clients, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .selector(ClientSelector.uniform(10));
    }

    /** Closed while all are at work, a server on the host's runner ends its run; the state before is on disk. */
    @Test
    void closingTheServerEndsARun() throws Exception {
        CountDownLatch atWork = new CountDownLatch(3);
        CheckpointStore store = CheckpointStore.in(folder.resolve("closed"));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (InProcessRunner threads = InProcessRunner.of(3)) {
            FederatedServer server = builder(6)
                    .clients(ScriptedPopulation.of(6, (self, task) -> {
                        if (task.round() == 1) {
                            return Toy.wanders(self, task);
                        }
                        atWork.countDown();
                        Thread.sleep(60_000);
                        throw new IOException("not reached");
                    }))
                    .selector(ClientSelector.uniform(3))
                    .runner(threads)
                    .checkpoints(store)
                    .asynchronous(AsynchronousRounds.fedBuff(3, 3).selectingPerRelease())
                    .build();
            Thread run = new Thread(() -> {
                try {
                    server.run(Toy.start(), 5);
                } catch (RuntimeException e) {
                    thrown.set(e);
                }
            });
            run.start();
            atWork.await();
            server.close();
            run.join(10_000);
            assertEquals("the server was closed during a run", thrown.get().getMessage());
            assertEquals(1, store.latest().orElseThrow().round());
        }
    }

    /** Between rounds, a client that is at work is not evaluated, and goes on with its task. */
    @Test
    void evaluationBetweenRoundsPassesOverClientsAtWork() {
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch evaluated = new CountDownLatch(1);
        List<Long> examples = new ArrayList<>();
        ScriptedPopulation clients = ScriptedPopulation.of(6, (self, task) -> {
                    atWork.await();
                    return Toy.wanders(self, task);
                })
                .but(0, (self, task) -> {
                    atWork.countDown();
                    evaluated.await();
                    return Toy.wanders(self, task);
                })
                .judgedBy((self, task) -> new Evaluation(1, 1, List.of()));
        try (InProcessRunner threads = InProcessRunner.of(4);
                FederatedServer server = builder(6)
                        .clients(clients)
                        .selector(ClientSelector.roundRobin(2))
                        .runner(threads)
                        .listeners(
                                FederatedEvaluation.every(1, clients, threads, (round, sum) -> {
                                    examples.add(sum.examples());
                                    evaluated.countDown();
                                }),
                                hears())
                        .asynchronous(AsynchronousRounds.fedBuff(2, 1))
                        .build()) {
            assertEquals(10, server.run(Toy.start(), 10).state().round());
        }
        assertEquals(5, examples.get(examples.size() - 10));
        assertTrue(
                heard.stream().flatMap(result -> Toy.outcomes(result).stream()).anyMatch("client-0 completed"::equals));
    }

    /** Heavy tails of three hundred years each add up. */
    @Test
    void veryLongLatenciesAddUp() {
        ServerState end = run(
                builder(3).selector(ClientSelector.all()).asynchronous(AsynchronousRounds.fedBuff(3, 3)),
                Latency.pareto(Duration.ofDays(365), 0.001),
                Toy.start(),
                50);

        assertTrue(end.time().compareTo(Duration.ofDays(365 * 3000L)) > 0, end.time()::toString);
    }

    private static List<Double> stalenesses(RoundResult result) {
        return Toy.report(result).outcomes().stream()
                .filter(ClientOutcome.Completed.class::isInstance)
                .map(outcome -> ((ClientOutcome.Completed<ClientUpdate.Receipt>) outcome)
                        .result()
                        .scalars()
                        .get(ClientUpdate.STALENESS))
                .toList();
    }

    private static AvailabilityWindows.Window window(int from, int to) {
        return new AvailabilityWindows.Window(Duration.ofHours(from), Duration.ofHours(to));
    }

    private static Latency byNumber(int... hours) {
        return (client, random) ->
                Duration.ofHours(hours[Integer.parseInt(client.value().substring(7))]);
    }

    private static ServerBuilder asynchronous(int clients, AsynchronousRounds rounds) {
        return builder(clients)
                .selector(ClientSelector.uniform(rounds.concurrency()))
                .asynchronous(rounds);
    }

    private static ServerBuilder builder(int clients) {
        return FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(clients, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .optimizer(Toy.counting());
    }

    private RoundListener hears() {
        return new RoundListener() {
            @Override
            public void roundEnded(RoundResult result) {
                heard.add(result);
            }
        };
    }

    private ServerState run(ServerBuilder builder, Latency latency, ServerState from, int rounds) {
        try (InProcessRunner inner = InProcessRunner.of(2);
                FederatedServer server = builder.runner(VirtualRunner.over(inner, latency))
                        .listeners(hears())
                        .build()) {
            return server.run(from, rounds).state();
        }
    }
}
