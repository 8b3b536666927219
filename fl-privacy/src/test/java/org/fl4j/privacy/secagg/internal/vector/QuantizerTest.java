package org.fl4j.privacy.secagg.internal.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.FixedPointPlans;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantizerTest {

    private static final FixedPoint QUARTERS = FixedPoint.within(2.6).resolution(0.25);

    @Test
    void keepsIntegersOnAGrid() {
        List<Segment> segments = List.of(
                new Segment("a", 4, 4, OptionalDouble.of(0.5)), new Segment("b", 3, 0x1p50, OptionalDouble.of(2)));
        double[] values = {8, -8, -0.0, 3, 0x1p49, -0x1p49, 12_345_678_901L};
        VectorPlan plan = FixedPointPlans.of(segments, FixedPointPlans.UNSTATED, 10);

        RingVector vector = integers(summand(segments, values), plan, 1);

        assertFalse(vector.isWide(0));
        assertTrue(vector.isWide(1));
        assertArrayEquals(
                new double[] {8, -8, 0, 3, 0x1p49, -0x1p49, 12_345_678_901L},
                vector.toSummand(segments).toArray());
    }

    @Test
    void keepsWholeStepsExactly() {
        List<Segment> segments = List.of(Segment.unbounded("delta", 201), Segment.bounded("weight", 1, 1));
        double[] values = new double[202];
        for (int i = 0; i < 201; i++) {
            values[i] = (i - 100) * 0x1p-20;
        }
        values[201] = 1;
        VectorPlan plan = FixedPointPlans.of(segments, FixedPoint.within(1), 3);
        for (int seed = 0; seed < 50; seed++) {
            assertArrayEquals(
                    values,
                    integers(summand(segments, values), plan, seed)
                            .toSummand(segments)
                            .toArray());
        }
    }

    /** 0.3 steps up or down, in both widths of words, at both ends of the range, and below one step. */
    @ParameterizedTest
    @ValueSource(doubles = {0.3, -0.3, 1000.3, -1000.3, 1e-3, -1e-3, 0.999})
    void roundingIsUnbiased(double steps) {
        int n = 400_000;
        for (double fewest : new double[] {2_000, 0x1p40}) {
            List<Segment> segments = List.of(Segment.unbounded("delta", n));
            VectorPlan plan =
                    FixedPointPlans.of(segments, FixedPoint.within(fewest).resolution(0x1p0), 10);
            double[] values = new double[n];
            Arrays.fill(values, steps);

            double[] rounded = integers(summand(segments, values), plan, 99)
                    .toSummand(segments)
                    .toArray();

            double below = Math.floor(steps);
            long up = 0;
            for (double each : rounded) {
                assertTrue(each == below || each == below + 1);
                up += each == below ? 0 : 1;
            }
            // Binomial: outside 6 standard deviations with probability below 6e-9 (summed in FP64), 14 times: 8e-8.
            double p = steps - below;
            assertEquals(n * p, (double) up, 6 * Math.sqrt(n * p * (1 - p)));
        }
    }

    @Test
    void coordinatesRoundIndependently() {
        // With p = 1/2, agreements of neighbours are binomial(n, 1/2): outside 6 standard deviations with p = 2e-9.
        int n = 100_000;
        List<Segment> segments = List.of(Segment.unbounded("delta", n));
        VectorPlan plan = FixedPointPlans.of(segments, FixedPoint.within(1).resolution(1), 1);
        double[] values = new double[n];
        Arrays.fill(values, 0.5);
        int[] rounded = integers(summand(segments, values), plan, 3).words32(0);
        for (int lag = 1; lag <= 3; lag++) {
            int agree = 0;
            for (int i = lag; i < n; i++) {
                agree += rounded[i] == rounded[i - lag] ? 1 : 0;
            }
            assertEquals((n - lag) / 2.0, agree, 3 * Math.sqrt(n));
        }
    }

    @Test
    void theSameSeedRoundsTheSame() {
        // Two seeds agree on 64 fair coins with probability 2^-64.
        List<Segment> segments = List.of(Segment.unbounded("delta", 64));
        VectorPlan plan = FixedPointPlans.of(segments, FixedPoint.within(1).resolution(1), 10);
        double[] values = new double[64];
        Arrays.fill(values, 0.5);
        Summand halves = summand(segments, values);

        assertArrayEquals(
                integers(halves, plan, 7).pack(), integers(halves, plan, 7).pack());
        assertFalse(Arrays.equals(
                integers(halves, plan, 7).pack(), integers(halves, plan, 8).pack()));
        assertEquals(summand(segments, values), halves);
    }

    @Test
    void seededRoundingIsRecorded() {
        // 1 where the top 53 bits of SplitMix64's outputs from seed 42 are below 2^52, computed with Python's integers.
        List<Segment> segments = List.of(Segment.unbounded("delta", 16));
        VectorPlan plan = FixedPointPlans.of(segments, FixedPoint.within(1).resolution(1), 10);
        double[] values = new double[16];
        Arrays.fill(values, 0.5);
        assertArrayEquals(
                new int[] {0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1},
                integers(summand(segments, values), plan, 42).words32(0));
    }

    /** From this seed SplitMix64's first output is 0, the most inclined to round up. */
    @ParameterizedTest
    @CsvSource({"7, 7", "-7, -7", "0, 0", "0x1p-53, 1", "0x1p-54, 0", "6.000000001, 7", "-6.5, -6", "-0x1p-60, 0"})
    void theSmallestDrawRoundsUpUnlessWhole(double steps, int expected) {
        List<Segment> segments = List.of(Segment.unbounded("delta", 1));
        VectorPlan plan = FixedPointPlans.of(segments, FixedPoint.within(8).resolution(1), 1);
        Summand one = summand(segments, new double[] {steps});
        assertEquals(expected, integers(one, plan, -0x9E3779B97F4A7C15L).words32(0)[0]);
    }

    @Test
    void everySumIsWithinAStepAClientOfThePlainOne() {
        int clients = 9;
        List<Segment> segments = List.of(Segment.unbounded("delta", 500), Segment.bounded("weight", 1, 1));
        FixedPoint numbers = FixedPoint.within(1).resolution(0x1p-6);
        VectorPlan plan = FixedPointPlans.of(segments, numbers, clients);
        DeterministicRandom random = new DeterministicRandom(5);
        Summand plain = Summand.zero(segments);
        RingVector sum = RingVector.zero(plan);
        for (int client = 0; client < clients; client++) {
            double[] values = new double[501];
            Arrays.setAll(values, i -> 2 * random.nextDouble() - 1);
            values[500] = 1;
            plain.add(values);
            sum.addPacked(integers(summand(segments, values), plan, client).pack(), 0);
        }
        double[] expected = plain.toArray();
        double[] actual = sum.toSummand(segments).toArray();
        assertTrue(sum.withinHeadroom(clients));
        for (int i = 0; i < 500; i++) {
            assertEquals(expected[i], actual[i], clients * 0x1p-6);
        }
        assertEquals(clients, actual[500]);
    }

    @Test
    void theEndsOfTheRangeStayWithinTheHeadroom() {
        // 2.6 is 10.4 steps, so 11 comes with probability 0.4; among 1,000 not once with probability 1e-222.
        List<Segment> segments = List.of(Segment.unbounded("delta", 1_000));
        VectorPlan plan = FixedPointPlans.of(segments, QUARTERS, 1);
        for (double end : new double[] {2.6, -2.6}) {
            double[] values = new double[1_000];
            Arrays.fill(values, end);
            RingVector vector = integers(summand(segments, values), plan, 11);
            assertTrue(vector.withinHeadroom(1));
            double[] rounded = vector.toSummand(segments).toArray();
            assertEquals(2.75, Arrays.stream(rounded).map(Math::abs).max().orElseThrow());
            assertEquals(2.5, Arrays.stream(rounded).map(Math::abs).min().orElseThrow());
        }
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {
                0x1.4cccccccccccep1,
                -0x1.4cccccccccccep1,
                2.75,
                1e300,
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY
            })
    void rejectsValuesBeyondTheRangeWithoutShowingThem(double value) {
        assertTrue(!(Math.abs(value) <= 2.6));
        List<Segment> segments = List.of(Segment.unbounded("delta", 3));
        VectorPlan plan = FixedPointPlans.of(segments, QUARTERS, 10);
        for (int place = 0; place < 3; place++) {
            double[] values = new double[3];
            values[place] = value;
            assertEquals(
                    "segment 'delta': under masks every coordinate of a client's contribution, its weight in the"
                            + " rule included, must be in [-2.6, 2.6], but one is not; is the range that FixedPoint states"
                            + " too small, or did the client's model diverge?",
                    assertThrows(UpdateRejectedException.class, () -> Quantizer.of(summand(segments, values), plan, 1))
                            .reason());
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {9, -9, 0.5, -7.999, 1e300, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void rejectsValuesOffTheGridWithoutShowingThem(double value) {
        List<Segment> segments =
                List.of(Segment.bounded("weight", 1, 1), new Segment("delta", 3, 2.1, OptionalDouble.of(0.25)));
        VectorPlan plan = FixedPointPlans.of(segments, FixedPointPlans.UNSTATED, 10);
        for (int place = 1; place < 4; place++) {
            double[] values = {1, 8, -8, 0};
            values[place] = value;
            assertEquals(
                    "segment 'delta': every coordinate must be a whole number of steps in [-8, 8], but one is"
                            + " not; it is the rule that must keep to its grid and bound",
                    assertThrows(UpdateRejectedException.class, () -> Quantizer.of(summand(segments, values), plan, 1))
                            .reason());
        }
    }

    @Test
    void rejectsContributionsOfAnotherPlan() {
        List<Segment> segments = List.of(Segment.unbounded("delta", 3));
        VectorPlan plan = FixedPointPlans.of(segments, QUARTERS, 10);
        Summand other = Summand.zero(List.of(Segment.unbounded("delta", 4)));
        assertThrows(IllegalArgumentException.class, () -> Quantizer.of(other, plan, 1));
    }

    private static RingVector integers(Summand contribution, VectorPlan plan, long seed) {
        return Quantizer.of(contribution, plan, seed);
    }

    private static Summand summand(List<Segment> segments, double[] values) {
        Summand summand = Summand.zero(segments);
        summand.add(values);
        return summand;
    }
}
