package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.FarBlockRunner;
import org.junit.jupiter.api.Test;

/** A second runner, which sends each block and its result through their binary form, against the first. */
class BlockSessionTest {

    private static final int CLIENTS = 40;

    @Test
    void blocksTrainedElsewhereGiveTheSameBitsAndReports() {
        RoundResult here;
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            here = run(runner);
        }
        FarBlockRunner elsewhere = far();
        RoundResult there = run(elsewhere);

        assertEquals(here.state(), there.state());
        assertEquals(Toy.outcomes(here), Toy.outcomes(there));
        assertEquals(Toy.report(here).metrics(), Toy.report(there).metrics());
        // Three rounds of 40 clients: 16, 16, 8.
        assertEquals(9, elsewhere.answers().size());
    }

    /** What clients remember travels both ways, and the rule's objective reaches them there. */
    @Test
    void clientsRememberWhereBlocksTrainElsewhere() {
        MeanRule rule = MeanRule.plain()
                .minimising(RuleObjectiveTest.DRIFT, new RuleObjectiveTest.Drift())
                .sending(context -> Map.of("direction", Toy.delta(0, 0, context.round())));
        ServerState here;
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            here = run(rule, remembering(), runner).state();
        }

        assertEquals(here, run(rule, remembering(), far(rule, remembering())).state());
        assertNotEquals(Toy.weights(0, 0, 0), here.weights());
    }

    @Test
    void aPrivateRulesBlocksGiveTheSameBits() {
        MeanRule rule = MeanRule.plain().guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));
        ServerState here;
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            here = run(rule, population(), runner).state();
        }

        assertEquals(here, run(rule, population(), far(rule, population())).state());
    }

    /** One sum and 16 receipts, whatever the updates' number. */
    @Test
    void anAnswerIsNoLargerThanASumAndItsReceipts() {
        FarBlockRunner elsewhere = far();
        run(elsewhere);
        assertTrue(elsewhere.answers().stream().allMatch(bytes -> bytes < 2_000), () -> elsewhere.answers() + " bytes");
    }

    /** Whoever drives the block is told to stop; it is no failure of the client. */
    @Test
    void anInterruptEndsTheBlockAndKeepsTheFlag() {
        ScriptedPopulation population = population().but(5, (self, task) -> {
            throw new InterruptedException();
        });
        FarBlockRunner elsewhere = far(MeanRule.plain(), population);

        assertThrows(RunInterruptedException.class, () -> run(elsewhere));
        assertTrue(Thread.interrupted(), "the flag is kept");
    }

    @Test
    void damagedAnswersEndTheRun() {
        FarBlockRunner damaging = far().through(bytes -> {
            byte[] damaged = bytes.clone();
            damaged[damaged.length / 2] ^= 1;
            return damaged;
        });
        assertThrows(CorruptDataException.class, () -> run(damaging));
    }

    @Test
    void anotherBlocksAnswerEndsTheRun() {
        List<byte[]> first = new ArrayList<>();
        FarBlockRunner mixing = far().through(bytes -> {
            first.add(bytes);
            return first.get(0);
        });
        assertEquals(
                "round 1: the result must be block 1's, of its 16 clients, but was block 0's, of 16; does the runner mix up"
                        + " blocks?",
                assertThrows(CorruptDataException.class, () -> run(mixing)).getMessage());
    }

    /** Of the same block and clients, three blocks a round. */
    @Test
    void anEarlierRoundsAnswerEndsTheRun() {
        List<byte[]> answers = new ArrayList<>();
        FarBlockRunner late = far().through(bytes -> {
            answers.add(bytes);
            return answers.get(answers.size() <= 3 ? answers.size() - 1 : answers.size() - 4);
        });
        assertEquals(
                "round 2: the result of block 0 must be of this attempt, but was of another one or of another run; did an old"
                        + " answer arrive late?",
                assertThrows(CorruptDataException.class, () -> run(late)).getMessage());
    }

    private static RoundResult run(ClientRunner runner) {
        return run(MeanRule.plain(), population(), runner);
    }

    private static ClientProvider remembering() {
        return ClientProvider.local(
                ClientId.numbered("client-", CLIENTS), id -> "data", ModelPool.of(RuleObjectiveTest.Still::new));
    }

    private static RoundResult run(LinearAggregator rule, ClientProvider clients, ClientRunner runner) {
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(clients)
                .localTraining(Toy.TRAINING)
                .runner(runner)
                .build()) {
            ServerState start = Toy.start();
            return server.run(start, 3);
        }
    }

    /** Every client wanders by its own seed; one fails, one diverges, one is of another round. */
    private static ScriptedPopulation population() {
        return ScriptedPopulation.of(CLIENTS, Toy::wanders)
                .but(3, (self, task) -> {
                    throw new IllegalStateException("absent");
                })
                .but(17, Toy.moves(Double.NaN, 0, 0))
                .but(39, (self, task) -> null);
    }

    private static FarBlockRunner far() {
        return far(MeanRule.plain(), population());
    }

    private static FarBlockRunner far(LinearAggregator rule, ClientProvider clients) {
        return FarBlockRunner.of(BlockSession.of(rule, clients));
    }
}
