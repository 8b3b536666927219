package org.fl4j.privacy.secagg.internal.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.fl4j.aggregation.Segment;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.FixedPointPlans;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VectorPlanTest {

    private static final Segment DELTA = Segment.unbounded(Segment.DELTA, 10);
    private static final Segment ONE = Segment.bounded(Segment.WEIGHT, 1, 1);
    private static final Segment EXAMPLES = Segment.unbounded(Segment.WEIGHT, 1);
    private static final FixedPoint NUMBERS = FixedPoint.within(0.5).resolution(0x1p-11);

    @Test
    void aUniformMeanHasTheRangeStated() {
        // 2 x 100 x 2^10 < 2^18 and 2 x 100 x 2^20 < 2^28, and both are above half of it.
        assertEquals(
                List.of(
                        new SegmentPlan("delta", 10, 0.5, 0x1p-11, 1 << 10, 18, false),
                        new SegmentPlan("weight", 1, 1, 0x1p-20, 1 << 20, 28, false)),
                FixedPointPlans.of(List.of(DELTA, ONE), NUMBERS, 100).segments());
    }

    @Test
    void aRuleWithoutWeightsHasWeightOne() {
        assertEquals(
                List.of(new SegmentPlan("delta", 10, 0.5, 0x1p-11, 1 << 10, 18, false)),
                FixedPointPlans.of(List.of(DELTA), NUMBERS, 100).segments());
    }

    @Test
    void weightsScaleTheDelta() {
        // 1,000 is between 2^9 and 2^10: steps of 2^-2 and 2^-11.
        List<SegmentPlan> expected = List.of(
                new SegmentPlan("delta", 10, 500, 0x1p-2, 2_000, 16, false),
                new SegmentPlan("weight", 1, 1_000, 0x1p-11, 2_048_000, 26, false));

        assertEquals(
                expected,
                FixedPointPlans.of(List.of(DELTA, Segment.bounded(Segment.WEIGHT, 1, 1_000)), NUMBERS, 10)
                        .segments());
        assertEquals(
                expected,
                FixedPointPlans.of(List.of(DELTA, EXAMPLES), NUMBERS.weighingAtMost(1_000), 10)
                        .segments());
        assertEquals(
                expected,
                FixedPointPlans.of(
                                List.of(DELTA, EXAMPLES),
                                NUMBERS.segment(
                                        "weight", FixedPoint.within(1_000).resolution(0x1p-11)),
                                10)
                        .segments());
    }

    @Test
    void theRulesBoundPrecedesTheCap() {
        assertEquals(
                FixedPointPlans.of(List.of(DELTA, ONE), NUMBERS, 10),
                FixedPointPlans.of(List.of(DELTA, ONE), NUMBERS.weighingAtMost(1_000), 10));
    }

    @Test
    void wholeWeightsStayWhole() {
        assertEquals(
                new SegmentPlan("weight", 1, 0x1p30, 1, 1 << 30, 32, false),
                FixedPointPlans.of(List.of(Segment.bounded(Segment.WEIGHT, 1, 0x1p30)), NUMBERS, 1)
                        .segments()
                        .get(0));
    }

    @Test
    void aWeightOnAGridScalesTheDelta() {
        Segment weight = new Segment(Segment.WEIGHT, 1, 8, OptionalDouble.of(2));
        assertEquals(
                List.of(
                        new SegmentPlan("delta", 10, 4, 0x1p-8, 1 << 10, 15, false),
                        new SegmentPlan("weight", 1, 8, 2, 4, 7, true)),
                FixedPointPlans.of(List.of(DELTA, weight), NUMBERS, 10).segments());
    }

    @Test
    void keepsAGrid() {
        // As a clipped mean declares it: the bound need not be a whole number of steps.
        Segment clipped = new Segment(Segment.DELTA, 7, 1.3, OptionalDouble.of(0.25));
        assertEquals(
                List.of(new SegmentPlan("delta", 7, 1.3, 0.25, 5, 7, true)),
                FixedPointPlans.of(List.of(clipped), FixedPointPlans.UNSTATED, 10)
                        .segments());
    }

    @Test
    void aBoundWithoutAGridHasAMillionSteps() {
        assertEquals(
                List.of(new SegmentPlan("clients", 1, 3, 0x1p-19, 3 << 19, 23, false)),
                FixedPointPlans.of(List.of(Segment.bounded("clients", 1, 3)), FixedPointPlans.UNSTATED, 2)
                        .segments());
    }

    @Test
    void tinyBoundsHaveTheSmallestNormalStep() {
        assertEquals(
                List.of(new SegmentPlan("tiny", 1, Double.MIN_VALUE, Double.MIN_NORMAL, 1, 2, false)),
                FixedPointPlans.of(List.of(Segment.bounded("tiny", 1, Double.MIN_VALUE)), NUMBERS, 1)
                        .segments());
    }

    @Test
    void namedSegmentsHaveTheScaleStated() {
        Segment control = Segment.unbounded("control", 10);
        FixedPoint numbers = NUMBERS.segment(
                "control", FixedPoint.within(0.3).resolution(0x1p-4).weighingAtMost(2));
        assertEquals(
                new SegmentPlan("control", 10, 0.6, 0x1p-3, 5, 5, false),
                FixedPointPlans.of(List.of(DELTA, ONE, control), numbers, 3)
                        .segments()
                        .get(2));
        assertEquals(
                new SegmentPlan("delta", 10, 9, 1, 9, 5, false),
                FixedPointPlans.of(
                                List.of(DELTA, EXAMPLES),
                                NUMBERS.weighingAtMost(7)
                                        .segment("delta", FixedPoint.within(9).resolution(1)),
                                1)
                        .segments()
                        .get(0));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2", "1, 3, 3", "1, 4, 4", "2, 2, 4", "3, 5, 5", "1, 8, 5", "1000, 1048576, 31", "1, 0, 1"})
    void theBitsAreTheFewest(int clients, long steps, int bits) {
        Segment segment = new Segment("s", 1, Math.max(0.5, (double) steps), OptionalDouble.of(1));
        SegmentPlan plan = FixedPointPlans.of(List.of(segment), NUMBERS, clients)
                .segments()
                .get(0);
        assertEquals(steps, plan.maxSteps());
        assertEquals(bits, plan.bits());
    }

    /** 2 (n maxSteps + 8 sigma) + 1 &lt;= 2^k: 2 (5 * 10 + 8 * 9.75) = 256 needs nine bits, a little less eight. */
    @ParameterizedTest
    @CsvSource({
        "5, 10, 0, 7",
        "5, 10, 9.5, 8",
        "5, 10, 9.7, 9",
        "5, 10, 9.75, 9",
        "1, 1, 0.001, 3",
        "5, 1048576, 1153434, 25"
    })
    void noiseHasRoomForEightStandardDeviations(int clients, long steps, double noise, int bits) {
        Segment segment = new Segment("s", 1, (double) steps, OptionalDouble.of(1), noise);
        assertEquals(
                new SegmentPlan("s", 1, steps, 1, steps, bits, true),
                FixedPointPlans.of(List.of(segment), NUMBERS, clients)
                        .segments()
                        .get(0));
    }

    @Test
    void rejectsNoiseBeyondFp64() {
        assertRejected(
                "segment 's': 1 clients x 1 steps of 2^0 + 9,007,199,254,740,992 steps of noise = 9,007,199,254,740,993"
                        + " steps need 55 bits, but a sum holds at most 2^53 - 1 = 9,007,199,254,740,991 steps, of 54 bits;"
                        + " choose a rule with a coarser grid or a smaller cohort",
                List.of(new Segment("s", 1, 1, OptionalDouble.of(1), 0x1p50)),
                NUMBERS);
    }

    @Test
    void acceptsAsManyStepsAsFp64Holds() {
        Segment most = new Segment("s", 1, 0x1p53 - 1, OptionalDouble.of(1));
        assertEquals(
                54,
                FixedPointPlans.of(List.of(most), NUMBERS, 1).segments().get(0).bits());

        Segment more = new Segment("s", 1, 0x1p53, OptionalDouble.of(1));
        assertRejected(
                "segment 's': 1 clients x 9,007,199,254,740,992 steps of 2^0 = 9,007,199,254,740,992 steps need 55 bits,"
                        + " but a sum holds at most 2^53 - 1 = 9,007,199,254,740,991 steps, of 54 bits; choose a rule with"
                        + " a coarser grid or a smaller cohort",
                List.of(more),
                NUMBERS);
    }

    @Test
    void rejectsATooFineResolution() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> FixedPointPlans.of(List.of(DELTA), FixedPoint.within(1.5).resolution(0x1p-43), 1_000));
        assertEquals(
                "segment 'delta': 1,000 clients x 13,194,139,533,312 steps of 2^-43 = 13,194,139,533,312,000 steps need"
                        + " 55 bits, but a sum holds at most 2^53 - 1 = 9,007,199,254,740,991 steps, of 54 bits; choose a"
                        + " coarser resolution, a smaller range, a lower weight cap or a smaller cohort",
                e.getMessage());
    }

    @Test
    void rejectsUnboundedSegments() {
        assertRejected(
                "segment 'weight' has no bound; state the largest weight of a client by FixedPoint's"
                        + " .weighingAtMost(...), or choose a rule whose weights are capped",
                List.of(DELTA, EXAMPLES),
                NUMBERS);
        assertRejected(
                "segment 'control' has no bound, and that of a delta says nothing about it; state the largest coordinate of"
                        + " a client's contribution, its weight in the rule included, by FixedPoint's .segment(\"control\","
                        + " FixedPoint.within(...))",
                List.of(DELTA, ONE, Segment.unbounded("control", 10)),
                NUMBERS);
        assertRejected(
                "segment 'delta' has neither a grid nor a bound; state the largest coordinate of a delta by"
                        + " FixedPoint.within(...)",
                List.of(DELTA, ONE),
                FixedPointPlans.UNSTATED);
        assertRejected(
                "segment 'delta' has a grid but no bound, so masks of no width would do; the rule must declare the"
                        + " largest contribution of a client",
                List.of(new Segment(Segment.DELTA, 1, Double.POSITIVE_INFINITY, OptionalDouble.of(1))),
                NUMBERS);
    }

    @Test
    void rejectsNumbersOfUnknownSegments() {
        FixedPoint numbers = NUMBERS.segment("contrl", FixedPoint.within(1));
        assertRejected(
                "numbers are stated for segment 'contrl', but the rule's segments without a grid are [delta, weight]",
                List.of(DELTA, ONE, new Segment("control", 1, 1, OptionalDouble.of(1))),
                numbers);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0x1.1p200, 0x1p-201})
    void rejectsExtremeWeights(double weight) {
        assertRejected(
                "segment 'weight': the largest weight must be from 2^-200 to 2^200, but was " + weight,
                List.of(DELTA, Segment.bounded(Segment.WEIGHT, 1, weight)),
                NUMBERS);
    }

    @Test
    void rejectsZeroClients() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> FixedPointPlans.of(List.of(DELTA), NUMBERS, 0));
        assertEquals("clients must be at least 1, but was 0", e.getMessage());
    }

    @Test
    void rejectsVectorsLongerThanAnArray() {
        assertRejected(
                "a masked vector must be at most 2147483639 coordinates, but was 2147483640",
                List.of(Segment.bounded("a", 2_147_483_639L, 1), Segment.bounded("b", 1, 1)),
                NUMBERS);
        assertRejected(
                "a masked vector must be at most 2147483639 bytes, but was 2750000000; choose a coarser resolution, a"
                        + " smaller cohort or a smaller model",
                List.of(Segment.bounded("a", 1_000_000_000L, 1)),
                NUMBERS);
    }

    @Test
    void segmentsStartAtABorder() {
        VectorPlan plan = new VectorPlan(List.of(segment(3, 5), segment(1, 8), segment(9, 7), segment(1, 1)));
        assertEquals(2 + 1 + 8 + 1, plan.packedBytes());
    }

    @Test
    void theFingerprintIsRecorded() {
        // Python 3.11: hashlib.sha256(b'fl4j secure aggregation, vector plan 1' + struct.pack('>ii', 1, 5) + b'delta'
        //     + struct.pack('>iddqiB', 10, 0.5, 2**-11, 1024, 18, 0)).hexdigest()
        assertEquals(
                "0dde8b55113cd1bce69afc0a34e5a89f554204fa1a86709a4c8d969c2dc6d242",
                HexFormat.of()
                        .formatHex(
                                FixedPointPlans.of(List.of(DELTA), NUMBERS, 100).fingerprint()));
    }

    @Test
    void everyPartChangesTheFingerprint() {
        SegmentPlan one = new SegmentPlan("a", 2, 3, 4, 5, 6, false);
        List<VectorPlan> plans = List.of(
                new VectorPlan(List.of(one)),
                new VectorPlan(List.of(one, one)),
                new VectorPlan(List.of(new SegmentPlan("b", 2, 3, 4, 5, 6, false))),
                new VectorPlan(List.of(new SegmentPlan("a", 3, 3, 4, 5, 6, false))),
                new VectorPlan(List.of(new SegmentPlan("a", 2, 4, 4, 5, 6, false))),
                new VectorPlan(List.of(new SegmentPlan("a", 2, 3, 8, 5, 6, false))),
                new VectorPlan(List.of(new SegmentPlan("a", 2, 3, 4, 6, 6, false))),
                new VectorPlan(List.of(new SegmentPlan("a", 2, 3, 4, 5, 7, false))),
                new VectorPlan(List.of(new SegmentPlan("a", 2, 3, 4, 5, 6, true))));
        Set<String> different = new HashSet<>();
        plans.forEach(plan -> different.add(HexFormat.of().formatHex(plan.fingerprint())));
        assertEquals(plans.size(), different.size());
    }

    @Test
    void rejectsOtherSegments() {
        VectorPlan plan = FixedPointPlans.of(List.of(DELTA, ONE), NUMBERS, 100);
        plan.requireSame(List.of(DELTA, ONE));

        assertNotSame(plan, List.of(DELTA));
        assertNotSame(plan, List.of(DELTA, ONE, ONE));
        assertNotSame(plan, List.of(ONE, DELTA));
        assertNotSame(plan, List.of(DELTA, Segment.bounded("clients", 1, 1)));
        assertNotSame(plan, List.of(Segment.unbounded(Segment.DELTA, 11), ONE));
        assertNotSame(plan, List.of(new Segment(Segment.DELTA, 10, 1, OptionalDouble.of(0x1p-11)), ONE));
        Segment grid = new Segment(Segment.DELTA, 10, 1, OptionalDouble.of(0x1p-11));
        VectorPlan onGrid = FixedPointPlans.of(List.of(grid), NUMBERS, 100);
        onGrid.requireSame(List.of(grid));
        assertNotSame(onGrid, List.of(new Segment(Segment.DELTA, 10, 1, OptionalDouble.of(0x1p-12))));
        assertNotSame(onGrid, List.of(DELTA));
    }

    private static SegmentPlan segment(int length, int bits) {
        return new SegmentPlan("s", length, 1, 1, 1, bits, false);
    }

    private static void assertNotSame(VectorPlan plan, List<Segment> others) {
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> plan.requireSame(others));
        assertEquals("segments must be " + plan.segments() + ", but was " + others, e.getMessage());
    }

    private static void assertRejected(String message, List<Segment> segments, FixedPoint numbers) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> FixedPointPlans.of(segments, numbers, 1));
        assertEquals(message, e.getMessage());
    }
}
