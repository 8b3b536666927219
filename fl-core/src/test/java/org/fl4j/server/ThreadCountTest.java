package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregation;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same bits on any number of threads, over more clients than a super-block holds, some of which fail. */
class ThreadCountTest {

    /**
     * Clients i and i + 300 send 2^70 and -2^70, others far less: what FP64 rounds away of these before the large ones
     * cancel depends on every block and its place. So a sum over other blocks is another number, not merely other last
     * bits, which FLOAT would hide.
     */
    private static final int PAIRS = 300;

    private static final int CLIENTS = 2 * PAIRS;
    private static final int ROUNDS = 3;

    private final ServerState onOneThread = run(1, 1);

    @ParameterizedTest(name = "{0} threads")
    @ValueSource(ints = {1, 2, 8})
    void moreThreadsDoNotChangeABit(int threads) {
        assertEquals(onOneThread, run(threads, threads));
    }

    @Test
    void aWiderWindowDoesNotChangeABit() {
        assertEquals(onOneThread, run(2, CLIENTS));
    }

    @Test
    void aRuleThatSeesEveryUpdateHasTheBitsOfTheSumInBlocks() {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(Toy.unlinear(MeanRule.plain()))
                        .clients(ScriptedPopulation.of(CLIENTS, ThreadCountTest::sometimesFails))
                        .localTraining(Toy.TRAINING)
                        .runner(runner)
                        .build()) {
            assertEquals(onOneThread, server.run(Toy.start(), ROUNDS).state());
        }
    }

    /** Shows that the tests above could fail. */
    @Test
    void anotherSeedDoesChangeBits() {
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(CLIENTS, ThreadCountTest::sometimesFails))
                .localTraining(Toy.TRAINING)
                .build()) {
            ServerState other = ServerState.initial(Toy.weights(0, 0, 0), Toy.SEED + 1);
            assertNotEquals(
                    onOneThread.weights(), server.run(other, ROUNDS).state().weights());
        }
    }

    private static ServerState run(int threads, int window) {
        try (InProcessRunner runner = InProcessRunner.of(threads).withWindow(window);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(CLIENTS, ThreadCountTest::sometimesFails))
                        .localTraining(Toy.TRAINING)
                        .runner(runner)
                        .build()) {
            return server.run(Toy.start(), ROUNDS).state();
        }
    }

    /** A fifth of the clients fail, and with them the whole of the third block and of the seventeenth. */
    private static ClientUpdate sometimesFails(ClientId self, TrainingTask task) throws IOException {
        int client = Integer.parseInt(self.value().substring("client-".length()));
        int pair = client % PAIRS;
        int block = pair / LinearAggregation.BLOCK_SIZE;
        if (pair % 5 == 4 || block == 2 || block == 16) {
            throw new IOException("away");
        }
        double large = client < PAIRS ? 0x1p70 : -0x1p70;
        double[] step = new double[Toy.LAYOUT.length()];
        DeterministicRandom random = new DeterministicRandom(task.seed());
        for (int i = 0; i < step.length; i++) {
            step[i] = pair % 2 == 0 ? large : 0x1p32 * random.nextGaussian();
        }
        return ClientUpdate.of(self, task, Toy.delta(step), 1);
    }
}
