package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Collusion;
import org.fl4j.simulation.Trouble;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that send one forged update. */
@Timeout(60)
class CollusionTest {

    private static final List<ClientId> IDS = ClientId.numbered("client-", 9);
    private static final Set<ClientId> THREE = Set.of(IDS.get(1), IDS.get(4), IDS.get(5));

    /** Of these the means are 2, 2 and 1, the deviations 1, 0 and 3. */
    private final ScriptedPopulation pair =
            ScriptedPopulation.of(2, Toy.moves(1, 2, 4)).but(1, Toy.moves(3, 2, -2));

    @Test
    void forgedUpdatesAreThoseOfThePapers() {
        assertEquals(Toy.weights(0.5f, 2, -3.5f), forged(Collusion.littleIsEnough(1.5)));
        assertEquals(Toy.weights(-1, -1, -0.5f), forged(Collusion.innerProduct(0.5)));
        assertEquals(Toy.weights(2, 2, 1), forged((mean, deviation) -> mean));
    }

    /** By Python's {@code statistics.NormalDist().inv_cdf}, of 24 / 26, 9 / 16 and 1 / 2. */
    @Test
    void theLargestUnseenDistanceIsThatOfThePapersFormula() {
        assertEquals(-1.4260768722728479, Collusion.littleIsEnough(50, 24).forge(0, 1), 1e-13);
        assertEquals(-0.15731068461017067, Collusion.littleIsEnough(20, 4).forge(0, 1), 1e-13);
        assertEquals(0, Collusion.littleIsEnough(3, 1).forge(0, 1), 1e-13);
        // One honest client is left: 4999 of 5000.
        assertEquals(-3.540083799206174, Collusion.littleIsEnough(9_999, 4_999).forge(0, 1), 1e-11);
        assertEquals(
                "colluders must be fewer than half of 10 clients, but was 5; a majority decides by itself",
                assertThrows(IllegalArgumentException.class, () -> Collusion.littleIsEnough(10, 5))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> Collusion.littleIsEnough(10, 0));
        assertThrows(IllegalArgumentException.class, () -> Collusion.littleIsEnough(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> Collusion.innerProduct(0));
        assertThrows(IllegalArgumentException.class, () -> Trouble.seeded(1).colluding(Set.of(), (m, s) -> m));
    }

    /** Cohorts of four of nine, so that who is the first of the colluders differs by round and thread. */
    @Test
    void aColludingRoundHasTheSameBitsOnAnyNumberOfThreads() {
        ServerState one = run(colluding(), 1);

        assertEquals(one, run(colluding(), 2));
        assertEquals(one, run(colluding(), 8));
        assertNotEquals(one, run(ScriptedPopulation.of(9, Toy::wanders), 2));
    }

    /** As the first of them that a thread comes to is another each time. */
    @Test
    void theForgedUpdateIsTheSameWhoeverIsAskedFirst() {
        Set<ModelWeights> forged = new HashSet<>();
        for (ClientId first : THREE) {
            ClientSelector one = ClientSelector.all().among((round, client) -> client.equals(first));
            forged.add(run(colluding(), one, 1, 1).weights());
        }
        assertEquals(1, forged.size());
    }

    @Test
    void theyTrainOnceEachForAllOfThemInEachRun() {
        AtomicInteger trained = new AtomicInteger();
        ClientProvider counted = Trouble.seeded(3)
                .colluding(Set.copyOf(IDS), Collusion.littleIsEnough(1))
                .around(ScriptedPopulation.of(9, (self, task) -> {
                    trained.incrementAndGet();
                    return Toy.wanders(self, task);
                }));
        run(counted, 8);
        assertEquals(20 * 9, trained.get());
    }

    private ModelWeights forged(Collusion how) {
        ClientProvider clients =
                Trouble.seeded(2).colluding(Set.copyOf(pair.ids()), how).around(pair);
        ModelWeights end = run(clients, ClientSelector.all(), 2, 1).weights();
        ModelWeights ofOne = run(clients, ClientSelector.roundRobin(1), 2, 1).weights();
        assertEquals(end, ofOne, "also where only one of them is asked");
        return end;
    }

    private static ClientProvider colluding() {
        return Trouble.seeded(3)
                .colluding(THREE, Collusion.littleIsEnough(9, 3))
                .of(0.2, Trouble.crash())
                .around(ScriptedPopulation.of(9, Toy::wanders));
    }

    private static ServerState run(ClientProvider clients, int threads) {
        return run(clients, ClientSelector.uniform(4), threads, 20);
    }

    private static ServerState run(ClientProvider clients, ClientSelector selector, int threads, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(threads);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(clients)
                        .selector(selector)
                        .localTraining(Toy.TRAINING)
                        .runner(runner)
                        .build()) {
            return server.run(Toy.start(), rounds).state();
        }
    }
}
