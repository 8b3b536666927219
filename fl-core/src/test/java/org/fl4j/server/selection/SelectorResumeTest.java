package org.fl4j.server.selection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.MeanRule;
import org.fl4j.server.ScriptedPopulation;
import org.fl4j.server.Toy;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever selects, a resumed run has the bits of one that never stopped, and eight threads those of one. */
class SelectorResumeTest {

    private static final int CLIENTS = 40;

    static Stream<ClientSelector> selectors() {
        ClientSelector.Availability mostly = (round, client) -> (client.hashCode() + round) % 3 != 0 && round != 4;
        return Stream.of(
                        ClientSelector.all(),
                        ClientSelector.uniform(7),
                        PoissonSelector.seeded(0.2),
                        ClientSelector.roundRobin(7),
                        ClientSelector.powerOfChoice(7, 15))
                .flatMap(selector -> Stream.of(
                        selector,
                        selector.among(mostly),
                        selector.quarantining(1, 2),
                        selector.among(mostly).quarantining(2, 3)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("selectors")
    void fiveRoundsWrittenDownAndFiveMoreAreTenRounds(ClientSelector selector) {
        ServerState ten = run(selector, 2, Toy.start(), 10);
        byte[] five = run(selector, 2, Toy.start(), 5).toBytes();

        assertEquals(ten, run(selector, 2, ServerState.fromBytes(five), 5));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("selectors")
    void eightThreadsHaveTheBitsOfOne(ClientSelector selector) {
        assertEquals(run(selector, 1, Toy.start(), 6), run(selector, 8, Toy.start(), 6));
    }

    private static ServerState run(ClientSelector selector, int threads, ServerState from, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(threads);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(CLIENTS, SelectorResumeTest::sometimesFails))
                        .localTraining(Toy.TRAINING)
                        .selector(selector)
                        .runner(runner)
                        .build()) {
            return server.run(from, rounds).state();
        }
    }

    /** Every client now and then, and in the third round all: an abandoned round is part of the run. */
    private static ClientUpdate sometimesFails(ClientId self, TrainingTask task) throws IOException {
        if (task.round() == 3 || Math.floorMod(task.seed(), 5) == 0) {
            throw new IOException("away");
        }
        return Toy.wanders(self, task);
    }
}
