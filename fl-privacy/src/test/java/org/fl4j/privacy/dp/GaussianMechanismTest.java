package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.accounting.AnalyticGaussian;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.InsecureForTests;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class GaussianMechanismTest {

    private static final ModelDelta MOVE = ModelDelta.of(Fixtures.layout(2), 0.25, -0.5);

    @Test
    void withoutNoiseIsTheRule() {
        RoundResult plain = run(ClippedMean.fixed(2), ClientSelector.all(), 3);
        RoundResult none = run(GaussianMechanism.on(ClippedMean.fixed(2), 0), ClientSelector.all(), 3);

        assertEquals(plain.state().weights(), none.state().weights());
        assertEquals(0.75, none.state().weights().get(0), 3 * 0x1p-19, "three rounds, each within a grid step");
    }

    /**
     * 40,000 coordinates of noise from the real generator. Their variance over the stated one is chi-square over degrees of
     * freedom: 7 standard deviations of sqrt(2 / 40,000), a false alarm in 4e11.
     */
    @Test
    void theNoiseOfTheMeanIsWhatTheStatementSays() {
        int d = 40_000;
        double z = 1.5;
        double clip = 0.7;
        Aggregation aggregation = GaussianMechanism.on(ClippedMean.fixed(clip), z)
                .begin(Releases.context(d, 20))
                .aggregation();
        aggregation.add(0, Fixtures.update(0, ModelDelta.zero(Fixtures.layout(d))));
        ModelDelta aggregate = aggregation.finish().aggregate();

        double variance = 0;
        for (int i = 0; i < d; i++) {
            variance += aggregate.get(i) * aggregate.get(i) / d;
        }
        double stated = z * clip / 20 * (z * clip / 20);
        assertEquals(1, variance / stated, 7 * Math.sqrt(2.0 / d));
    }

    @Test
    void noiseIsFreshAndFromTheGrid() {
        GaussianMechanism mechanism = GaussianMechanism.on(ClippedMean.fixed(1), 1);
        RoundContext context = Releases.context(2, 4);
        Summand sum = Summand.zero(mechanism.begin(context).segments());
        ModelDelta once = mechanism.begin(context).decode(sum).aggregate();
        ModelDelta again = mechanism.begin(context).decode(sum).aggregate();

        assertNotEquals(once, again);
        double steps = once.get(0) * 4 / 0x1p-20;
        assertEquals(Math.rint(steps), steps);
        assertArrayEquals(new double[2], sum.toArray(), "the sum itself is left alone");
    }

    @Test
    void anEmptyCohortReleasesNoise() {
        ServerState end = ((RoundResult.Advanced)
                        run(GaussianMechanism.on(ClippedMean.fixed(1), 1), ClientSelector.poisson(1e-9), 1))
                .state();

        assertNotEquals(0, end.weights().get(0));
        assertEquals(1, end.round());
    }

    /** 1/z^2 = sum (D/sigma)^2: known answer zDelta 1.005037815259212 for z = 1 and a count with noise 5. */
    @Test
    void segmentsShareOneGaussian() {
        Segment delta = new Segment("delta", 3, 2, OptionalDouble.of(0x1p-20));
        Segment count = new Segment("count", 1, 0.5, OptionalDouble.of(0x1p-20));
        Segment more = new Segment("more", 1, 4, OptionalDouble.of(0x1p-20));
        NoisePlan asked = NoisePlan.of(
                List.of(delta, count),
                new BoundedRound.Sensitivity(Map.of("delta", 2.0, "count", 0.5), Map.of("count", 5.0)),
                1);

        assertEquals(1.005037815259212 * 2, asked.parts().get(0).sigma(), 1e-13);
        assertEquals(5, asked.parts().get(1).sigma());
        NoisePlan shared =
                NoisePlan.of(List.of(delta, more), new BoundedRound.Sensitivity(Map.of("delta", 2.0, "more", 4.0)), 3);
        assertEquals(3 * Math.sqrt(2) * 2, shared.parts().get(0).sigma(), 1e-12);
        assertEquals(3 * Math.sqrt(2) * 4, shared.parts().get(1).sigma(), 1e-12);
        assertTrue(shared.parts().get(0).sigma() >= 3 * Math.sqrt(2) * 2, "never below");
        assertEquals(4, asked.draw((distribution, n) -> new long[n]).length);
    }

    @Test
    void rejectsNoiseThatDoesNotFit() {
        Segment delta = new Segment("delta", 3, 2, OptionalDouble.of(0x1p-20));
        Segment bare = Segment.unbounded("delta", 3);
        BoundedRound.Sensitivity bound = new BoundedRound.Sensitivity(Map.of("delta", 2.0));
        assertEquals(
                "segment 'delta' must have a sensitivity and a grid for noise, but was " + bare + ", " + bound,
                assertThrows(IllegalArgumentException.class, () -> NoisePlan.of(List.of(bare), bound, 1))
                        .getMessage());
        assertEquals(
                "noise multiplier 3.0 leaves nothing for [delta] beside the noise asked for, {delta=4.0}; ask for more"
                        + " noise there or lower the multiplier",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> NoisePlan.of(
                                        List.of(delta),
                                        new BoundedRound.Sensitivity(Map.of("delta", 2.0), Map.of("delta", 4.0)),
                                        3))
                        .getMessage());
        IllegalArgumentException coarse = assertThrows(
                IllegalArgumentException.class,
                () -> run(GaussianMechanism.on(ClippedMean.fixed(1), 0x1p-9), ClientSelector.all(), 1));
        assertTrue(
                coarse.getMessage().startsWith("segment 'delta': sigma must be at least 4096 grid steps"),
                coarse.getMessage());
    }

    @Test
    void theBudgetEndsTheRunWithTheWeightsBefore() {
        // One round at z = 2 costs 1.9 at 1e-5 without sampling, two cost what z = sqrt(2) does.
        double two = AnalyticGaussian.ofSigma(Math.sqrt(2)).epsilon(1e-5);
        PrivacyTarget budget = PrivacyTarget.pure(two + 0.01).withPrivacyDelta(1e-5);
        GaussianMechanism mechanism =
                GaussianMechanism.on(ClippedMean.fixed(1), 2).within(budget);
        ServerState after = run(mechanism, ClientSelector.all(), 2).state();
        RoundResult.Refused refused = assertInstanceOf(RoundResult.Refused.class, run(mechanism, after, 5));

        assertEquals(after, refused.state());
        assertTrue(
                refused.reason().startsWith("round 3 of this run would bring epsilon to ")
                        && refused.reason()
                                .endsWith(" at delta 1.0E-5, above the budget of " + budget.epsilon()
                                        + "; the weights of the round before are what may be released"),
                refused.reason());
        double three = AnalyticGaussian.ofSigma(2 / Math.sqrt(3)).epsilon(1e-5);
        assertEquals(three, refused.values().get("epsilon"), 2e-3 * three);
        assertEquals(refused, run(mechanism, after, 1), "asking again gives the same answer");
    }

    @Test
    void onlyCryptographicPoissonSamplingAmplifies() {
        GaussianMechanism mechanism = GaussianMechanism.on(ClippedMean.fixed(1), 1);
        PrivacyStatement sampled = mechanism.statement(
                run(mechanism, ClientSelector.poisson(0.5), 4).state().ledger(), 1e-5);
        PrivacyStatement fixed = mechanism.statement(
                run(mechanism, ClientSelector.uniform(2), 4).state().ledger(), 1e-5);
        double unsampled = AnalyticGaussian.ofSigma(0.5).epsilon(1e-5);

        assertEquals(4, sampled.rounds());
        assertTrue(
                fixed.againstMembers().epsilon().contains(unsampled),
                () -> fixed.againstMembers().epsilon() + " and " + unsampled);
        assertTrue(
                sampled.againstMembers().epsilon().upper() < 0.9 * unsampled,
                () -> sampled.againstMembers().epsilon() + " and " + unsampled);
        RoundContext seeded = Releases.context(2, 4, new SamplingScheme.Poisson(0.5, SamplingScheme.Source.SEEDED));
        assertEquals(
                PrivacyLedger.of(1).admit(Releases.context(2, 4), org.fl4j.state.ComponentState.EMPTY),
                PrivacyLedger.of(1).admit(seeded, org.fl4j.state.ComponentState.EMPTY));
    }

    @Test
    void goesUnderMasks() {
        LinearAggregator clear = GaussianMechanism.on(ClippedMean.fixed(1), 1).drawingFrom(Releases.seeded(4));
        LinearAggregator masked = GaussianMechanism.on(ClippedMean.fixed(1), 1).drawingFrom(Releases.seeded(4));
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(InsecureForTests.on(masked, 2))
                        .clients(Releases.clients(4, MOVE))
                        .localTraining(LocalTraining.epochs(1))
                        .runner(runner)
                        .build()) {
            assertEquals(
                    run(clear, ClientSelector.all(), 3).state(),
                    server.run(ServerState.initial(Releases.start(2), 1), 3).state());
        }
    }

    @Test
    void keepsTheObjectiveAndTheReportsSecret() {
        GaussianMechanism mechanism = GaussianMechanism.on(new Proximal(ClippedMean.fixed(1)), 1);
        RoundResult.Advanced result =
                assertInstanceOf(RoundResult.Advanced.class, run(mechanism, ClientSelector.all(), 1));

        assertEquals(ObjectiveSpec.of("proximal", "mu", 0.1), mechanism.objective());
        assertEquals(List.of(), result.report().outcomes());
        assertEquals(Map.of(), result.report().metrics());
        assertEquals(
                "GaussianMechanism(z=1.0) on " + ClippedMean.fixed(2),
                GaussianMechanism.on(ClippedMean.fixed(2), 1).toString());
    }

    private record Proximal(BoundedAggregator rule) implements BoundedAggregator {

        @Override
        public ObjectiveSpec objective() {
            return ObjectiveSpec.of("proximal", "mu", 0.1);
        }

        @Override
        public BoundedRound begin(RoundContext context) {
            return rule.begin(context);
        }
    }

    @Test
    void rejectsParametersOutOfRange() {
        for (double z : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertEquals(
                    "noiseMultiplier must be >= 0 and < infinity, but was " + z,
                    assertThrows(IllegalArgumentException.class, () -> GaussianMechanism.on(ClippedMean.fixed(1), z))
                            .getMessage());
        }
        assertEquals(
                "a budget's privacyDelta must be > 0 and < 1, but was " + PrivacyTarget.pure(1)
                        + "; with Gaussian noise no epsilon is finite at delta 0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> GaussianMechanism.on(ClippedMean.fixed(1), 1)
                                        .within(PrivacyTarget.pure(1)))
                        .getMessage());
    }

    private static RoundResult run(LinearAggregator rule, ClientSelector selector, int rounds) {
        return run(rule, selector, ServerState.initial(Releases.start(2), 1), rounds);
    }

    private static RoundResult run(LinearAggregator rule, ServerState from, int rounds) {
        return run(rule, ClientSelector.all(), from, rounds);
    }

    private static RoundResult run(LinearAggregator rule, ClientSelector selector, ServerState from, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(Releases.clients(4, MOVE))
                        .selector(selector)
                        .localTraining(LocalTraining.epochs(1))
                        .runner(runner)
                        .build()) {
            return server.run(from, rounds);
        }
    }
}
