package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.checkpoint.TasksUnderWay;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.AvailabilityWindows;
import org.fl4j.simulation.Latency;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rounds that wait for no cohort, in virtual time. */
@Timeout(60)
class AsynchronousRoundsTest extends AsynchronousFixture {

    /** Blocks of 16, all kinds of selectors, the rule that is summed and the one that sees each update. */
    @ParameterizedTest
    @CsvSource({"3, 0", "16, 0", "17, 3600", "40, 60"})
    void oneSelectionAReleaseAndEqualLatenciesAreTheSynchronousRun(int cohort, long seconds) {
        Latency latency = Latency.constant(Duration.ofSeconds(seconds));
        for (ClientSelector selector : List.of(
                ClientSelector.uniform(cohort),
                ClientSelector.roundRobin(cohort),
                ClientSelector.uniform(cohort).quarantining(1, 2))) {
            for (DirectAggregator rule : List.of(MeanRule.plain(), Toy.unlinear(MeanRule.plain()))) {
                ServerState waited = run(builder(rule, 50, selector), latency, 2, Toy.start(), 6);
                ServerState buffered = run(
                        builder(rule, 50, selector)
                                .asynchronous(AsynchronousRounds.fedBuff(cohort, cohort)
                                        .selectingPerRelease()),
                        latency,
                        2,
                        Toy.start(),
                        6);

                assertEquals(waited, withoutTasks(buffered), selector + " under " + rule);
            }
        }
    }

    @Test
    void everyClientAtOnceIsTheSynchronousRun() {
        ServerState waited = run(builder(20, ClientSelector.all()), NONE, 2, Toy.start(), 3);
        ServerState buffered = run(
                builder(20, ClientSelector.all()).asynchronous(AsynchronousRounds.fedBuff(20, 20)),
                NONE,
                2,
                Toy.start(),
                3);

        assertEquals(waited, withoutTasks(buffered));
    }

    /**
     * Clients 0, 1 and 2 take 1, 2 and 5 hours; two updates fill the buffer; client k moves by 2^k.
     *
     * <pre>
     * hour  arrives         staleness   release
     * 1     0               0
     * 2     1               0           1
     * 3     0               0
     * 4     1               0           2
     * 5     2 (of round 1)  2
     * 5     0               0           3
     * 6     1 (of round 3)  1
     * 6     0               0           4
     * </pre>
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stalenessFollowsATraceWorkedByHand(boolean linear) {
        Latency hours = byNumber(1, 2, 5);
        ServerState end = run(
                FederatedServer.with(linear ? MeanRule.plain() : Toy.unlinear(MeanRule.plain()))
                        .clients(ScriptedPopulation.of(3, Toy.moves(1, 0, 0))
                                .but(1, Toy.moves(2, 0, 0))
                                .but(2, Toy.moves(4, 0, 0)))
                        .localTraining(Toy.TRAINING)
                        .asynchronous(AsynchronousRounds.fedBuff(3, 2)),
                hours,
                2,
                Toy.start(),
                4);

        assertEquals(
                List.of(
                        "PT2H client-0 0 client-1 0",
                        "PT4H client-0 0 client-1 0",
                        "PT5H client-2 2 client-0 0",
                        "PT6H client-1 1 client-0 0"),
                heard.stream().map(AsynchronousRoundsTest::trace).toList());
        double expected = 1.5 + 1.5 + (4 / Math.sqrt(3) + 1) / 2 + (2 / Math.sqrt(2) + 1) / 2;
        assertEquals(expected, end.weights().get(0), 1e-6);
        assertEquals(0.5, Toy.report(heard.get(3)).metrics().get(ClientUpdate.STALENESS));
        // Client 2 is at work since hour 5, until hour 10.
        assertEquals(
                List.of("client-2 of 4 at PT10H"),
                end.underWay().tasks().stream()
                        .map(task -> task.client() + " of " + task.round() + " at " + task.arrival())
                        .toList());
        assertEquals(Set.of(4), end.underWay().versions().keySet());
    }

    /** Three of four take 1, 3 and 5 hours; the place of the first stays free until the round ends at hour 3. */
    @Test
    void semiSynchronousRoundsFillPlacesWhenTheyBegin() {
        run(
                builder(4, ClientSelector.roundRobin(3)).asynchronous(AsynchronousRounds.semiSynchronous(3, 2)),
                byNumber(1, 3, 5, 1),
                Toy.start(),
                2);

        assertEquals(
                List.of("PT3H client-0 0 client-1 0", "PT4H client-3 0 client-0 0"),
                heard.stream().map(AsynchronousRoundsTest::trace).toList());
    }

    /** One client answers at once, again and again, and 59 much later: of those, no more than 32 updates wait for their time. */
    @Test
    void updatesThatWaitForTheirTimeAreBounded() {
        AtomicInteger trained = new AtomicInteger();
        run(
                builder(60, ClientSelector.all())
                        .clients(ScriptedPopulation.of(60, (self, task) -> {
                            trained.incrementAndGet();
                            return Toy.wanders(self, task);
                        }))
                        .asynchronous(AsynchronousRounds.fedBuff(60, 1)),
                (client, random) -> Duration.ofHours(client.value().equals("client-0") ? 1 : 1000),
                Toy.start(),
                10);

        assertEquals(10 + 31, trained.get());
    }

    /**
     * Clients 0 and 1 take 1 and 3 hours and move by 1 and 10: x is 0.5, 1, then 0.5 + 0.5 * 10 and 2.75 + 0.5 * 2. With 1 / (1 + s)
     * the last two mix with 1/6 and 1/4: 5/6 + 1/6 * 10 and 3/4 * 2.5 + 1/4 * 2.
     */
    @Test
    void fedAsyncMixesEachUpdateInByHand() {
        fedAsync(StalenessWeight.constant());
        assertEquals(
                List.of("PT1H client-0 0", "PT2H client-0 0", "PT3H client-1 2", "PT3H client-0 1"),
                heard.stream().map(AsynchronousRoundsTest::trace).toList());
        assertEquals(
                List.of(0.5, 1.0, 5.5, 3.75),
                heard.stream().map(end -> end.state().weights().get(0)).toList());
        heard.clear();
        fedAsync(StalenessWeight.polynomial(1));
        assertEquals(2.5, heard.get(2).state().weights().get(0), 1e-6);
        assertEquals(2.375, heard.get(3).state().weights().get(0), 1e-6);
    }

    private void fedAsync(StalenessWeight weight) {
        run(
                FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)).but(1, Toy.moves(10, 0, 0)))
                        .localTraining(Toy.TRAINING)
                        .asynchronous(AsynchronousRounds.fedAsync(2, 0.5, weight)),
                byNumber(1, 3),
                1,
                Toy.start(),
                4);
    }

    static Stream<AsynchronousRounds> kinds() {
        return Stream.of(
                AsynchronousRounds.fedBuff(12, 4),
                AsynchronousRounds.fedBuff(12, 4).withMaxStaleness(2),
                AsynchronousRounds.fedBuff(3, 20),
                AsynchronousRounds.semiSynchronous(12, 9),
                AsynchronousRounds.fedAsync(12, 0.6, StalenessWeight.hinge(1, 2)));
    }

    /** A fifth of the tasks fail; every state goes through bytes, and each round may be on other threads. */
    @ParameterizedTest
    @MethodSource("kinds")
    void theSameBitsOnAnyThreadsAndAfterAnyResume(AsynchronousRounds rounds) {
        ServerState end = run(faulty(rounds), HEAVY, 1, Toy.start(), 12);
        List<RoundResult> once = List.copyOf(heard);

        assertEquals(end, run(faulty(rounds), HEAVY, 2, Toy.start(), 12));
        assertEquals(end, run(faulty(rounds), HEAVY, 8, Toy.start(), 12));
        heard.clear();
        ServerState state = Toy.start();
        for (int threads : List.of(2, 1, 8, 2, 8, 1)) {
            state = run(faulty(rounds), HEAVY, threads, ServerState.fromBytes(state.toBytes()), 2);
        }
        assertEquals(end, state);
        for (int i = 0; i < once.size(); i++) {
            assertEquals(Toy.outcomes(once.get(i)), Toy.outcomes(heard.get(i)));
        }
        assertNotEquals(Duration.ZERO, end.time());
        assertNotEquals(List.of(), end.underWay().tasks());
    }

    /** Those that would be too stale are let go, so there are at most so many versions of the weights. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void noUpdateIsStalerThanTheMaximum(int most) {
        run(faulty(AsynchronousRounds.fedBuff(20, 3).withMaxStaleness(most)), HEAVY, 2, Toy.start(), 40);

        int stale = 0;
        double stalest = 0;
        for (RoundResult result : heard) {
            int next = result.state().round() + 1;
            result.state().underWay().tasks().forEach(task -> assertTrue(next - task.round() <= most, task::toString));
            for (ClientOutcome<ClientUpdate.Receipt> outcome :
                    Toy.report(result).outcomes()) {
                if (outcome instanceof ClientOutcome.Completed<ClientUpdate.Receipt> completed) {
                    stalest = Math.max(stalest, completed.result().scalars().get(ClientUpdate.STALENESS));
                }
                stale += outcome instanceof ClientOutcome.Stale ? 1 : 0;
            }
        }
        assertTrue(stale > 10, stale + " were too stale");
        assertEquals(most, stalest, "the maximum is included");
    }

    /** A client at work is not started again, and fills one slot of a buffer. */
    @Test
    void aClientHasOnePlaceAndOneSlot() {
        run(faulty(AsynchronousRounds.fedBuff(25, 10)), HEAVY, 2, Toy.start(), 30);

        for (RoundResult result : heard) {
            List<ClientOutcome<ClientUpdate.Receipt>> outcomes =
                    Toy.report(result).outcomes();
            Set<Object> clients = new HashSet<>();
            outcomes.forEach(outcome -> clients.add(outcome.client()));
            assertEquals(outcomes.size(), clients.size());
            assertEquals(10, Toy.report(result).completed().size());
        }
    }

    @Test
    void aDeadlineIsThatOfATask() {
        ServerState end = run(
                builder(4, ClientSelector.all())
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMinutes(90)))
                        .asynchronous(AsynchronousRounds.fedBuff(4, 1)),
                byNumber(1, 2, 2, 2),
                1,
                Toy.start(),
                2);

        assertEquals(List.of("client-0 completed"), Toy.outcomes(heard.get(0)));
        // The others are let go half an hour before client 0 arrives again.
        assertEquals(
                List.of(
                        "client-1 timed out after PT1H30M",
                        "client-2 timed out after PT1H30M",
                        "client-3 timed out after PT1H30M",
                        "client-0 completed"),
                Toy.outcomes(heard.get(1)));
        assertEquals(Duration.ofHours(2), end.time());
    }

    @Test
    void aResumeKeepsTheMomentOfATimeOut() {
        ServerBuilder late = builder(4, ClientSelector.all())
                .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMinutes(90)))
                .asynchronous(AsynchronousRounds.fedBuff(4, 1));
        ServerState whole = run(late, byNumber(1, 2, 2, 2), 1, Toy.start(), 3);
        ServerState first = run(late, byNumber(1, 2, 2, 2), 1, Toy.start(), 1);

        assertEquals(whole, run(late, byNumber(1, 2, 2, 2), 1, first, 2));
    }

    /** Clients 0 to 2 can be asked in the first hour of a day, clients 3 to 5 in the third; a task takes 40 minutes. */
    @Test
    void placesWaitForAvailableClients() {
        Map<ClientId, List<AvailabilityWindows.Window>> windows = new HashMap<>();
        for (int i = 0; i < 6; i++) {
            Duration begin = Duration.ofHours(i < 3 ? 0 : 2);
            windows.put(
                    new ClientId("client-" + i),
                    List.of(new AvailabilityWindows.Window(begin, begin.plus(Duration.ofHours(1)))));
        }
        ClientSelector selector =
                ClientSelector.uniform(2).among(AvailabilityWindows.of(windows).repeating(Duration.ofDays(1)));
        for (int buffer : List.of(1, 4)) {
            ServerBuilder builder = builder(6, selector).asynchronous(AsynchronousRounds.fedBuff(2, buffer));
            ServerState end = run(builder, Latency.constant(Duration.ofMinutes(40)), 1, Toy.start(), 5);
            ServerState third = run(builder, Latency.constant(Duration.ofMinutes(40)), 2, Toy.start(), 3);

            assertEquals(end, run(builder, Latency.constant(Duration.ofMinutes(40)), 8, third, 2));
            // Of a buffer of four three have arrived by 1:20, two more at 2:40; one is left over, with two at 3:20, and
            // so on.
            assertEquals(buffer == 1 ? "PT2H40M" : "PT50H40M", end.time().toString(), "with a buffer of " + buffer);
        }
    }

    /** All have arrived; how many there were is the one thing that differs. */
    private static ServerState withoutTasks(ServerState state) {
        assertEquals(List.of(), state.underWay().tasks());
        return state.with(TasksUnderWay.NONE);
    }

    /** The time, and the clients of a release with their staleness. */
    private static String trace(RoundResult result) {
        StringBuilder words = new StringBuilder(result.state().time().toString());
        for (ClientOutcome<ClientUpdate.Receipt> outcome : Toy.report(result).outcomes()) {
            Optional<Double> staleness = outcome instanceof ClientOutcome.Completed<ClientUpdate.Receipt> completed
                    ? Optional.ofNullable(completed.result().scalars().get(ClientUpdate.STALENESS))
                    : Optional.empty();
            words.append(' ')
                    .append(outcome.client())
                    .append(staleness.map(s -> " " + s.intValue()).orElse(" -"));
        }
        return words.toString();
    }
}
