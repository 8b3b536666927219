package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.mean.Sketched;
import org.fl4j.client.ClientUpdate;
import org.fl4j.compression.LinearCodec;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.LinearAggregatorContract;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Sketch, then clip and grid: what noise is calibrated to is what is summed. */
class SketchedNoiseTest {

    private static final double CLIP = 0.7;

    @Nested
    class Clipped extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return Sketched.on(
                    ClippedMean.fixed(CLIP).byCappedExamples(50, 1000),
                    LinearCodec.rotation().keeping(0.5));
        }

        @Override
        protected boolean isMean() {
            return false;
        }
    }

    @Nested
    class AdaptivelyClipped extends LinearAggregatorContract {

        @Override
        protected LinearAggregator newRule() {
            return Sketched.on(AdaptiveClippedMean.startingAt(CLIP), LinearCodec.randomK(0.5));
        }

        @Override
        protected ParameterLayout layout() {
            return Fixtures.layoutWithStatistics(DataType.FLOAT, 5, 2, 4);
        }

        @Override
        protected boolean isMean() {
            return false;
        }
    }

    static Stream<LinearCodec> codecs() {
        return Stream.of(
                LinearCodec.rotation(),
                LinearCodec.randomK(0.1),
                LinearCodec.rotation().keeping(0.1));
    }

    /**
     * The map is public. A client that makes its delta out of it, all of it in what is sent and sqrt(d / k) times as long, moves
     * the sum by the bound and no more.
     */
    @ParameterizedTest
    @MethodSource("codecs")
    void noClientThatKnowsTheMapMovesTheSumFurther(LinearCodec codec) {
        int d = 1000;
        ParameterLayout layout = Fixtures.layout(d);
        BoundedAggregator rule = Sketched.on(ClippedMean.fixed(CLIP), codec);
        BoundedRound round = rule.begin(Fixtures.context(layout));
        Segment segment = round.segments().get(0);
        double grid = segment.grid().orElseThrow();
        double bound = round.sensitivity().l2().get(Segment.DELTA);
        // The decoder of a sketch of ones spreads it where the encoder reads it.
        Summand ones = Summand.zero(round.segments());
        double[] steps = new double[(int) segment.length()];
        Arrays.fill(steps, 1 / grid);
        ones.add(Segment.DELTA, steps);
        ModelDelta read = round.decode(ones).aggregate();
        for (double size : new double[] {CLIP / 2, CLIP, 2 * CLIP, 1e6}) {
            ModelDelta adversarial = read.times(size / read.norm2());
            double moved = grid * norm(encoded(round, Fixtures.update(0, adversarial)));

            assertTrue(moved <= bound, () -> codec + " moved the sum by " + moved);
            // As long as a sketch of it can be: the clip is what holds it.
            assertEquals(Math.min(CLIP, size * Math.sqrt((double) d / segment.length())), moved, 1e-3, codec::toString);
        }
    }

    /** Decoding is post-processing: whether it is inside the mechanism or outside makes no difference. */
    @ParameterizedTest
    @MethodSource("codecs")
    void theMechanismMayBeInsideOrOutside(LinearCodec codec) {
        RoundResult outside = new PointFederation()
                .run(GaussianMechanism.on(Sketched.on(ClippedMean.fixed(CLIP), codec), 0), PointFederation.START, 3);
        RoundResult inside = new PointFederation()
                .run(Sketched.on(GaussianMechanism.on(ClippedMean.fixed(CLIP), 0), codec), PointFederation.START, 3);
        RoundResult without =
                new PointFederation().run(Sketched.on(ClippedMean.fixed(CLIP), codec), PointFederation.START, 3);

        assertEquals(outside.state().weights(), inside.state().weights());
        assertEquals(outside.state().weights(), without.state().weights());
        assertEquals(3, outside.state().round());
    }

    /** The clip norm that a rule keeps from round to round is kept. */
    @Test
    void whatTheRuleRemembersIsRemembered() {
        AdaptiveClippedMean rule = AdaptiveClippedMean.startingAt(0.1).withCountNoise(3);
        RoundResult without = new PointFederation().run(rule, PointFederation.START, 3);
        RoundResult within =
                new PointFederation().run(Sketched.on(rule, LinearCodec.randomK(1)), PointFederation.START, 3);

        assertEquals(without.state(), within.state());
        assertEquals(
                ((RoundResult.Advanced) without).report().metrics(),
                ((RoundResult.Advanced) within).report().metrics());
    }

    @Test
    void aSketchHasNoLayersToClip() {
        LinearAggregator rule = Sketched.on(
                ClippedMean.perGroup(spec -> spec.name().equals("w") ? "w" : "others", Map.of("w", 1.0, "others", 2.0)),
                LinearCodec.rotation());

        assertEquals(
                "there are clip norms for [others, w] but parameters of [others] only; are they those of another model, or"
                        + " does the rule see sketches, which have no layers?",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> rule.begin(Fixtures.context(Fixtures.layout(
                                        DataType.FLOAT,
                                        ParameterSpec.trainable("w", 3),
                                        ParameterSpec.trainable("b", 2)))))
                        .getMessage());
    }

    private static double[] encoded(BoundedRound round, ClientUpdate update) {
        Summand sum = Summand.zero(round.segments());
        round.encoder().encode(update).addTo(sum);
        return sum.toArray(Segment.DELTA);
    }

    private static double norm(double[] x) {
        return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
    }
}
