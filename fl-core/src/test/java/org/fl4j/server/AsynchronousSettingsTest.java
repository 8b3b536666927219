package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.fl4j.ClientId;
import org.fl4j.client.TaskStream;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.checkpoint.TasksUnderWay;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.AvailabilityWindows;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.InsecureForTests;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What asynchronous rounds reject, and rounds that come to no release. */
@Timeout(60)
class AsynchronousSettingsTest extends AsynchronousFixture {

    @Test
    void weightsOfTheLiterature() {
        assertEquals(1 / Math.sqrt(4), StalenessWeight.polynomial(0.5).at(3));
        assertEquals(1, StalenessWeight.hinge(10, 4).at(4));
        assertEquals(1 / (10 * 2 + 1.0), StalenessWeight.hinge(10, 4).at(6));
        assertEquals(1, StalenessWeight.constant().at(1000));
        assertTrue(StalenessWeight.polynomial(1000).at(1000) > 0);
    }

    /** Of two clients one fails, and a buffer of two cannot be filled, whenever their windows come round. */
    @Test
    void windowsThatNeverBringEnoughClientsEndTheRound() {
        Map<ClientId, List<AvailabilityWindows.Window>> windows = new HashMap<>();
        for (int i = 0; i < 2; i++) {
            windows.put(
                    new ClientId("client-" + i),
                    List.of(new AvailabilityWindows.Window(Duration.ofHours(i), Duration.ofHours(i + 1))));
        }
        RoundResult end = result(
                builder(
                                2,
                                ClientSelector.uniform(1)
                                        .among(AvailabilityWindows.of(windows).repeating(Duration.ofDays(1))))
                        .clients(ScriptedPopulation.of(2, Toy::wanders).but(1, (self, task) -> {
                            throw new IOException("gone");
                        }))
                        .asynchronous(AsynchronousRounds.fedBuff(1, 2)),
                NONE,
                1,
                Toy.start(),
                1);

        assertTrue(assertInstanceOf(RoundResult.Abandoned.class, end).reason().contains("with 1 of 2 updates"));
    }

    @Test
    void aFederationThatOnlyFailsIsAbandonedWithTheReason() {
        RoundResult end = result(
                FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(500, (self, task) -> {
                            throw new IOException("gone");
                        }))
                        .selector(ClientSelector.uniform(3))
                        .localTraining(Toy.TRAINING)
                        .asynchronous(AsynchronousRounds.fedBuff(3, 2)),
                NONE,
                1,
                Toy.start(),
                1);

        String reason = assertInstanceOf(RoundResult.Abandoned.class, end).reason();
        assertTrue(
                reason.matches("round 1: 50 tasks failed, with 0 of 2 updates; the last that did not complete: client"
                        + " 'client-\\d+' failed: java.io.IOException: gone"),
                reason);
    }

    @Test
    void aRoundThatRunsOutOfClientsIsAbandonedWithTheReason() {
        RoundResult end = result(
                builder(4, ClientSelector.all())
                        .clients(ScriptedPopulation.of(4, Toy::wanders).but(2, (self, task) -> {
                            throw new IOException("gone");
                        }))
                        .asynchronous(AsynchronousRounds.fedBuff(4, 4)),
                NONE,
                1,
                Toy.start(),
                1);

        assertEquals(
                "round 1: no client is at work and the selector chose none, with 3 of 4 updates; the last that did not"
                        + " complete: client 'client-2' failed: java.io.IOException: gone",
                assertInstanceOf(RoundResult.Abandoned.class, end).reason());
    }

    @Test
    void whatDoesNotFitIsRejectedWhenBuilt() {
        AsynchronousRounds rounds = AsynchronousRounds.fedBuff(10, 5);
        assertEquals(
                "asynchronous rounds reject over-selection of 0.5: the buffer says how many updates are enough",
                rejection(builder(20, ClientSelector.uniform(10))
                        .policy(RoundPolicy.DEFAULT.withOverSelection(0.5))
                        .asynchronous(rounds)));
        assertEquals(
                "asynchronous rounds reject minUpdates of 2: a round ends when its buffer is full",
                rejection(builder(20, ClientSelector.uniform(10))
                        .policy(RoundPolicy.DEFAULT.withMinUpdates(2))
                        .asynchronous(rounds)));
        assertEquals(
                "asynchronous rounds reject 3 retries: a task that fails is replaced while its round goes on",
                rejection(builder(20, ClientSelector.uniform(10))
                        .policy(RoundPolicy.DEFAULT.withRetries(3, Duration.ZERO))
                        .asynchronous(rounds)));
        assertEquals(
                "asynchronous rounds reject a sample of 5: 10 clients are at work; use ClientSelector.uniform(10)",
                rejection(builder(20, ClientSelector.uniform(5)).asynchronous(rounds)));
        assertEquals(
                "asynchronous rounds reject ClientSelector.all: of 20 clients 10 are at work, always the first that are"
                        + " free; use ClientSelector.uniform(10)",
                rejection(builder(20, ClientSelector.all()).asynchronous(rounds)));
        assertEquals(
                "asynchronous rounds reject a buffer of 5: there are 4 clients, and each fills one slot at most",
                rejection(builder(4, ClientSelector.all()).asynchronous(rounds)));
        assertTrue(rejection(builder(20, ClientSelector.powerOfChoice(3, 6)).asynchronous(rounds))
                .endsWith("it chooses cohorts and cannot fill places one by one; use ClientSelector.uniform(10)"));
        assertEquals(
                "a staleness weight must be in (0, 1], but was 1.5 at a staleness of 0",
                rejection(
                        builder(20, ClientSelector.uniform(10)).asynchronous(rounds.withStaleness(staleness -> 1.5))));
        assertEquals(
                "a staleness weight must be in (0, 1], but was 0.0 at a staleness of 100",
                rejection(builder(20, ClientSelector.uniform(10))
                        .asynchronous(rounds.withStaleness(staleness -> staleness < 100 ? 1 : 0))));
        assertEquals(
                "mixing must be in (0, 1], but was 0.0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> AsynchronousRounds.fedAsync(10, 0, StalenessWeight.constant()))
                        .getMessage());
        assertEquals(
                "mixing needs a buffer of 1, but was 5",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new AsynchronousRounds(
                                        10, 5, StalenessWeight.constant(), 3, false, OptionalDouble.of(0.5)))
                        .getMessage());
    }

    @Test
    void aSynchronousServerDoesNotDropTasksInSilence() {
        ServerState state = run(faulty(AsynchronousRounds.fedBuff(12, 4)), HEAVY, 1, Toy.start(), 2);
        int tasks = state.underWay().tasks().size();

        assertEquals(
                "the state of round 2 has " + tasks
                        + " tasks of asynchronous rounds under way, which this server cannot"
                        + " continue; drop them with state.with(TasksUnderWay.NONE)",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> run(builder(50, ClientSelector.uniform(12)), HEAVY, 1, state, 1))
                        .getMessage());
        run(builder(50, ClientSelector.uniform(12)), HEAVY, 1, state.with(TasksUnderWay.NONE), 1);
    }

    @Test
    void secureRulesAreRejected() {
        assertEquals(
                "asynchronous rounds reject a secure rule: masks need a fixed cohort; use a direct rule, or synchronous rounds",
                rejection(FederatedServer.with(InsecureForTests.on(MeanRule.plain(), 2))
                        .clients(ScriptedPopulation.of(3, Toy::wanders))
                        .localTraining(Toy.TRAINING)
                        .asynchronous(AsynchronousRounds.fedBuff(3, 2))));
    }

    /** Its rounds are another kind: one store serves runs of any start, as no run claims it. */
    @Test
    void whatClientsRememberIsLeftAlone() {
        try (ClientStateStore store = ClientStateStore.inMemory()) {
            for (long seed = 1; seed <= 2; seed++) {
                run(
                        builder(6, ClientSelector.all())
                                .clients(ScriptedPopulation.of(6, Toy::wanders).rememberingIn(store))
                                .asynchronous(AsynchronousRounds.fedBuff(6, 2)),
                        HEAVY,
                        ServerState.initial(Toy.weights(0, 0, 0), seed),
                        3);
            }
        }
    }

    @Test
    void tasksUnderWayMustBeWhole() {
        TaskStream.Task first = new TaskStream.Task(1, new ClientId("a"), 3);
        TaskStream.Task second = new TaskStream.Task(0, new ClientId("b"), 3);

        assertThrows(
                IllegalArgumentException.class,
                () -> new TasksUnderWay(List.of(first, second), new TreeMap<>(Map.of(3, Toy.weights(0, 0, 0))), 2));
        assertThrows(IllegalArgumentException.class, () -> new TasksUnderWay(List.of(first), new TreeMap<>(), 2));
        TreeMap<Integer, ModelWeights> third = new TreeMap<>(Map.of(3, Toy.weights(0, 0, 0)));
        assertThrows(IllegalArgumentException.class, () -> new TasksUnderWay(List.of(first), third, 1));
        TaskStream.Task earlier = new TaskStream.Task(2, new ClientId("c"), 2);
        assertThrows(IllegalArgumentException.class, () -> new TasksUnderWay(List.of(first, earlier), third, 3));
        TreeMap<Integer, ModelWeights> more = new TreeMap<>(third);
        more.put(4, Toy.weights(0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new TasksUnderWay(List.of(first), more, 2));
    }
}
