package org.fl4j.server.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.AbstractList;
import java.util.HashSet;
import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.random.Seeds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.MeanRule;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.Toy;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientSelectorTest {

    private static final List<ClientId> HUNDRED = ClientId.numbered("client-", 100);

    @Test
    void allSelectsEveryClientInThePopulationsOrder() {
        assertEquals(ClientSelector.Selection.of(HUNDRED), ClientSelector.all().select(context(HUNDRED, 0, 1)));
        assertEquals(new SamplingScheme.EveryClient(), ClientSelector.all().scheme());
    }

    @Test
    void uniformSelectsDistinctClients() {
        for (int seed = 0; seed < 100; seed++) {
            List<ClientId> cohort = uniform(10, HUNDRED, 0, seed).cohort();

            assertEquals(10, new HashSet<>(cohort).size());
            assertEquals(10, cohort.size());
            assertTrue(HUNDRED.containsAll(cohort));
        }
        assertEquals(
                new SamplingScheme.FixedSize(10), ClientSelector.uniform(10).scheme());
    }

    /** The same clients, and so the same scheme; what learns goes on learning. */
    @Test
    void inOrderMovesNobodyInOrOut() {
        ClientSelector uniform = ClientSelector.uniform(10);
        ClientSelector.Selection drawn = uniform.select(context(HUNDRED, 0.3, 1));
        ClientSelector.Selection ordered = uniform.inOrder().select(context(HUNDRED, 0.3, 1));

        assertNotEquals(drawn.cohort(), ordered.cohort());
        assertEquals(HUNDRED.stream().filter(drawn.cohort()::contains).toList(), ordered.cohort());
        assertEquals(drawn.enough(), ordered.enough());
        assertEquals(uniform.scheme(), uniform.inOrder().scheme());
        assertTrue(uniform.inOrder().overSelects());
        assertTrue(uniform.inOrder().fillsPlaces());
        assertInstanceOf(
                ClientSelector.Informed.class,
                ClientSelector.powerOfChoice(2, 4).inOrder());
    }

    @Test
    void uniformDependsOnTheSeed() {
        assertEquals(uniform(10, HUNDRED, 0, 1), uniform(10, HUNDRED, 0, 1));
        assertNotEquals(uniform(10, HUNDRED, 0, 1), uniform(10, HUNDRED, 0, 2));
    }

    @Test
    void uniformSelectsAllOfASmallPopulation() {
        ClientSelector.Selection selection = uniform(200, HUNDRED, 0.5, 1);

        assertEquals(new HashSet<>(HUNDRED), new HashSet<>(selection.cohort()));
        assertEquals(100, selection.cohort().size());
        assertEquals(Integer.MAX_VALUE, selection.enough());
        assertEquals(List.of(), uniform(5, List.of(), 0, 1).cohort());
    }

    /**
     * 2,000 cohorts of 10 of 100. Drawing without replacement, sum (O - E)^2 / (R p (1 - p) N / (N - 1)) is chi-square with
     * N - 1 = 99 degrees of freedom, E = 200. P(chi-square < 45) + P(chi-square > 180) is about 2e-6 (Wilson and
     * Hilferty); so is it for who comes first, E = 20.
     */
    @Test
    void uniformSelectsEachClientEquallyOftenAndEquallyOftenFirst() {
        int rounds = 2000;
        int[] taken = new int[100];
        int[] first = new int[100];
        for (int round = 1; round <= rounds; round++) {
            List<ClientId> cohort = uniform(10, HUNDRED, 0, Seeds.derive(20_230_701, round, "selection"))
                    .cohort();
            cohort.forEach(id -> taken[HUNDRED.indexOf(id)]++);
            first[HUNDRED.indexOf(cohort.get(0))]++;
        }
        double ofTaken = squares(taken, 200) / (rounds * 0.1 * 0.9 * 100 / 99);
        double ofFirst = squares(first, 20) / (rounds * 0.01 * 0.99 * 100 / 99);

        assertTrue(ofTaken > 45 && ofTaken < 180, () -> "chi-square " + ofTaken);
        assertTrue(ofFirst > 45 && ofFirst < 180, () -> "chi-square " + ofFirst);
    }

    /** In decimal arithmetic, rounded up. In binary 100 * (1 + 0.1) is 110.00000000000001. */
    @ParameterizedTest(name = "{0} and {1} more of 1000 are {2}")
    @CsvSource({"10, 0.3, 13", "10, 0.25, 13", "100, 0.1, 110", "100, 0.07, 107", "10, 1.0, 20", "10, 1e300, 1000"})
    void overSelectionSelectsMoreAndEndsWithTheSize(int size, double more, int taken) {
        ClientSelector.Selection selection = uniform(size, ClientId.numbered("client-", 1000), more, 1);

        assertEquals(taken, selection.cohort().size());
        assertEquals(size, selection.enough());
    }

    @ParameterizedTest(name = "of {0}")
    @ValueSource(ints = {1_000, 1_000_000})
    void uniformAsksThePopulationForItsCohortOnly(int population) {
        CountedIds ids = new CountedIds(population);
        uniform(10, ids, 0.3, 1);

        assertEquals(13, ids.asked);
    }

    @Test
    void aRoundOfAMillionClientsMakesNoMoreIdsThanItsCohort() {
        CountedIds ids = new CountedIds(1_000_000);
        ScriptedPopulation population = ScriptedPopulation.of(1_000_000, Toy.moves(1, 0, 0));
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(ClientProvider.of(ids, population::client))
                .selector(ClientSelector.uniform(10))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            assertInstanceOf(RoundResult.Advanced.class, server.run(Toy.start(), 3));
        }
        assertEquals(3 * 10 + 1, ids.asked, "the cohorts, and one asked for objections before the first");
    }

    /**
     * 200 cohorts of 10,000 clients with q = 0.01: 20,000 expected in all, standard deviation sqrt(2e6 q (1 - q)) = 140.7.
     * Fresh coins every time; the false-alarm probability at six standard deviations is 2e-9.
     */
    @Test
    void poissonSelectsEachClientWithItsProbability() {
        List<ClientId> ids = ClientId.numbered("client-", 10_000);
        ClientSelector poisson = ClientSelector.poisson(0.01);
        double taken = 0;
        for (int i = 0; i < 200; i++) {
            List<ClientId> cohort = poisson.select(context(ids, 0, 1)).cohort();
            assertEquals(cohort.size(), new HashSet<>(cohort).size());
            taken += cohort.size();
        }
        assertEquals(20_000, taken, 6 * 140.7);
    }

    /** The probability that two fresh cohorts of about 5,000 of 10,000 agree is 2^-10,000. */
    @Test
    void poissonIsFreshWithTheSameSeed() {
        List<ClientId> ids = ClientId.numbered("client-", 10_000);
        ClientSelector poisson = ClientSelector.poisson(0.5);

        assertNotEquals(
                poisson.select(context(ids, 0, 1)).cohort(),
                poisson.select(context(ids, 0, 1)).cohort());
        assertEquals(new SamplingScheme.Poisson(0.5, SamplingScheme.Source.CRYPTOGRAPHIC), poisson.scheme());
    }

    @Test
    void poissonOfProbabilityOneSelectsEveryClient() {
        assertEquals(
                HUNDRED,
                ClientSelector.poisson(1).select(context(HUNDRED, 0, 1)).cohort());
    }

    @Test
    void seededPoissonIsReproducibleAndItsSchemeSaysSo() {
        ClientSelector seeded = PoissonSelector.seeded(0.3);

        assertEquals(seeded.select(context(HUNDRED, 0, 1)), seeded.select(context(HUNDRED, 0, 1)));
        assertNotEquals(seeded.select(context(HUNDRED, 0, 1)), seeded.select(context(HUNDRED, 0, 2)));
        assertEquals(new SamplingScheme.Poisson(0.3, SamplingScheme.Source.SEEDED), seeded.scheme());
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.1, 1.0000001, Double.NaN, Double.POSITIVE_INFINITY})
    void rejectsProbabilitiesOutOfRange(double q) {
        IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, () -> ClientSelector.poisson(q));

        assertEquals("probability must be in (0, 1], but was " + q, thrown.getMessage());
    }

    @Test
    void aSizeIsAtLeastOne() {
        IllegalArgumentException thrown = assertThrows(IllegalArgumentException.class, () -> ClientSelector.uniform(0));

        assertEquals("size must be at least 1, but was 0", thrown.getMessage());
    }

    private static ClientSelector.Selection uniform(int size, List<ClientId> population, double more, long seed) {
        return ClientSelector.uniform(size).select(context(population, more, seed));
    }

    private static ClientSelector.Context context(List<ClientId> population, double more, long seed) {
        return new ClientSelector.Context(1, population, more, ComponentState.EMPTY, seed);
    }

    private static double squares(int[] observed, double expected) {
        double sum = 0;
        for (int o : observed) {
            sum += (o - expected) * (o - expected);
        }
        return sum;
    }

    /** Ids that are counted as they are made. */
    private static final class CountedIds extends AbstractList<ClientId> {

        private final List<ClientId> ids;
        private int asked;

        CountedIds(int size) {
            ids = ClientId.numbered("client-", size);
        }

        @Override
        public ClientId get(int index) {
            asked++;
            return ids.get(index);
        }

        @Override
        public int size() {
            return ids.size();
        }
    }
}
