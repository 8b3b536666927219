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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Turns in the population's order. */
class RoundRobinSelectorTest {

    private ComponentState state = ComponentState.EMPTY;
    private int round;

    /** Cohort after cohort of one selector: {@code cohort of population}. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
                    continues where the last round stopped and wraps around | 3 | 0 1 2 of 7; 3 4 5 of 7; 6 0 1 of 7; 2 3 4 of 7
                    selects no client twice | 5 | 0 1 2 of 3; 0 1 2 of 3; of 0; 0 1 2 3 4 of 5; 5 0 1 2 3 of 6; 4 5 0 1 2 of 6
                    continues with the new clients of a population that grew | 2 | 0 1 of 4; 2 3 of 4; 4 5 of 6; 0 1 of 6
                    continues behind a wrapped turn when the population grew | 3 | 0 1 2 of 4; 3 0 1 of 4; 2 3 4 of 6
                    counts a population that shrank from its start | 2 | 0 1 of 9; 2 3 of 9; 1 2 of 3; 0 of 1
                    """)
    void selectsInTurns(String what, int size, String cohorts) {
        ClientSelector selector = ClientSelector.roundRobin(size);
        for (String expected : cohorts.split("; ", -1)) {
            int population = Integer.parseInt(expected.substring(expected.lastIndexOf(' ') + 1));
            assertEquals(expected, (next(selector, population) + " of " + population).strip());
        }
        assertEquals(new SamplingScheme.Other("round-robin of " + size), selector.scheme());
    }

    @Test
    void countsAnAbandonedRoundAsATurn() {
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

    /** Several times in one round; whose turn comes while it is taken is passed over. */
    @Test
    void placesAreFilledInTurns() {
        ClientSelector selector = ClientSelector.roundRobin(3);
        round = 1;

        assertEquals("0 2 3", fill(selector, 3));
        assertEquals("4", fill(selector, 1));
        assertEquals("5", fill(selector, 1));
        assertEquals("0 2", fill(selector, 2));
        round = 2;
        assertEquals("3", fill(selector, 1));
    }

    private String fill(ClientSelector selector, int places) {
        ClientSelector.Selection selection = selector.fill(
                new ClientSelector.Context(round, ClientId.numbered("client-", 6), 0, state, 0),
                places,
                client -> client.value().equals("client-1"));
        state = selection.state();
        return numbers(selection.cohort());
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
    void rejectsASizeBelowOne() {
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
