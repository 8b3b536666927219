package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The runner a server makes for itself: how many threads and how much memory for whom. */
@Timeout(60)
class OwnRunnerTest {

    private static final ScriptedPopulation HERE = ScriptedPopulation.of(1, Toy.moves(1, 0, 0));
    private static final RoundPolicy DEADLINE = RoundPolicy.DEFAULT.withDeadline(Duration.ofSeconds(30));
    private static final long MB = 1 << 20;

    @Test
    void withoutStragglersTheWindowIsThatOfTheThreads() {
        assertEquals("InProcessRunner[threads=2, window=4]", runner(HERE, RoundPolicy.DEFAULT, 256 * MB, MB));
        assertEquals("InProcessRunner[threads=2, window=8]", runner(HERE, RoundPolicy.DEFAULT, 256 * MB, MB / 8));
        assertEquals("InProcessRunner[threads=2, window=64]", runner(HERE, RoundPolicy.DEFAULT, 256 * MB, 1));
    }

    /** 256 / 3 = 85; never less than where no stragglers are expected. */
    @Test
    void theWindowWithStragglersFitsAThirdOfTheHeap() {
        assertEquals("InProcessRunner[threads=2, window=85]", runner(HERE, DEADLINE, 256 * MB, MB));
        assertEquals(
                "InProcessRunner[threads=2, window=85]",
                runner(HERE, RoundPolicy.DEFAULT.withOverSelection(0.3), 256 * MB, MB));
        assertEquals("InProcessRunner[threads=2, window=4]", runner(HERE, DEADLINE, 256 * MB, 100 * MB));
        assertEquals("InProcessRunner[threads=2, window=2147483647]", runner(HERE, DEADLINE, Long.MAX_VALUE, 1));
    }

    @Test
    void remoteClientsHaveAThreadEach() {
        assertEquals(
                "InProcessRunner[threads=256, window=85]", runner(HERE.remote(), RoundPolicy.DEFAULT, 256 * MB, MB));
    }

    /** Fifty clients that wait for each other: on a thread a processor, they would wait for ever. */
    @Test
    void remoteClientsOfARoundTrainAtTheSameTime() {
        CountDownLatch all = new CountDownLatch(50);
        ClientProvider population = ScriptedPopulation.of(50, (self, task) -> {
                    all.countDown();
                    all.await();
                    return ClientUpdate.of(self, task, Toy.delta(2, 0, 0), 1);
                })
                .remote();
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .policy(DEADLINE)
                .build()) {
            RoundResult.Report report = Toy.report(server.run(Toy.start(), 1));

            assertEquals(population.ids(), report.completed());
        }
    }

    /** The slow one is the first of the cohort and waits for all others; every update is of another client and size. */
    @Test
    void aStragglerDoesNotChangeTheBits() {
        ScriptedPopulation quick = ScriptedPopulation.of(100, Toy::wanders);
        CountDownLatch others = new CountDownLatch(99);
        ScriptedPopulation slow = ScriptedPopulation.of(100, (self, task) -> {
                    others.countDown();
                    return Toy.wanders(self, task);
                })
                .but(0, (self, task) -> {
                    others.await();
                    return Toy.wanders(self, task);
                });

        ServerState expected = run(quick, RoundPolicy.DEFAULT);
        ServerState actual = run(slow, DEADLINE);

        assertEquals(expected.weights(), actual.weights());
    }

    private static ServerState run(ScriptedPopulation population, RoundPolicy policy) {
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .policy(policy)
                .build()) {
            RoundResult result = server.run(Toy.start(), 1);
            assertEquals(100, Toy.report(result).completed().size());
            return result.state();
        }
    }

    private static String runner(ClientProvider clients, RoundPolicy policy, long heap, long bytes) {
        try (OwnRunner own = new OwnRunner(clients, policy, 2, heap)) {
            return own.forUpdatesOf(bytes).toString();
        }
    }
}
