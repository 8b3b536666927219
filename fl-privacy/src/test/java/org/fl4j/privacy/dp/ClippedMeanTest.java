package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.state.ComponentState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

@Timeout(60)
class ClippedMeanTest {

    private static final ParameterLayout LAYOUT = Fixtures.layoutWithStatistics(DataType.DOUBLE, 2, 1, 1);

    /** Norm 5 clipped to 1: (3, 0, 4) / 5 on steps of 2^-20, toward zero. */
    @Test
    void clipsScalesAndRoundsTowardZero() {
        Summand sum = encoded(ClippedMean.fixed(1), ModelDelta.of(LAYOUT, 3, 0, 100, -4));

        assertEquals(OptionalDouble.of(0x1p-20), sum.segments().get(0).grid());
        assertArrayEquals(
                new double[] {Math.floor(0.6 * 0x1p20), 0, -Math.floor(0.8 * 0x1p20)}, sum.toArray(Segment.DELTA));
    }

    @Test
    void leavesShorterDeltasAlone() {
        Summand sum = encoded(ClippedMean.fixed(3), ModelDelta.of(LAYOUT, 0.5, -0.25, 100, 1));

        assertEquals(OptionalDouble.of(0x1p-19), sum.segments().get(0).grid(), "3 is between 2^20 and 2^21 steps");
        assertArrayEquals(new double[] {0x1p18, -0x1p17, 0x1p19}, sum.toArray(Segment.DELTA));
        assertArrayEquals(
                new double[] {0, 0, 0},
                encoded(ClippedMean.fixed(3), ModelDelta.zero(LAYOUT)).toArray(Segment.DELTA));
    }

    @Test
    void clipsEachGroupToItsOwnNorm() {
        ClippedMean rule = ClippedMean.perGroup(ParameterSpec::name, Map.of("w", 1.0, "b", 2.0));
        Summand sum = encoded(rule, ModelDelta.of(LAYOUT, 3, 4, 0, 8));

        assertArrayEquals(
                new double[] {Math.floor(0.6 * 0x1p20), Math.floor(0.8 * 0x1p20), 0x1p21}, sum.toArray(Segment.DELTA));
        assertEquals(Math.sqrt(5), rule.begin(context()).sensitivity().l2().get(Segment.DELTA), 1e-15);
    }

    @Test
    void examplesWeighUpToACapAndRaiseTheSensitivity() {
        ClippedMean rule = ClippedMean.fixed(1).byCappedExamples(3, 10);
        ModelDelta delta = ModelDelta.of(LAYOUT, 0.25, 0, 0, 0);
        Summand sum = Summand.zero(rule.begin(context()).segments());
        rule.begin(context()).encoder().encode(Fixtures.update(0, delta, 2)).addTo(sum);
        rule.begin(context()).encoder().encode(Fixtures.update(1, delta, 1000)).addTo(sum);

        assertEquals(5 * 0x1p17, sum.get(Segment.DELTA, 0), "3 is 2^20 steps of 2^-19 and more");
        assertEquals(
                OptionalDouble.of(0x1p-10),
                ClippedMean.fixed(1)
                        .byCappedExamples(1024, 10)
                        .begin(context())
                        .segments()
                        .get(0)
                        .grid());
        assertEquals(3, rule.begin(context()).sensitivity().l2().get(Segment.DELTA));
        assertEquals(
                5 * 0.25 / 10, rule.begin(context()).decode(sum).aggregate().get(0));
    }

    @Test
    void statisticsStayAtTheClientUnlessToldOtherwise() {
        ModelDelta delta = ModelDelta.of(LAYOUT, 0, 0, 0.5, 0.25);

        assertEquals(ModelDelta.of(LAYOUT, 0, 0, 0, 0.25), aggregate(ClippedMean.fixed(1), delta));
        assertEquals(delta, aggregate(ClippedMean.fixed(1).releasingStatistics(), delta));
    }

    @Test
    void dividesByAPublicNumber() {
        ClippedMean rule = ClippedMean.fixed(1);
        Summand sum = encoded(rule, ModelDelta.of(LAYOUT, 0.5, 0, 0, 0));
        SamplingScheme poisson = new SamplingScheme.Poisson(0.25, SamplingScheme.Source.CRYPTOGRAPHIC);

        assertEquals(0.5 / 8, first(rule, sum, new SamplingScheme.EveryClient()));
        assertEquals(0.5 / 2, first(rule, sum, poisson));
        assertEquals(0.5 / 3, first(rule, sum, new SamplingScheme.FixedSize(3)));
        assertEquals(0.5 / 8, first(rule, sum, new SamplingScheme.FixedSize(30)), "there are only 8");
        assertEquals(0.5 / 5, first(rule.dividingBy(5), sum, poisson));
        assertEquals(
                "the expected cohort of the sampling Other[description=odd] is unknown; state it with dividingBy",
                assertThrows(IllegalStateException.class, () -> first(rule, sum, new SamplingScheme.Other("odd")))
                        .getMessage());
    }

    /** Weights are applied before rounding: a client of one example, beside one of as many as the cap. */
    @Test
    void anyCapLeavesRoomForNoise() {
        int cap = 1 << 20;
        ClippedMean rule = ClippedMean.fixed(1).byCappedExamples(cap, 10);
        Segment segment = rule.begin(context()).segments().get(0);
        assertEquals(cap, segment.maxAbs());
        assertEquals(1.0, segment.grid().orElseThrow(), "2^20 is 2^20 steps of 1");
        NoisePlan.of(List.of(segment), rule.begin(context()).sensitivity(), 300);
        Summand sum = Summand.zero(List.of(segment));
        rule.begin(context())
                .encoder()
                .encode(Fixtures.update(0, ModelDelta.of(LAYOUT, 0, 9, 0, 0), cap + 1))
                .addTo(sum);
        rule.begin(context())
                .encoder()
                .encode(Fixtures.update(1, ModelDelta.of(LAYOUT, 0, -9, 0, 0), 3))
                .addTo(sum);
        rule.begin(context())
                .encoder()
                .encode(Fixtures.update(2, ModelDelta.of(LAYOUT, 0, 0.5, 0, 0), -1_000_000_000))
                .addTo(sum);

        assertEquals(cap - 3, sum.get(Segment.DELTA, 1));
    }

    /** Where one group's clip is many times another's, squares of steps stay whole numbers of FP64. */
    @Test
    void groupsFarApartKeepTheBoundExactly() {
        ClippedMean rule = ClippedMean.perGroup(ParameterSpec::name, Map.of("w", 3e4, "b", 1.0));
        double bound = rule.begin(context()).sensitivity().l2().get(Segment.DELTA);
        double grid = rule.begin(context()).segments().get(0).grid().orElseThrow();
        assertTrue(bound / grid < 0x1p26, () -> "steps " + bound / grid);
        NoisePlan.of(rule.begin(context()).segments(), rule.begin(context()).sensitivity(), 10);
        double[] steps = encoded(rule, ModelDelta.of(LAYOUT, 1e9, 3e9, 0, -7)).toArray(Segment.DELTA);

        double w = Math.floor(3e4 / grid);
        assertTrue(steps[0] * steps[0] + steps[1] * steps[1] <= w * w);
        assertEquals(-Math.floor(1 / grid), steps[2]);
        assertEquals(
                "clip norms must be within a factor of 2^15 of each other, but were {b=1.0, w=40000.0}; every group receives the noise"
                        + " of all",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ClippedMean.perGroup(ParameterSpec::name, Map.of("w", 4e4, "b", 1.0)))
                        .getMessage());
    }

    /**
     * Two coordinates near the largest double, whose clipped values come out beyond the bound: the factor is subnormal, so
     * that the last bits of it are far apart.
     */
    @Test
    void shrinksHugeDeltasToTheBound() {
        ClippedMean rule = ClippedMean.fixed(0x1p-30);
        DeterministicRandom random = new DeterministicRandom(11);
        double limit = 0x1p20;
        for (int shape = 0; shape < 500; shape++) {
            double angle = random.nextDouble() * Math.PI / 2;
            double a = Math.ceil(limit * Math.cos(angle));
            double b = Math.ceil(limit * Math.sin(angle));
            ModelDelta delta = ModelDelta.of(LAYOUT, Math.scalb(a, 1002), 0, 0, Math.scalb(b, 1002));
            double[] steps = encoded(rule, delta).toArray(Segment.DELTA);
            assertTrue(steps[0] * steps[0] + steps[2] * steps[2] <= limit * limit, () -> a + ", " + b);
        }
    }

    /** Before any client trains: the round would be lost, and where it is private, spent. */
    @Test
    void rejectsUnknownSamplingBeforeTheRound() {
        RoundContext odd = Fixtures.context(LAYOUT, 8, new SamplingScheme.Other("odd"));
        for (BoundedAggregator rule :
                List.of(ClippedMean.fixed(1), AdaptiveClippedMean.startingAt(1).withCountNoise(5))) {
            assertEquals(
                    "the expected cohort of the sampling Other[description=odd] is unknown; state it with"
                            + " dividingBy",
                    assertThrows(
                                    IllegalStateException.class,
                                    () -> GaussianMechanism.on(rule, 1)
                                            .guard()
                                            .orElseThrow()
                                            .admit(odd, ComponentState.EMPTY))
                            .getMessage());
        }
        ClippedMean.fixed(1).dividingBy(3).begin(odd).segments();
    }

    /** C above every norm and all clients there: within one grid step of the mean. */
    @Test
    void withAWideClipIsTheUniformMeanWithinAGridStep() {
        DeterministicRandom random = new DeterministicRandom(8);
        Aggregation aggregation = ClippedMean.fixed(1000).begin(context()).aggregation();
        double[] mean = new double[4];
        for (int k = 0; k < 8; k++) {
            double[] delta = new double[4];
            for (int i = 0; i < 4; i++) {
                delta[i] = i == 2 ? 0 : random.nextGaussian();
                mean[i] += delta[i] / 8;
            }
            aggregation.add(k, Fixtures.update(k, ModelDelta.of(LAYOUT, delta), 1 + k));
        }
        ModelDelta aggregate = aggregation.finish().aggregate();

        for (int i = 0; i < 4; i++) {
            assertEquals(mean[i], aggregate.get(i), 0x1p-11, "1000 is 2^20 steps of 2^-11 and more");
        }
    }

    /** One coordinate, all equal, huge, tiny, just at the bound: never beyond, also where the clip is no power of two. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 0.1, 3, 1e-3, 7.7e5, 1e-100, 1e100})
    void noContributionExceedsTheBound(double clip) {
        ClippedMean rule = ClippedMean.fixed(clip);
        double bound = rule.begin(context()).sensitivity().l2().get(Segment.DELTA);
        assertTrue(bound <= clip && bound > clip * (1 - 0x1p-20), () -> clip + ": " + bound);
        DeterministicRandom random = new DeterministicRandom(3);
        for (double size : new double[] {0, 1e-300, 0.5, 1 - 0x1p-52, 1, 1 + 0x1p-52, 2, 1e9, 1e150, 1e200}) {
            for (int shape = 0; shape < 20; shape++) {
                double[] delta = new double[4];
                for (int i = 0; i < 4; i++) {
                    delta[i] = (shape == 0 ? 0.5 : shape == 1 ? (i == 1 ? 1 : 0) : random.nextGaussian()) * size * clip;
                }
                double squares = 0;
                for (double step : encoded(rule, ModelDelta.of(LAYOUT, delta)).toArray(Segment.DELTA)) {
                    assertEquals(Math.rint(step), step);
                    squares += step * step;
                }
                double limit = Math.floor(clip / ClipPlan.gridFor(clip));
                assertTrue(squares <= limit * limit, () -> "clip " + clip + ", size " + size);
            }
        }
    }

    /** The server never lets one through; if something did, it must neither pass nor hang. */
    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void rejectsANonFiniteDelta(double value) {
        assertEquals(
                "a delta that is not finite cannot be clipped",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> encoded(ClippedMean.fixed(1), ModelDelta.of(LAYOUT, 1, value, 0, 0)))
                        .getMessage());
    }

    @Test
    void rejectsClipNormsOutOfRange() {
        for (double clip : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertEquals(
                    "clip norm must be in [2^-400, 2^400], but was " + clip,
                    assertThrows(IllegalArgumentException.class, () -> ClippedMean.fixed(clip))
                            .getMessage());
        }
        assertEquals(
                "clip norm of b must be in [2^-400, 2^400], but was 0.0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ClippedMean.perGroup(ParameterSpec::name, Map.of("b", 0.0)))
                        .getMessage());
        assertEquals(
                "parameter 'b' is in group 'b' but there are clip norms for [w] only",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ClippedMean.perGroup(ParameterSpec::name, Map.of("w", 1.0))
                                        .begin(context())
                                        .segments())
                        .getMessage());
        assertEquals(
                "there are clip norms for [b, w, x] but parameters of [b, w] only; are they those of another model, or does"
                        + " the rule see sketches, which have no layers?",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ClippedMean.perGroup(ParameterSpec::name, Map.of("w", 1.0, "b", 1.0, "x", 1.0))
                                        .begin(context()))
                        .getMessage());
        assertEquals(
                "cap must be in [1, 2^20], but was 0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ClippedMean.fixed(1).byCappedExamples(0, 1))
                        .getMessage());
        assertEquals(
                "expectedWeight must be > 0 and < infinity, but was 0.0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> ClippedMean.fixed(1).dividingBy(0))
                        .getMessage());
    }

    @Test
    void describesItself() {
        assertEquals(
                "ClippedMean(clip=0.5, denominator=expected cohort)",
                ClippedMean.fixed(0.5).toString());
        assertEquals(
                "ClippedMean(clip={b=2.0, w=1.0}, examples<=9, denominator=70.0, with statistics)",
                ClippedMean.perGroup(ParameterSpec::name, Map.of("w", 1.0, "b", 2.0))
                        .byCappedExamples(9, 70)
                        .releasingStatistics()
                        .toString());
    }

    private static Summand encoded(BoundedAggregator rule, ModelDelta delta) {
        Summand sum = Summand.zero(rule.begin(context()).segments());
        rule.begin(context()).encoder().encode(Fixtures.update(0, delta, 1)).addTo(sum);
        return sum;
    }

    private static ModelDelta aggregate(BoundedAggregator rule, ModelDelta delta) {
        RoundContext alone = Fixtures.context(LAYOUT, 1, Releases.EVERYBODY);
        Aggregation aggregation = rule.begin(alone).aggregation();
        aggregation.add(0, Fixtures.update(0, delta, 1));
        return aggregation.finish().aggregate();
    }

    private static double first(ClippedMean rule, Summand sum, SamplingScheme sampling) {
        RoundContext context = Fixtures.context(LAYOUT, 8, sampling);
        return rule.begin(context).decode(sum).aggregate().get(0);
    }

    private static RoundContext context() {
        return Fixtures.context(LAYOUT, 8, Releases.EVERYBODY);
    }

    @Nested
    class Contract extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return ClippedMean.fixed(0.7);
        }

        /** The cohort is not the population. */
        @Override
        protected boolean isMean() {
            return false;
        }
    }

    @Nested
    class OfGroups extends LinearAggregatorContract {

        @Override
        protected ParameterLayout layout() {
            return LAYOUT;
        }

        @Override
        protected LinearAggregator newRule() {
            return ClippedMean.perGroup(ParameterSpec::name, Map.of("w", 1.0, "b", 0.3))
                    .byCappedExamples(50, 1000);
        }

        @Override
        protected boolean isMean() {
            return false;
        }
    }
}
