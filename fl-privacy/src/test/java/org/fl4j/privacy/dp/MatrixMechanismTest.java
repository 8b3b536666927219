package org.fl4j.privacy.dp;

import static org.fl4j.privacy.dp.MatrixRuns.CLIENTS;
import static org.fl4j.privacy.dp.MatrixRuns.MOVE;
import static org.fl4j.privacy.dp.MatrixRuns.PLAN;
import static org.fl4j.privacy.dp.MatrixRuns.numbered;
import static org.fl4j.privacy.dp.MatrixRuns.run;
import static org.fl4j.privacy.dp.MatrixRuns.seeded;
import static org.fl4j.privacy.dp.MatrixRuns.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.PrivacyBudgetGuard.Drawn;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.accounting.AnalyticGaussian;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class MatrixMechanismTest {

    @Test
    void withoutNoiseIsTheRule() {
        ServerState plain = run(ClippedMean.fixed(2).dividingBy(4), start(), 8).state();
        ServerState none = run(MatrixMechanism.on(ClippedMean.fixed(2).dividingBy(4), 0, PLAN), start(), 8)
                .state();

        assertEquals(plain.weights(), none.weights());
        assertNotEquals(0, plain.weights().get(0));
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
}
