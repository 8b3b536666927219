package org.fl4j.server.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.MeanRule;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.Toy;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;

/** No client twice within some rounds, whatever happens between them. */
class SeparatedSelectorTest {

    /** A population that loses and wins clients every round, in an order that changes. */
    @Test
    void keepsClientsApartThoughThePopulationChanges() {
        ClientSelector selector = ClientSelector.separated(7);
        Map<ClientId, Integer> last = new HashMap<>();
        for (int round = 1; round <= 70; round++) {
            List<ClientId> population = new ArrayList<>(ClientId.numbered("c", 100 + round));
            population.subList(0, round % 13).clear();
            Collections.rotate(population, round);
            for (ClientId client : select(selector, round, population)) {
                Integer before = last.put(client, round);
                assertTrue(before == null || round - before >= 7, client + " in rounds " + before + " and " + round);
            }
        }
    }

    @Test
    void asksEverybodyOnceInTheirTurn() {
        List<ClientId> population = ClientId.numbered("c", 7000);
        List<ClientId> asked = new ArrayList<>();
        for (int round = 4; round < 4 + 7; round++) {
            List<ClientId> cohort = select(ClientSelector.separated(7), round, population);
            assertEquals(1000, cohort.size(), 200, "about a seventh: seven deviations of 29");
            assertEquals(
                    cohort,
                    cohort.stream()
                            .sorted(Comparator.comparing(population::indexOf))
                            .toList());
            asked.addAll(cohort);
        }
        assertEquals(7000, asked.stream().distinct().count());
        assertEquals(7000, asked.size());
        assertEquals(population, select(ClientSelector.separated(1), 3, population));
        assertEquals(
                select(ClientSelector.separated(7), 1, population), select(ClientSelector.separated(7), 8, population));
    }

    @Test
    void saysSo() {
        assertEquals(
                new SamplingScheme.Separated(7), ClientSelector.separated(7).scheme());
        assertEquals(
                new SamplingScheme.Separated(7),
                ClientSelector.separated(7).inOrder().scheme());
        assertEquals(
                "rounds must be at least 1, but was 0",
                assertThrows(IllegalArgumentException.class, () -> ClientSelector.separated(0))
                        .getMessage());
    }

    @Test
    void rejectsRetries() {
        ServerBuilder builder = FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(4, Toy.moves(1, 0, 0)))
                .localTraining(Toy.TRAINING)
                .selector(ClientSelector.separated(2))
                .policy(RoundPolicy.DEFAULT.withRetries(1, Duration.ZERO));
        assertEquals(
                "retries, here 1, are rejected with Separated[rounds=2]: another attempt asks the same clients again within"
                        + " the round",
                assertThrows(IllegalStateException.class, builder::build).getMessage());
        try (FederatedServer server = builder.policy(RoundPolicy.DEFAULT).build()) {
            assertEquals(2, server.run(Toy.start(), 2).state().round());
        }
    }

    private static List<ClientId> select(ClientSelector selector, int round, List<ClientId> population) {
        return selector.select(new ClientSelector.Context(round, population, 0, ComponentState.EMPTY, 5))
                .cohort();
    }
}
