package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TaskStream;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.checkpoint.TasksUnderWay;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.AvailabilityWindows;
import org.fl4j.simulation.Collusion;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.Trouble;
import org.fl4j.simulation.VirtualRunner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where asynchronous rounds meet other settings, other runs and clients that misbehave. */
@Timeout(60)
class AsynchronousSeamsTest extends AsynchronousFixture {

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

    @Test
    void aLatencyThatNeverEndsAddsUpToo() {
        Latency never = Latency.constant(ChronoUnit.FOREVER.getDuration());
        ServerState end = run(
                builder(3).selector(ClientSelector.all()).asynchronous(AsynchronousRounds.fedBuff(3, 3)),
                never,
                Toy.start(),
                2);

        assertEquals(Duration.ofNanos(Long.MAX_VALUE).multipliedBy(2), end.time());
        assertEquals(
                end.time(),
                run(builder(3).selector(ClientSelector.all()), never, Toy.start(), 2)
                        .time());
    }

    /** They all train once for each version that one of them is asked about, whoever is asked, and not once for each task. */
    @Test
    void colludingClientsForgeOneUpdateForEachVersion() {
        Set<ClientId> colluders = new HashSet<>(ClientId.numbered("client-", 6));
        AtomicInteger trainings = new AtomicInteger();
        ServerBuilder builder = builder(12)
                .clients(Trouble.seeded(3)
                        .colluding(colluders, Collusion.littleIsEnough(1))
                        .around(ScriptedPopulation.of(12, (self, task) -> {
                            trainings.addAndGet(colluders.contains(self) ? 1 : 0);
                            return Toy.wanders(self, task);
                        })))
                .selector(ClientSelector.all())
                .asynchronous(AsynchronousRounds.fedBuff(12, 12));
        ServerState end = run(builder, Latency.constant(Duration.ofHours(1)), 8, Toy.start(), 4);

        assertEquals(4 * 6, trainings.get());
        ServerState second = run(builder, Latency.constant(Duration.ofHours(1)), 1, Toy.start(), 2);
        assertEquals(end, run(builder, Latency.constant(Duration.ofHours(1)), 2, second, 2));
    }
}
