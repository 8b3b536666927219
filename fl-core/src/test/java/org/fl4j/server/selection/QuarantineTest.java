package org.fl4j.server.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.MeanRule;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.Toy;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;

class QuarantineTest {

    private static final List<ClientId> TWO = ClientId.numbered("client-", 2);

    /** Two failures in a row, three rounds away, back in round 6, away again after the next failure. */
    @Test
    void aClientThatFailsTooOftenIsLeftOutAndComesBack() {
        List<String> called = play(
                "CF", // round 1: the first completes, the second fails
                "CF", "C", "C", "C", "CF", "C", "C", "C", "CC", "CF", "CF", "C");

        assertEquals(List.of("01", "01", "0", "0", "0", "01", "0", "0", "0", "01", "01", "01", "0"), called);
    }

    @Test
    void whatSaysNothingAboutAClientCountsForNothing() {
        assertEquals(List.of("01", "01", "01", "01", "01"), play("CS", "CN", "CS", "CN", "CS"));
        assertEquals(List.of("01", "01", "01", "0"), play("CF", "CS", "CF", "C"), "nor does it end a row");
        for (String failure : List.of("CT", "CR", "CB")) {
            assertEquals(List.of("01", "01", "0"), play(failure, failure, "C"), failure);
        }
    }

    @Test
    void theOtherSelectorLearnsAsBefore() {
        ClientSelector.Informed selector = ClientSelector.powerOfChoice(1, 2).quarantining(1, 1);
        ComponentState state = ComponentState.EMPTY;
        for (double ofSecond : new double[] {2, 0.5}) {
            ClientSelector.Selection selection = selector.select(new ClientSelector.Context(1, TWO, 0, state, 0));
            state = selector.observe(selection.state(), List.of(reports(TWO.get(0), 1), reports(TWO.get(1), ofSecond)));

            assertEquals(
                    List.of(TWO.get(ofSecond > 1 ? 1 : 0)),
                    selector.select(new ClientSelector.Context(2, TWO, 0, state, 0))
                            .cohort());
        }
    }

    private static ClientOutcome<ClientUpdate.Receipt> reports(ClientId client, double loss) {
        return new ClientOutcome.Completed<>(
                client, new ClientUpdate.Receipt(OptionalLong.of(1), Map.of(ClientUpdate.LOSS, loss)));
    }

    @Test
    void forEverIsForEver() {
        ClientSelector.Informed selector = ClientSelector.all().quarantining(1, Integer.MAX_VALUE);
        ClientSelector.Selection first =
                selector.select(new ClientSelector.Context(1, TWO, 0, ComponentState.EMPTY, 0));
        ComponentState state =
                selector.observe(first.state(), List.of(outcome(TWO.get(0), 'C'), outcome(TWO.get(1), 'F')));

        assertEquals(
                TWO.subList(0, 1),
                selector.select(new ClientSelector.Context(1_000_000, TWO, 0, state, 0))
                        .cohort());
    }

    @Test
    void schemesAndRangesAreTheOthers() {
        assertEquals(
                new SamplingScheme.Other("FixedSize[size=3] with quarantine"),
                ClientSelector.uniform(3).quarantining(1, 1).scheme());
        assertTrue(ClientSelector.uniform(3).quarantining(1, 1).overSelects());
        assertThrows(IllegalArgumentException.class, () -> ClientSelector.all().quarantining(0, 1));
        assertThrows(IllegalArgumentException.class, () -> ClientSelector.all().quarantining(1, 0));
    }

    /** One client always takes longer than the deadline, in virtual time. */
    @Test
    void aServerStopsWaitingForAStraggler() {
        Latency latency = (client, random) -> Duration.ofMinutes(client.equals(TWO.get(1)) ? 60 : 1);
        List<Duration> times = new ArrayList<>();
        try (InProcessRunner runner = InProcessRunner.of(1);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(2, Toy::wanders))
                        .localTraining(Toy.TRAINING)
                        .selector(ClientSelector.all().quarantining(2, 100))
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMinutes(10)))
                        .runner(VirtualRunner.over(runner, latency))
                        .listeners(new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                times.add(result.state().time());
                            }
                        })
                        .build()) {
            server.run(Toy.start(), 4);
        }

        assertEquals(
                List.of(10L, 20L, 21L, 22L),
                times.stream().map(Duration::toMinutes).toList());
    }

    /** Who was called in each round, given what became of those called: a letter each. */
    private static List<String> play(String... rounds) {
        ClientSelector.Informed selector = ClientSelector.all().quarantining(2, 3);
        ComponentState state = ComponentState.EMPTY;
        List<String> called = new ArrayList<>();
        for (int i = 0; i < rounds.length; i++) {
            ClientSelector.Selection selection = selector.select(new ClientSelector.Context(i + 1, TWO, 0, state, 0));
            StringBuilder who = new StringBuilder();
            List<ClientOutcome<ClientUpdate.Receipt>> outcomes = new ArrayList<>();
            for (int k = 0; k < selection.cohort().size(); k++) {
                ClientId client = selection.cohort().get(k);
                who.append(client.value().substring(7));
                outcomes.add(outcome(client, rounds[i].charAt(k)));
            }
            called.add(who.toString());
            state = selector.observe(selection.state(), outcomes);
        }
        return called;
    }

    private static ClientOutcome<ClientUpdate.Receipt> outcome(ClientId client, char letter) {
        return switch (letter) {
            case 'C' -> new ClientOutcome.Completed<>(client, new ClientUpdate.Receipt(OptionalLong.of(1), Map.of()));
            case 'F' -> new ClientOutcome.Failed<>(client, new IllegalStateException());
            case 'T' -> new ClientOutcome.TimedOut<>(client, Duration.ofSeconds(1));
            case 'R' -> new ClientOutcome.Rejected<>(client, "nonsense");
            case 'B' -> new ClientOutcome.Busy<>(client, 1);
            case 'N' -> new ClientOutcome.NotStarted<>(client, Duration.ofSeconds(1));
            default -> new ClientOutcome.Surplus<>(client);
        };
    }
}
