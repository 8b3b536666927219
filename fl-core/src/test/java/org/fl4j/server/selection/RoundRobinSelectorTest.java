package org.fl4j.server.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.MeanRule;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.Toy;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;

/** Turns in the population's order. */
class RoundRobinSelectorTest {

    private ComponentState state = ComponentState.EMPTY;
    private int round;

    @Test
    void roundsContinueAfterTheLastPositionAndWrapAround() {
        ClientSelector three = ClientSelector.roundRobin(3);

        assertEquals("0 1 2", next(three, 7));
        assertEquals("3 4 5", next(three, 7));
        assertEquals("6 0 1", next(three, 7));
        assertEquals("2 3 4", next(three, 7));
        assertEquals(new SamplingScheme.Other("round-robin of 3"), three.scheme());
    }

    @Test
    void noClientIsTwiceInACohort() {
        ClientSelector five = ClientSelector.roundRobin(5);

        assertEquals("0 1 2", next(five, 3));
        assertEquals("0 1 2", next(five, 3));
        assertEquals("", next(five, 0));
        assertEquals("0 1 2 3 4", next(five, 5));
        assertEquals("5 0 1 2 3", next(five, 6));
        assertEquals("4 5 0 1 2", next(five, 6));
    }

    @Test
    void aPopulationThatGrewContinuesWithItsNewClients() {
        ClientSelector two = ClientSelector.roundRobin(2);

        assertEquals("0 1", next(two, 4));
        assertEquals("2 3", next(two, 4));
        assertEquals("4 5", next(two, 6));
        assertEquals("0 1", next(two, 6));
    }

    @Test
    void aPopulationThatGrewAfterWrappingContinuesAfterThePosition() {
        ClientSelector three = ClientSelector.roundRobin(3);

        assertEquals("0 1 2", next(three, 4));
        assertEquals("3 0 1", next(three, 4));
        assertEquals("2 3 4", next(three, 6));
    }

    @Test
    void aPopulationThatShrankIsCountedFromItsStart() {
        ClientSelector two = ClientSelector.roundRobin(2);

        assertEquals("0 1", next(two, 9));
        assertEquals("2 3", next(two, 9));
        assertEquals("1 2", next(two, 3));
        assertEquals("0", next(two, 1));
    }

    @Test
    void abandonedRoundsAdvanceThePosition() {
        ScriptedPopulation population = ScriptedPopulation.of(4, (self, task) -> {
            if (task.round() <= 2 || task.round() == 4) {
                throw new IOException("away");
            }
            return ClientUpdate.of(self, task, Toy.delta(1, 0, 0), 1);
        });
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .selector(ClientSelector.roundRobin(1))
                .runner(InProcessRunner.of(1))
                .build()) {
            RoundResult result = server.run(Toy.start(), 1);
            assertInstanceOf(RoundResult.Abandoned.class, result);
            StringBuilder asked = new StringBuilder(last(result));
            for (int i = 2; i <= 6; i++) {
                result = server.run(result.state(), 1);
                asked.append(' ').append(last(result));
            }
            assertEquals("0 1 2 3 0 1", asked.toString());
        }
    }

    @Test
    void rejectsTheStateOfAnotherSelector() {
        state = ComponentState.of("power-of-choice", 1).with("losses", new byte[0]);
        assertEquals(
                "'round-robin' version 1 cannot continue from the state of 'power-of-choice' version 1; was the run resumed"
                        + " with other settings?",
                assertThrows(IllegalStateException.class, () -> next(ClientSelector.roundRobin(1), 3))
                        .getMessage());
    }

    @Test
    void aSizeIsAtLeastOne() {
        assertEquals(
                "size must be at least 1, but was 0",
                assertThrows(IllegalArgumentException.class, () -> ClientSelector.roundRobin(0))
                        .getMessage());
    }

    private static String last(RoundResult result) {
        return numbers(Toy.report(result).outcomes().stream()
                .map(outcome -> outcome.client())
                .toList());
    }

    private String next(ClientSelector selector, int population) {
        round++;
        ClientSelector.Selection selection = selector.select(
                new ClientSelector.Context(round, ClientId.numbered("client-", population), 0, state, round));
        state = selection.state();
        return numbers(selection.cohort());
    }

    private static String numbers(List<ClientId> clients) {
        return clients.stream()
                .map(client -> client.value().substring("client-".length()))
                .collect(Collectors.joining(" "));
    }
}
