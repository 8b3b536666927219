package org.fl4j.privacy.secagg.internal.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.privacy.secagg.FixedPointPlans;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RingVectorTest {

    private static final int LENGTH = 13;

    static IntStream allWidths() {
        return IntStream.rangeClosed(1, SegmentPlan.LARGEST_BITS);
    }

    @ParameterizedTest
    @MethodSource("allWidths")
    void sumsAreThoseOfIntegersModuloTwoToTheBits(int bits) {
        VectorPlan plan = plan(bits);
        DeterministicRandom random = new DeterministicRandom(bits);
        RingVector sum = RingVector.zero(plan);
        BigInteger[] exact = new BigInteger[LENGTH];
        Arrays.fill(exact, BigInteger.ZERO);
        for (int client = 0; client < 20; client++) {
            RingVector vector = RingVector.zero(plan);
            for (int i = 0; i < LENGTH; i++) {
                long word = random.nextLong();
                put(vector, i, word);
                exact[i] = exact[i].add(BigInteger.valueOf(vector.isWide(0) ? word : (int) word));
            }
            if (client % 2 == 0) {
                sum.add(vector);
            } else {
                sum.addPacked(vector.pack(), 0);
            }
        }
        assertArrayEquals(centred(exact, bits), sum.toSummand(segments()).toArray());
        RingVector received = RingVector.zero(plan);
        received.addPacked(sum.pack(), 0);
        assertArrayEquals(centred(exact, bits), received.toSummand(segments()).toArray());
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "1, 3",
        "7, 1048576",
        "1000, 1048576",
        "2048, 1048575",
        "1000, 1048577000",
        "4, 2251799813685247"
    })
    void theHeadroomIsExact(int clients, long maxSteps) {
        List<Segment> segments = List.of(new Segment("s", 2, (double) maxSteps, OptionalDouble.of(1)));
        VectorPlan plan = FixedPointPlans.of(segments, FixedPointPlans.UNSTATED, clients);
        RingVector sum = RingVector.zero(plan);
        for (int client = 0; client < clients; client++) {
            RingVector vector = RingVector.zero(plan);
            put(vector, 0, maxSteps);
            put(vector, 1, -maxSteps);
            sum.addPacked(vector.pack(), 0);
        }
        double all = (double) (clients * maxSteps);
        assertArrayEquals(new double[] {all, -all}, sum.toSummand(segments).toArray());
        assertTrue(sum.withinHeadroom(clients));
        assertFalse(sum.withinHeadroom(clients - 1));

        for (int sign : new int[] {1, -1}) {
            RingVector more = RingVector.zero(plan);
            put(more, sign == 1 ? 0 : 1, sign);
            sum.add(more);
            assertFalse(sum.withinHeadroom(clients));
            put(more, sign == 1 ? 0 : 1, -sign);
            sum.add(more);
            assertTrue(sum.withinHeadroom(clients));
        }
    }

    @Test
    void headroomIsForEverySegment() {
        VectorPlan plan = new VectorPlan(List.of(
                new SegmentPlan("a", 2, 5, 1, 5, 10, true),
                new SegmentPlan("b", 2, 9, 1, 9, 40, true),
                new SegmentPlan("c", 2, 7, 1, 7, 12, true)));
        RingVector sum = RingVector.zero(plan);
        sum.words32(0)[1] = -10;
        sum.words64(1)[0] = 18;
        sum.words32(2)[1] = 14;
        assertTrue(sum.withinHeadroom(2));
        assertFalse(sum.withinHeadroom(1));
        sum.words32(2)[1] = 15;
        assertFalse(sum.withinHeadroom(2));
        sum.words32(2)[1] = 0;
        sum.words64(1)[0] = -19;
        assertFalse(sum.withinHeadroom(2));
    }

    @Test
    void segmentsFollowEachOtherAtBytes() {
        RingVector vector = mixed();
        // -1 and 2 in 5 bits; -2 in 33 bits; 300 in 16 bits.
        byte[] expected = {(byte) 0b010_11111, 0, (byte) 0xFE, -1, -1, -1, 1, 0x2C, 1};
        assertArrayEquals(expected, vector.pack());

        byte[] later = new byte[expected.length + 3];
        System.arraycopy(expected, 0, later, 2, expected.length);
        vector.addPacked(later, 2);
        assertArrayEquals(
                new double[] {-0.5, 1, -4, 600},
                vector.toSummand(mixedSegments()).toArray());
    }

    @Test
    void stepsAreMultipliedUnlessOnAGrid() {
        assertArrayEquals(
                new double[] {-0.25, 0.5, -2, 300},
                mixed().toSummand(mixedSegments()).toArray());
        assertEquals(mixedSegments(), mixed().toSummand(mixedSegments()).segments());
    }

    @Test
    void masksCancelWithTheirNegatives() {
        RingVector vector = mixed();
        byte[] before = vector.pack();
        vector.words32(0)[0] += 0x9E3779B9;
        vector.words64(1)[0] += 0x9E3779B97F4A7C15L;
        assertFalse(Arrays.equals(before, vector.pack()));
        vector.words32(0)[0] -= 0x9E3779B9;
        vector.words64(1)[0] -= 0x9E3779B97F4A7C15L;
        assertArrayEquals(before, vector.pack());
    }

    @Test
    void bitsBetweenSegmentsMustBeZero() {
        RingVector vector = mixed();
        VectorPlan plan = vector.plan();
        byte[] packed = vector.pack();
        // Of 9 bytes, 10 bits, 33 bits and 16 bits are used.
        int canonical = 0;
        for (int bit = 0; bit < 8 * packed.length; bit++) {
            byte[] changed = packed.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            boolean padding = (bit >= 10 && bit < 16) || (bit >= 16 + 33 && bit < 16 + 40);
            assertEquals(!padding, RingVector.isCanonical(plan, changed, 0), "bit " + bit);
            canonical += padding ? 0 : 1;
        }
        assertEquals(10 + 33 + 16, canonical);
        assertTrue(RingVector.isCanonical(plan, packed, 0));
        assertEquals(packed.length, plan.packedBytes());
    }

    @Test
    void rejectedBytesAddNothing() {
        RingVector vector = mixed();
        byte[] packed = vector.pack();
        byte[] bad = packed.clone();
        bad[6] |= 2;

        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> vector.addPacked(bad, 0));
        assertEquals("a packed vector has bits set that belong to no coordinate", e.getMessage());
        assertThrows(IndexOutOfBoundsException.class, () -> vector.addPacked(packed, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.addPacked(Arrays.copyOf(packed, 8), 0));
        assertThrows(IndexOutOfBoundsException.class, () -> vector.addPacked(packed, -1));
        assertArrayEquals(packed, vector.pack());
    }

    @Test
    void erasedIsZero() {
        RingVector vector = mixed();
        int[] narrow = vector.words32(0);
        long[] wide = vector.words64(1);
        vector.erase();
        assertArrayEquals(new int[2], narrow);
        assertArrayEquals(new long[1], wide);
        assertArrayEquals(new byte[9], vector.pack());
    }

    @Test
    void rejectsWordsOfTheOtherWidth() {
        RingVector vector = mixed();
        assertFalse(vector.isWide(0));
        assertTrue(vector.isWide(1));
        assertEquals(
                "segment 0 has words of 32 bits",
                assertThrows(IllegalArgumentException.class, () -> vector.words64(0))
                        .getMessage());
        assertEquals(
                "segment 1 has words of 64 bits",
                assertThrows(IllegalArgumentException.class, () -> vector.words32(1))
                        .getMessage());
        assertFalse(RingVector.zero(plan(32)).isWide(0));
        assertTrue(RingVector.zero(plan(33)).isWide(0));
    }

    @Test
    void rejectsVectorsOfOtherPlans() {
        RingVector one = RingVector.zero(plan(5));
        RingVector other = RingVector.zero(plan(6));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> one.add(other));
        assertEquals("vectors over " + plan(5) + " and " + plan(6) + " do not add up", e.getMessage());
        List<Segment> onGrid = List.of(new Segment("s", LENGTH, 1, OptionalDouble.of(1)));
        assertThrows(IllegalArgumentException.class, () -> one.toSummand(onGrid));
    }

    @Test
    void twoVectorsOfOnePlanShareNothing() {
        VectorPlan plan = plan(5);
        RingVector one = RingVector.zero(plan);
        put(one, 3, 7);
        assertEquals(Summand.zero(segments()), RingVector.zero(plan).toSummand(segments()));
    }

    private static RingVector mixed() {
        RingVector vector = RingVector.zero(new VectorPlan(List.of(
                new SegmentPlan("a", 2, 1, 0.25, 4, 5, false),
                new SegmentPlan("b", 1, 1, 1, 1, 33, false),
                new SegmentPlan("c", 1, 1, 0.5, 2, 16, true))));
        vector.words32(0)[0] = -1;
        vector.words32(0)[1] = 2;
        vector.words64(1)[0] = -2;
        vector.words32(2)[0] = 300;
        return vector;
    }

    private static List<Segment> mixedSegments() {
        return List.of(
                Segment.unbounded("a", 2), Segment.unbounded("b", 1), new Segment("c", 1, 1, OptionalDouble.of(0.5)));
    }

    private static VectorPlan plan(int bits) {
        return new VectorPlan(List.of(new SegmentPlan("s", LENGTH, 1, 1, 1, bits, false)));
    }

    private static List<Segment> segments() {
        return List.of(Segment.unbounded("s", LENGTH));
    }

    private static void put(RingVector vector, int i, long value) {
        if (vector.isWide(0)) {
            vector.words64(0)[i] = value;
        } else {
            vector.words32(0)[i] = (int) value;
        }
    }

    /** In [-2^(bits-1), 2^(bits-1)). */
    private static double[] centred(BigInteger[] exact, int bits) {
        BigInteger modulus = BigInteger.ONE.shiftLeft(bits);
        return Arrays.stream(exact)
                .map(value -> value.mod(modulus))
                .map(value -> value.testBit(bits - 1) ? value.subtract(modulus) : value)
                .mapToDouble(BigInteger::doubleValue)
                .toArray();
    }
}
