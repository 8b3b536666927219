package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Summand;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdaptiveClippedMeanTest {

    private static final int CLIENTS = 200;

    /** Three of four within 1: b = 0.75, C <- exp(-0.2 * 0.25); two of four within 2: C stays. */
    @Test
    void matchesARoundComputedByHand() {
        double[] norms = {0.5, 1, 0, 3};
        Aggregation.Result first = round(AdaptiveClippedMean.startingAt(1), context(4, ComponentState.EMPTY), norms);

        assertEquals(Map.of("clip", 1.0, "within", 0.75), first.metrics());
        assertEquals(Math.exp(-0.2 * 0.25), first.state().doubleValue("clip"), 1e-15);
        assertEquals((0.5 + 1 + 0 + 1) / 4, first.aggregate().get(0), 0x1p-19);

        double[] others = {1, 2, 5, 7};
        Aggregation.Result second = round(AdaptiveClippedMean.startingAt(2), context(4, ComponentState.EMPTY), others);
        assertEquals(2, second.state().doubleValue("clip"), "a norm of just C is within");
        Aggregation.Result third = round(AdaptiveClippedMean.startingAt(9), context(4, second.state()), others);
        assertEquals(2, third.metrics().get("clip"), "the state, not the start, decides");
    }

    /** Norms are log-normal around 1; with noise on counts and deltas, from far below and far above. */
    @ParameterizedTest
    @CsvSource({"0.1, 0.5, 1", "1, 0.5, 1", "10, 0.5, 1", "0.1, 0.9, 1.9", "10, 0.1, 0.53"})
    void findsTheQuantileFromFarAway(double start, double quantile, double expected) {
        DeterministicRandom random = new DeterministicRandom(9);
        LinearAggregator rule = GaussianMechanism.on(
                        AdaptiveClippedMean.startingAt(start).towardsQuantile(quantile), 1)
                .drawingFrom(Releases.seeded(5));
        ComponentState state = ComponentState.EMPTY;
        double late = 0;
        for (int round = 0; round < 120; round++) {
            double[] norms = new double[CLIENTS];
            for (int k = 0; k < CLIENTS; k++) {
                norms[k] = Math.exp(0.5 * random.nextGaussian());
            }
            Aggregation.Result result = round(rule, context(CLIENTS, state), norms);
            state = result.state();
            late += round < 80 ? 0 : result.metrics().get("clip") / 40;
        }

        // exp(0.5 * 1.2816) = 1.898 and exp(-0.5 * 1.2816) = 0.527
        assertEquals(expected, late, 0.1 * expected);
    }

    @Test
    void theFractionIsPartOfTheSameRelease() {
        AdaptiveClippedMean rule = AdaptiveClippedMean.startingAt(1);
        RoundContext context = context(100, ComponentState.EMPTY);

        assertEquals(
                Map.of("delta", 1.0, "within", 0.5),
                rule.begin(context).sensitivity().l2());
        assertEquals(Map.of("within", 5.0), rule.begin(context).sensitivity().noise(), "a twentieth of the cohort");
        assertEquals(
                Map.of("within", 8.0),
                rule.withCountNoise(8).begin(context).sensitivity().noise());
        NoisePlan plan =
                NoisePlan.of(rule.begin(context).segments(), rule.begin(context).sensitivity(), 1);
        assertEquals(1.005037815259212, plan.parts().get(0).sigma(), 1e-13);
    }

    /** From a handful of clients to a hundred million, the count's noise fits its grid and an indicator is whole steps. */
    @ParameterizedTest
    @ValueSource(longs = {12, 200, 5_000, 10_000, 1_000_000, 100_000_000})
    void anyCohortHasAGridForItsCount(long clients) {
        AdaptiveClippedMean rule = AdaptiveClippedMean.startingAt(1);
        RoundContext context = Releases.context(2, clients);
        NoisePlan plan =
                NoisePlan.of(rule.begin(context).segments(), rule.begin(context).sensitivity(), 1);
        double steps = 0.5 / plan.parts().get(1).segment().grid().orElseThrow();

        assertEquals(0.05 * clients, plan.parts().get(1).sigma());
        assertTrue(steps >= 1 && steps == Math.rint(steps), () -> "steps " + steps);
        Summand sum = Summand.zero(rule.begin(context).segments());
        rule.begin(context)
                .encoder()
                .encode(Fixtures.update(0, ModelDelta.of(context.layout(), 9, 0)))
                .addTo(sum);
        assertEquals(-steps, sum.get("within", 0));
        assertEquals(
                0.5 - 0.5 / clients, rule.begin(context).decode(sum).metrics().get("within"), 1e-15);
    }

    @Test
    void rejectsParametersOutOfRange() {
        AdaptiveClippedMean rule = AdaptiveClippedMean.startingAt(1);
        assertEquals(
                "clip norm must be in [2^-400, 2^400], but was 0.0", message(() -> AdaptiveClippedMean.startingAt(0)));
        assertEquals("quantile must be in (0, 1), but was 1.0", message(() -> rule.towardsQuantile(1)));
        assertEquals("rate must be in (0, 10], but was NaN", message(() -> rule.withRate(Double.NaN)));
        assertEquals("count noise must be > 0 and < infinity, but was 0.0", message(() -> rule.withCountNoise(0)));
        assertTrue(rule.toString().startsWith("AdaptiveClippedMean(start=1.0, quantile=0.5, rate=0.2"));
    }

    private static String message(org.junit.jupiter.api.function.Executable refused) {
        return assertThrows(IllegalArgumentException.class, refused).getMessage();
    }

    private static Aggregation.Result round(LinearAggregator rule, RoundContext context, double... norms) {
        try (Aggregation aggregation = rule.begin(context).aggregation()) {
            for (int k = 0; k < norms.length; k++) {
                aggregation.add(k, Fixtures.update(k, ModelDelta.of(context.layout(), norms[k], 0)));
            }
            return aggregation.finish();
        }
    }

    private static RoundContext context(int clients, ComponentState state) {
        return Releases.context(2, clients).withState(state);
    }

    @Nested
    class Contract extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return AdaptiveClippedMean.startingAt(0.7);
        }

        @Override
        protected boolean isMean() {
            return false;
        }
    }
}
