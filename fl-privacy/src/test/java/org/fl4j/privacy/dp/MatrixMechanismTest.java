package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.LocalTraining;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.privacy.accounting.AnalyticGaussian;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class MatrixMechanismTest {

    private static final ModelDelta MOVE = ModelDelta.of(Fixtures.layout(2), 0.25, -0.5);
    private static final MatrixPlan PLAN = MatrixPlan.over(8).separatedBy(3);
    private static final int CLIENTS = 12;

    @TempDir
    private Path folder;

    @Test
    void withoutNoiseIsTheRule() {
        ServerState plain = run(ClippedMean.fixed(2).dividingBy(4), start(), 8).state();
        ServerState none = run(MatrixMechanism.on(ClippedMean.fixed(2).dividingBy(4), 0, PLAN), start(), 8)
                .state();

        assertEquals(plain.weights(), none.weights());
        assertNotEquals(0, plain.weights().get(0));
    }

    /** Same seeds, same bits, whether a run is played at once, resumed by another instance, or under masks. */
    @Test
    void aResumeContinuesTheSameNoise() {
        Supplier<byte[]> once = numbered();
        ServerState whole = run(seeded(once), start(), 8).state();
        Supplier<byte[]> twice = numbered();
        MatrixMechanism first = seeded(twice).journal(folder.resolve("journal"));
        ServerState fifth = run(first, start(), 5).state();
        MatrixMechanism second = seeded(twice).journal(folder.resolve("journal"));
        ServerState end = run(second, fifth, 3).state();

        assertEquals(8, whole.round());
        assertEquals(whole.weights(), end.weights());
        assertNotEquals(
                whole.weights(), run(seeded(numbered(100)), start(), 8).state().weights());
    }

    @Test
    void goesUnderMasks() {
        MatrixMechanism masked = seeded(numbered());
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(SecureSum.on(masked))
                        .clients(Releases.clients(40, MOVE))
                        .selector(ClientSelector.separated(3))
                        .localTraining(LocalTraining.epochs(1))
                        .runner(runner)
                        .build()) {
            ServerState end = server.run(start(), 3).state();
            ServerState clear = run(seeded(numbered()), start(), 3, 40).state();
            assertEquals(clear.weights(), end.weights());
            assertEquals(1, masked.statement(end.ledger(), 1e-5).rounds());
        }
    }

    /** The whole run is one Gaussian release, charged at the first round. */
    @Test
    void theRunIsChargedOnceAtItsFirstRound() {
        MatrixMechanism mechanism = MatrixMechanism.on(ClippedMean.fixed(1), 1.5, PLAN);
        ServerState one = run(mechanism, start(), 1).state();
        ServerState all = run(mechanism, one, 7).state();
        PrivacyStatement statement = mechanism.statement(all.ledger(), 1e-5);

        assertEquals(one.ledger(), all.ledger());
        double epsilon = AnalyticGaussian.ofSigma(1.5).epsilon(1e-5);
        assertTrue(statement.againstMembers().epsilon().contains(epsilon));
        assertEquals(statement.againstMembers(), statement.againstOutsiders());
        assertEquals(PrivacyStatement.PrivacyModel.CORRELATED, statement.model());
        String text = statement.text();
        assertTrue(text.contains("at delta 1.0E-5 after all rounds of its plan"), text);
        assertTrue(
                text.contains(
                        "rule: " + ClippedMean.fixed(1) + ", noise correlated over 8 planned rounds by a matrix of 3"
                                + " bands, for clients that take part at most once in any 3 successive rounds"),
                text);
        assertTrue(text.contains("the seeds of the noise, which the server is trusted with"), text);
        assertTrue(text.contains("model: correlated"), text);
    }

    @Test
    void aRoundBeyondThePlanIsRefused() {
        MatrixMechanism mechanism = MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN);
        RoundResult.Refused refused = assertInstanceOf(RoundResult.Refused.class, run(mechanism, start(), 20));

        assertEquals(8, refused.state().round());
        assertEquals(
                "round 9 is beyond the 8 rounds that the noise was planned for; the weights of the round before are what"
                        + " may be released",
                refused.reason());
        assertEquals(Map.of("round", 9.0, "planned", 8.0), refused.values());
    }

    @Test
    void aSelectorThatKeepsClientsTooNearIsRefused() {
        for (ClientSelector near :
                List.of(ClientSelector.all(), ClientSelector.poisson(0.1), ClientSelector.separated(2))) {
            MatrixMechanism mechanism = MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN);
            RoundResult.Refused refused =
                    assertInstanceOf(RoundResult.Refused.class, run(mechanism, near, start(), 1, CLIENTS));
            double apart = near.scheme() instanceof SamplingScheme.Separated ? 2 : 1;

            assertEquals(
                    "the plan counts on clients that take part at most once in any 3 successive rounds, but the scheme "
                            + near.scheme() + " keeps them " + (int) apart
                            + " apart; use ClientSelector.separated(3)",
                    refused.reason());
            assertEquals(Map.of("separation", apart, "planned", 3.0), refused.values());
            assertEquals(ComponentState.EMPTY, refused.state().ledger(), "nothing is charged");
        }
        MatrixMechanism everyRound =
                MatrixMechanism.on(ClippedMean.fixed(1), 1, MatrixPlan.over(8).bands(4));
        assertEquals(
                2,
                run(everyRound, ClientSelector.all(), start(), 2, CLIENTS)
                        .state()
                        .round());
    }

    @Test
    void aPlanAboveTheBudgetIsRefusedAtTheFirstRound() {
        PrivacyTarget budget = PrivacyTarget.pure(2).withPrivacyDelta(1e-5);
        MatrixMechanism mechanism =
                MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).within(budget);
        RoundResult.Refused refused = assertInstanceOf(RoundResult.Refused.class, run(mechanism, start(), 8));

        assertEquals(0, refused.state().round());
        assertEquals(AnalyticGaussian.ofSigma(1).epsilon(1e-5), refused.values().get("epsilon"), 5e-3);
        MatrixMechanism enough =
                MatrixMechanism.on(ClippedMean.fixed(1), 2.1, PLAN).within(budget);
        assertEquals(8, run(enough, start(), 8).state().round());
    }

    /** A crash after the noise of a round was drawn, and before its result was saved: at each of its rounds. */
    @Test
    void aRoundThatACrashCutOffIsSkipped() {
        for (int crashed = 1; crashed <= 3; crashed++) {
            Path journal = folder.resolve("crash-" + crashed);
            MatrixMechanism before =
                    MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal);
            List<ServerState> saved = new ArrayList<>();
            run(before, ClientSelector.separated(3), start(), crashed, CLIENTS, saved);
            ServerState last = saved.get(crashed - 1);
            MatrixMechanism after =
                    MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal);
            RoundResult.Abandoned skipped = assertInstanceOf(RoundResult.Abandoned.class, run(after, last, 1));

            assertEquals(
                    "round " + crashed
                            + " was played before, and its result was lost or abandoned: its noise must not be"
                            + " added to a second sum, and its clients have had their turn",
                    skipped.reason());
            assertEquals(last.weights(), skipped.state().weights());
            assertEquals(crashed, skipped.state().round());
            RoundResult end = run(after, skipped.state(), 8 - crashed);
            assertEquals(8, end.state().round());
            PrivacyStatement statement = after.statement(end.state().ledger(), 1e-5);
            assertEquals(1, statement.rounds(), "charged once");
            assertTrue(statement.journaled());
        }
    }

    /** A process died between the charge of the first round and its seed: the charge is found, not made again. */
    @Test
    void aChargeThatACrashLeftWithoutASeedIsNotRepeated() {
        Path journal = folder.resolve("journal");
        PrivacyLedger ledger = PrivacyLedger.of(1).journal(journal, ReleaseJournal.Wanted.OF_THIS_RUN);
        ledger.open(Journals.RUN, Drawn.NOW, 0, ComponentState.EMPTY);
        RoundContext context = Releases.context(2, CLIENTS, new SamplingScheme.Separated(3));
        ledger.admitOnce(context, ComponentState.EMPTY, true);
        PrivacyLedger again = PrivacyLedger.of(1).journal(journal, ReleaseJournal.Wanted.OF_THIS_RUN);
        again.open(Journals.RUN, Drawn.EARLIER, 0, ComponentState.EMPTY);
        ComponentState state = Journals.granted(again.admitOnce(context, ComponentState.EMPTY, true));

        assertEquals(1, again.statement(state, 1e-5, "rule").rounds());
        assertEquals(state, Journals.granted(again.admitOnce(context, state, false)));
    }

    /** What another rule charged with the same noise is no charge for this run. */
    @Test
    void aChargeOfAnotherRuleDoesNotCoverTheRun() {
        RoundContext context = Releases.context(2, CLIENTS);
        PrivacyLedger ledger = PrivacyLedger.of(1);
        ComponentState gaussian = Journals.granted(ledger.admit(context, ComponentState.EMPTY));
        ComponentState both = Journals.granted(ledger.admitOnce(context, gaussian, true));

        assertEquals(2, ledger.statement(both, 1e-5, "rule").rounds());
    }

    @Test
    void aSumIsDecodedOnceAndOnlyIfAdmitted() {
        MatrixMechanism mechanism = MatrixMechanism.on(ClippedMean.fixed(1).dividingBy(4), 1, MatrixPlan.over(8));
        RoundContext context = new RoundContext(
                1, Fixtures.layout(2), CLIENTS, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 7);
        LinearRound round = mechanism.begin(context);
        Summand sum = Summand.zero(round.segments());

        assertThrows(IllegalStateException.class, () -> round.decode(sum));
        PrivacyBudgetGuard guard = mechanism.guard().orElseThrow();
        guard.open(Journals.RUN, Drawn.NOW, 0, ComponentState.EMPTY);
        Journals.granted(guard.admit(context, ComponentState.EMPTY));
        double steps = round.decode(sum).aggregate().get(0) * 4 / 0x1p-20;
        assertEquals(Math.rint(steps), steps, "whole grid steps");
        assertThrows(IllegalStateException.class, () -> round.decode(sum));
        assertInstanceOf(PrivacyBudgetGuard.Skipped.class, guard.admit(context, ComponentState.EMPTY));
    }

    /**
     * The deviation that masks leave room for, and that a first round has, over 40,000 coordinates: seven deviations of the sample
     * variance, wrong once in 10^11. In the first round w = z.
     */
    @Test
    void theNoiseOfARoundIsWhatIsDeclared() {
        int d = 40_000;
        double z = 1.5;
        double clip = 0.7;
        MatrixPlan plan = MatrixPlan.over(64).bands(8);
        MatrixMechanism mechanism = MatrixMechanism.on(ClippedMean.fixed(clip).dividingBy(1), z, plan);
        RoundContext context = new RoundContext(
                1, Fixtures.layout(d), CLIENTS, new SamplingScheme.EveryClient(), ComponentState.EMPTY, 7);
        PrivacyBudgetGuard guard = mechanism.guard().orElseThrow();
        guard.open(Journals.RUN, Drawn.NOW, 0, ComponentState.EMPTY);
        Journals.granted(guard.admit(context, ComponentState.EMPTY));
        LinearRound round = mechanism.begin(context);
        ModelDelta noise = round.decode(Summand.zero(round.segments())).aggregate();

        double sigma = z * clip * plan.sensitivity();
        double squares = 0;
        for (int i = 0; i < d; i++) {
            squares += noise.get(i) / sigma * (noise.get(i) / sigma) / d;
        }
        assertEquals(1, squares, 7 * Math.sqrt(2.0 / d));
        assertEquals(
                sigma * plan.strategy().noiseOfARound(), round.segments().get(0).noise(), 1e-5 * sigma);
    }

    @Test
    void aBoundThatMovesIsRejected() {
        BoundedAggregator adaptive = AdaptiveClippedMean.startingAt(0.1);
        MatrixMechanism mechanism = MatrixMechanism.on(adaptive, 1, PLAN);
        assertEquals(
                "a matrix mechanism needs a bound that is the same in all rounds, but " + adaptive
                        + " goes by a state; use ClippedMean.fixed, or GaussianMechanism",
                assertThrows(IllegalArgumentException.class, () -> run(mechanism, start(), 1))
                        .getMessage());
        MatrixMechanism grows = MatrixMechanism.on(new Growing(), 1, PLAN);
        assertTrue(assertThrows(IllegalStateException.class, () -> run(grows, start(), 2))
                .getMessage()
                .startsWith("round 2: rule, noise, plan, or what a client's contribution is bounded by differ"));
    }

    /** Bounds that grow with the round, without a state. */
    private record Growing() implements BoundedAggregator {

        @Override
        public BoundedRound begin(RoundContext context) {
            return ClippedMean.fixed(context.round()).begin(context);
        }
    }

    @Test
    void anotherPlanDoesNotContinueTheRun() {
        Path journal = folder.resolve("journal");
        ServerState second = run(
                        MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal), start(), 2)
                .state();
        for (MatrixMechanism other : List.of(
                MatrixMechanism.on(ClippedMean.fixed(1), 1, MatrixPlan.over(9).separatedBy(3)),
                MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN.bands(2)),
                MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN.optimized()),
                MatrixMechanism.on(ClippedMean.fixed(2), 1, PLAN))) {
            assertThrows(IllegalStateException.class, () -> run(other.journal(journal), second, 1));
        }
        assertEquals(
                3,
                run(MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal), second, 1)
                        .state()
                        .round());
    }

    @Test
    void aRunWithoutAJournalCannotBeResumedElsewhere() {
        ServerState second = run(MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN), start(), 2)
                .state();
        assertThrows(
                GaussianMechanism.JournalException.class,
                () -> run(MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN), second, 1));
    }

    @Test
    void aLostRunStaysSpent() {
        Path journal = folder.resolve("journal");
        run(MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journal(journal), start(), 2);
        MatrixMechanism over = MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).journalOfLostRun(journal);
        ServerState end = run(over, start(), 3).state();

        assertEquals(3, end.round());
        assertEquals(2, over.statement(end.ledger(), 1e-5).rounds());
    }

    @Test
    void saysWhatItIs() {
        MatrixMechanism mechanism = MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN);

        assertEquals(
                "MatrixMechanism(z=1.0, rounds=8, separation=3, bands=3 SQUARE_ROOT) on " + ClippedMean.fixed(1),
                mechanism.toString());
        assertTrue(mechanism.isPrivate());
        assertFalse(mechanism.begin(context(1)).segments().isEmpty());
        assertEquals(
                "the rule must not be private already, but was " + new Guarded(),
                assertThrows(IllegalArgumentException.class, () -> MatrixMechanism.on(new Guarded(), 1, PLAN))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> MatrixMechanism.on(ClippedMean.fixed(1), -1, PLAN));
    }

    private record Guarded() implements BoundedAggregator {

        @Override
        public Optional<PrivacyBudgetGuard> guard() {
            return Optional.of((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));
        }

        @Override
        public BoundedRound begin(RoundContext context) {
            return ClippedMean.fixed(1).begin(context);
        }
    }

    private static RoundContext context(int round) {
        return new RoundContext(
                round, Fixtures.layout(2), CLIENTS, new SamplingScheme.Separated(3), ComponentState.EMPTY, 7);
    }

    private static MatrixMechanism seeded(Supplier<byte[]> seeds) {
        return MatrixMechanism.on(ClippedMean.fixed(1), 1, PLAN).drawingSeedsFrom(seeds);
    }

    private static Supplier<byte[]> numbered() {
        return numbered(1);
    }

    private static Supplier<byte[]> numbered(int from) {
        int[] next = {from};
        return () -> ByteBuffer.allocate(AesCtrBits.KEY_BYTES).putInt(next[0]++).array();
    }

    private static ServerState start() {
        return ServerState.initial(Releases.start(2), 1);
    }

    private static RoundResult run(LinearAggregator rule, ServerState from, int rounds) {
        return run(rule, from, rounds, CLIENTS);
    }

    private static RoundResult run(LinearAggregator rule, ServerState from, int rounds, int clients) {
        return run(rule, ClientSelector.separated(3), from, rounds, clients);
    }

    private static RoundResult run(
            LinearAggregator rule, ClientSelector selector, ServerState from, int rounds, int clients) {
        return run(rule, selector, from, rounds, clients, new ArrayList<>());
    }

    /** @param states gets the state that the run starts from, then that after each round */
    private static RoundResult run(
            LinearAggregator rule,
            ClientSelector selector,
            ServerState from,
            int rounds,
            int clients,
            List<ServerState> states) {
        RoundListener remembers = new RoundListener() {
            @Override
            public void runStarted(NativeThreads.Provenance provenance, ServerState begun, int asked) {
                states.add(begun);
            }

            @Override
            public void roundEnded(RoundResult result) {
                states.add(result.state());
            }
        };
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(Releases.clients(clients, MOVE))
                        .selector(selector)
                        .localTraining(LocalTraining.epochs(1))
                        .listeners(remembers)
                        .runner(runner)
                        .build()) {
            return server.run(from, rounds);
        }
    }
}
