package org.fl4j.server.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.random.Seeds;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;

/** Of the candidates drawn, those with the largest last loss. */
class PowerOfChoiceSelectorTest {

    private static final List<ClientId> HUNDRED = ClientId.numbered("client-", 100);

    @Test
    void selectsTheLargestLastLossesOfTheCandidates() {
        List<ClientId> population = HUNDRED.subList(0, 5);
        ClientSelector.Informed greedy = ClientSelector.powerOfChoice(3, 5);
        ComponentState state = greedy.observe(ComponentState.EMPTY, reports(population, 0.1, 0.5, 0.3, -1, 0.4));

        assertEquals(List.of(id(1), id(4), id(2)), cohort(greedy, population, state, 1));
        state = greedy.observe(state, reports(List.of(id(1), id(3)), 0.2, 7));
        assertEquals(List.of(id(3), id(4), id(2)), cohort(greedy, population, state, 1));
    }

    @Test
    void clientsWithoutALossComeFirstInDrawnOrder() {
        ClientSelector.Informed choice = ClientSelector.powerOfChoice(4, 100);
        List<ClientId> drawn = cohort(ClientSelector.uniform(100), HUNDRED, ComponentState.EMPTY, 5);
        assertEquals(drawn.subList(0, 4), cohort(choice, HUNDRED, ComponentState.EMPTY, 5));

        List<ClientId> seen = new ArrayList<>(drawn);
        seen.removeAll(List.of(drawn.get(40), drawn.get(70)));
        ComponentState state = choice.observe(
                ComponentState.EMPTY,
                reports(seen, IntStream.range(0, 98).mapToDouble(i -> 2).toArray()));
        assertEquals(
                List.of(drawn.get(40), drawn.get(70), drawn.get(0), drawn.get(1)), cohort(choice, HUNDRED, state, 5));
    }

    @Test
    void asManyCandidatesAsTheSizeIsAUniformSample() {
        ComponentState state = ClientSelector.powerOfChoice(10, 10)
                .observe(
                        ComponentState.EMPTY,
                        reports(
                                HUNDRED,
                                IntStream.range(0, 100).mapToDouble(i -> 1).toArray()));
        assertEquals(
                cohort(ClientSelector.uniform(10), HUNDRED, ComponentState.EMPTY, 3),
                cohort(ClientSelector.powerOfChoice(10, 10), HUNDRED, state, 3));
    }

    @Test
    void selectsAllOfASmallPopulation() {
        assertEquals(
                2,
                cohort(ClientSelector.powerOfChoice(3, 9), HUNDRED.subList(0, 2), ComponentState.EMPTY, 1)
                        .size());
        assertEquals(List.of(), cohort(ClientSelector.powerOfChoice(3, 9), List.of(), ComponentState.EMPTY, 1));
    }

    @Test
    void aClientThatDidNotCompleteKeepsItsLoss() {
        ClientSelector.Informed greedy = ClientSelector.powerOfChoice(1, 2);
        List<ClientId> two = HUNDRED.subList(0, 2);
        ComponentState state = greedy.observe(ComponentState.EMPTY, reports(two, 1, 2));
        List<ClientOutcome<ClientUpdate.Receipt>> outcomes = new ArrayList<>(reports(List.of(id(0)), 1.5));
        outcomes.add(new ClientOutcome.Failed<>(id(1), new IOException("away")));

        assertEquals(List.of(id(1)), cohort(greedy, two, greedy.observe(state, outcomes), 1));
    }

    /** It would take none in any round, and always be the first choice. */
    @Test
    void aClientWithoutAStepComesLast() {
        ClientSelector.Informed greedy = ClientSelector.powerOfChoice(2, 3);
        List<ClientId> three = HUNDRED.subList(0, 3);
        ClientOutcome<ClientUpdate.Receipt> noStep = new ClientOutcome.Completed<>(
                id(0), new ClientUpdate.Receipt(OptionalLong.of(1), Map.of(ClientUpdate.STEPS, 0.0)));
        ComponentState alone = greedy.observe(ComponentState.EMPTY, List.of(noStep));
        ComponentState state = greedy.observe(alone, reports(three.subList(1, 3), -1, 0));
        assertEquals(List.of(id(2), id(1)), cohort(greedy, three, state, 1));

        List<ClientOutcome<ClientUpdate.Receipt>> later = new ArrayList<>(reports(List.of(id(0)), 5));
        state = greedy.observe(greedy.observe(state, later), List.of(noStep));
        assertEquals(List.of(id(0), id(2)), cohort(greedy, three, state, 1), "its last loss is kept");
    }

    @Test
    void whatItRemembersDoesNotDependOnTheOrderOfReports() {
        ClientSelector.Informed choice = ClientSelector.powerOfChoice(1, 2);
        assertEquals(
                choice.observe(ComponentState.EMPTY, reports(List.of(id(0), id(1)), 1, 2)),
                choice.observe(ComponentState.EMPTY, reports(List.of(id(1), id(0)), 2, 1)));
    }

    /**
     * 1,000 cohorts of 5 out of 20 candidates of 100, of which 10 have the larger loss. The number of these among the
     * candidates is hypergeometric, H(100, 10, 20); min(5, H) has mean 1.9957 and standard deviation 1.1930, so their sum has
     * 1995.7 and 37.7 (a uniform sample: 500). The false-alarm probability at six standard deviations is 2e-9.
     */
    @Test
    void clientsOfLargeLossAreSelectedMoreOften() {
        ClientSelector.Informed choice = ClientSelector.powerOfChoice(5, 20);
        ComponentState state = choice.observe(
                ComponentState.EMPTY,
                reports(
                        HUNDRED,
                        IntStream.range(0, 100)
                                .mapToDouble(i -> i % 10 == 3 ? 2 : 1)
                                .toArray()));
        long large = 0;
        for (int round = 1; round <= 1000; round++) {
            large += cohort(choice, HUNDRED, state, Seeds.derive(2010_01243, round, "selection")).stream()
                    .filter(client -> client.value().endsWith("3"))
                    .count();
        }
        assertEquals(1995.7, (double) large, 6 * 37.7);
    }

    @Test
    void updatesWithoutALossThrow() {
        ClientSelector.Informed choice = ClientSelector.powerOfChoice(1, 2);
        List<ClientOutcome<ClientUpdate.Receipt>> silent = List.of(new ClientOutcome.Completed<>(
                id(0), new ClientUpdate.Receipt(OptionalLong.of(1), Map.of("accuracy", 1.0))));
        assertEquals(
                "power-of-choice goes by the clients' training losses, but none of the 1 updates of the round has a scalar"
                        + " 'loss'",
                assertThrows(IllegalStateException.class, () -> choice.observe(ComponentState.EMPTY, silent))
                        .getMessage());
    }

    @Test
    void rejectsSizesOutOfRange() {
        assertEquals(
                "size must be at least 1, but was 0",
                assertThrows(IllegalArgumentException.class, () -> ClientSelector.powerOfChoice(0, 5))
                        .getMessage());
        assertEquals(
                "candidates must be at least size, here 6, but was 5",
                assertThrows(IllegalArgumentException.class, () -> ClientSelector.powerOfChoice(6, 5))
                        .getMessage());
        assertEquals(
                new SamplingScheme.Other("power-of-choice, 5 of 20"),
                ClientSelector.powerOfChoice(5, 20).scheme());
    }

    private static ClientId id(int client) {
        return HUNDRED.get(client);
    }

    private static List<ClientOutcome<ClientUpdate.Receipt>> reports(List<ClientId> clients, double... losses) {
        return IntStream.range(0, clients.size())
                .<ClientOutcome<ClientUpdate.Receipt>>mapToObj(i -> new ClientOutcome.Completed<>(
                        clients.get(i),
                        new ClientUpdate.Receipt(OptionalLong.of(1), Map.of(ClientUpdate.LOSS, losses[i]))))
                .toList();
    }

    private static List<ClientId> cohort(
            ClientSelector selector, List<ClientId> population, ComponentState state, long seed) {
        return selector.select(new ClientSelector.Context(1, population, 0, state, seed))
                .cohort();
    }
}
