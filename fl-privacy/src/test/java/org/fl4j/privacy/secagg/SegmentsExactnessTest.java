package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.fl4j.aggregation.Segment;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.vector.SegmentPlan;
import org.fl4j.privacy.secagg.internal.vector.VectorPlan;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;

/** Segments of all widths side by side, up to the ends of their ranges, with a dropout of each kind or none. */
class SegmentsExactnessTest {

    private static final int N = 5;

    /** The widths k for five clients: the least with 10 m &lt; 2^k. */
    private static final List<Segment> SEGMENTS = List.of(
            whole("delta", 7, 1 << 20),
            whole("flag", 3, 1),
            whole("nothing", 2, 0.5),
            whole("all of an int", 5, 429_496_729),
            whole("one bit more", 4, 429_496_730),
            whole("wide", 3, 0x1p45),
            whole("the widest", 5, Math.floor(0x1.fffffffffffffp52 / N)));

    private static final List<Integer> BITS = List.of(24, 4, 1, 32, 33, 49, 54);

    private static final DropoutPattern NOBODY =
            DropoutPattern.number(DropoutPattern.CURIOUS, N, DropoutPattern.count(DropoutPattern.CURIOUS, N) - 1);

    /** One shares no keys, one sends no input, three reach the end. */
    private static final DropoutPattern TWO = new DropoutPattern(DropoutPattern.CURIOUS, List.of(4, 1, 4, 2, 4));

    private static final SegmentsRule RULE = new SegmentsRule(SEGMENTS);

    private static Segment whole(String name, int length, double maxAbs) {
        return new Segment(name, length, maxAbs, OptionalDouble.of(1));
    }

    @Test
    void segmentsHaveTheWidthsUnderTest() {
        assertEquals(
                BITS,
                VectorPlan.of(SEGMENTS, FixedPoint.UNSTATED.scales(), N).segments().stream()
                        .map(SegmentPlan::bits)
                        .toList());
    }

    @Test
    void sumsOfUpperBoundsAreExact() {
        check(client -> ends(coordinate -> 1));
    }

    @Test
    void sumsOfLowerBoundsAreExact() {
        check(client -> ends(coordinate -> -1));
    }

    @Test
    void sumsOfMixedBoundsAreExact() {
        check(client -> ends(coordinate -> (client + coordinate) % 2 == 0 ? 1 : -1));
    }

    @Test
    void sumsWithinTheBoundsAreExact() {
        check(client -> {
            DeterministicRandom random = new DeterministicRandom(client);
            return Arrays.stream(ends(coordinate -> 1))
                    .map(end -> Math.rint(end * (2 * random.nextDouble() - 1)))
                    .toArray();
        });
    }

    private static double[] ends(IntFunction<Integer> sign) {
        double[] largest = SEGMENTS.stream()
                .flatMapToDouble(
                        part -> IntStream.range(0, (int) part.length()).mapToDouble(i -> Math.floor(part.maxAbs())))
                .toArray();
        return IntStream.range(0, largest.length)
                .mapToDouble(i -> largest[i] * sign.apply(i))
                .toArray();
    }

    private static void check(IntFunction<double[]> values) {
        for (DropoutPattern pattern : List.of(NOBODY, TWO)) {
            Drill drill = new Drill(
                            SecureSum.on(RULE).tolerating(DropoutTolerance.ofDropouts(0.4)), N, RULE.length(), values)
                    .over(new LossyNetwork(pattern, 1));
            SecureRound.Outcome outcome = drill.run(1);
            SecureRound.Recovered recovered =
                    assertInstanceOf(SecureRound.Recovered.class, outcome, () -> drill.failures() + ": " + outcome);
            List<Integer> included = pattern.left(ProtocolStage.MASKED_INPUT);
            assertEquals(included.stream().map(Fixtures::client).toList(), recovered.included());
            for (int i = 0; i < RULE.length(); i++) {
                int coordinate = i;
                long sum = included.stream()
                        .mapToLong(client -> (long) values.apply(client)[coordinate])
                        .sum();
                assertEquals((double) sum, recovered.result().aggregate().get(i), "coordinate " + i);
            }
        }
    }
}
