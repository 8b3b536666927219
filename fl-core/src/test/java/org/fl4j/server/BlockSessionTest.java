package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
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
        Thread drives = Thread.currentThread();
        CountDownLatch never = new CountDownLatch(1);
        ScriptedPopulation population = population().but(5, (self, task) -> {
            drives.interrupt();
            never.await();
            return null;
        });
        FarBlockRunner elsewhere = far(MeanRule.plain(), population);

        assertThrows(RunInterruptedException.class, () -> run(elsewhere));
        assertTrue(Thread.interrupted(), "the flag is kept");
    }

    /** The block goes back in time, with those that were; what the straggler would remember is not in it. */
    @Test
    void aDeadlineIsKeptWhereABlockTrains() {
        CountDownLatch never = new CountDownLatch(1);
        ScriptedPopulation population = ScriptedPopulation.of(4, Toy::wanders).but(2, (self, task) -> {
            never.await();
            return null;
        });
        Duration deadline = Duration.ofMillis(400);
        RoundResult result;
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .policy(RoundPolicy.DEFAULT.withDeadline(deadline))
                .runner(far(MeanRule.plain(), population))
                .build()) {
            result = server.run(Toy.start(), 1);
        }

        List<ClientId> ids = population.ids();
        List<ClientOutcome<ClientUpdate.Receipt>> outcomes = Toy.report(result).outcomes();
        assertInstanceOf(ClientOutcome.Completed.class, outcomes.get(0));
        assertInstanceOf(ClientOutcome.Completed.class, outcomes.get(1));
        assertEquals(new ClientOutcome.TimedOut<>(ids.get(2), deadline), outcomes.get(2));
        assertTrue(
                outcomes.get(3) instanceof ClientOutcome.Completed
                        || outcomes.get(3).equals(new ClientOutcome.NotStarted<>(ids.get(3), deadline)),
                () -> outcomes.get(3).describe());
    }

    /** Its sum would have been taken for one of the server's rule. */
    @Test
    void aRuleThatSumsSomethingElseIsRefused() {
        LinearAggregator another = new LinearAggregator() {
            @Override
            public LinearRound begin(RoundContext context) {
                return LinearRound.of(
                        List.of(Segment.unbounded("other", 3)),
                        update -> {
                            throw new AssertionError("nobody trains");
                        },
                        sum -> {
                            throw new AssertionError("there is no sum");
                        });
            }
        };
        String message = assertThrows(IllegalStateException.class, () -> run(far(another, population())))
                .getMessage();

        assertTrue(message.startsWith("round 1: the server's rule sums [Segment["), message);
        assertTrue(message.endsWith("; are both configured alike?"), message);
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
        return FarBlockRunner.of(rule, clients);
    }
}
