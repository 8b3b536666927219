package org.fl4j.aggregation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** A commutative monoid of named stretches; and the declarations it is made from. */
class SummandTest {

    private static final ParameterLayout LAYOUT = Fixtures.layout(3);
    private static final Segment DELTA = Segment.unbounded(Segment.DELTA, 3);
    private static final Segment WEIGHT = Segment.bounded(Segment.WEIGHT, 1, 1000);
    private static final Segment STEPS = new Segment("steps", 3, 8, OptionalDouble.of(0.25));
    private static final List<Segment> SEGMENTS = List.of(DELTA, WEIGHT, STEPS);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void zeroIsNeutralAndAdditionCommutes(long seed) {
        Summand a = random(seed);
        Summand b = random(-seed);

        assertEquals(a, sum(a, Summand.zero(SEGMENTS)));
        assertEquals(a, sum(Summand.zero(SEGMENTS), a));
        assertEquals(sum(a, b), sum(b, a));
        assertNotEquals(a, sum(a, b));
    }

    /** Whole numbers below 2^53 add exactly, so on a grid the order of sums does not show in the bits. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void additionIsAssociativeOnAGrid(long seed) {
        Summand[] of = new Summand[3];
        for (int i = 0; i < 3; i++) {
            of[i] = Summand.zero(List.of(STEPS));
            for (int j = 0; j < 3; j++) {
                of[i].add("steps", j, (double) (new DeterministicRandom(seed + i + 10L * j).nextLong() >> 12));
            }
        }

        assertEquals(sum(sum(of[0], of[1]), of[2]), sum(of[0], sum(of[1], of[2])));
    }

    @Test
    void weighsParametersByTheirRole() {
        ParameterLayout roles = Fixtures.layoutWithStatistics(DataType.FLOAT, 1, 1, 1);
        Summand sum = Summand.zero(SEGMENTS);
        sum.add(Segment.DELTA, ModelDelta.of(roles, 1, 2, 3), new ParameterSpec.Role.Factors(10, 100));
        sum.add(Segment.DELTA, ModelDelta.of(roles, 1, 2, 3), new ParameterSpec.Role.Factors(1, 0.5));

        assertArrayEquals(new double[] {11, 201, 33}, sum.toArray(Segment.DELTA));
        assertArrayEquals(new double[] {0, 0, 0}, sum.toArray("steps"));
        assertEquals(
                ModelDelta.of(roles, 22, 603, 66),
                sum.toDelta(Segment.DELTA, roles, new ParameterSpec.Role.Factors(2, 3)));
        sum.add("steps", 0, 8);
        sum.add("steps", 1, 4);
        assertEquals(
                ModelDelta.of(roles, 4, 3, 0),
                sum.toDelta("steps", roles, new ParameterSpec.Role.Factors(2, 3)),
                "a quarter for each step of the grid");
    }

    @Test
    void addsToTheNamedSegmentOnly() {
        Summand sum = Summand.zero(SEGMENTS);
        sum.add(Segment.DELTA, ModelDelta.of(LAYOUT, 1, 2, 3), 2);
        sum.add(Segment.DELTA, ModelDelta.of(LAYOUT, 1, 1, 1), 1);
        sum.add(Segment.WEIGHT, 0, 3);
        sum.add("steps", 2, -4);

        assertArrayEquals(new double[] {3, 5, 7, 3, 0, 0, -4}, sum.toArray());
        assertEquals(5, sum.get(Segment.DELTA, 1));
        assertEquals(-4, sum.get("steps", 2));
        assertEquals(7, sum.length());
        assertEquals(SEGMENTS, sum.segments());
    }

    @Test
    void addsAWholeSegmentAtOnce() {
        Summand sum = Summand.zero(SEGMENTS);
        sum.add("steps", 1, 0.5);
        sum.add("steps", new double[] {-1, 2, 4});
        sum.add(Segment.WEIGHT, new double[] {7});

        assertArrayEquals(new double[] {0, 0, 0, 7, -1, 2.5, 4}, sum.toArray());
    }

    @Test
    void decodesASegmentWithItsGrid() {
        Summand sum = Summand.zero(SEGMENTS);
        sum.add(Segment.DELTA, ModelDelta.of(LAYOUT, 1, 2, 3), 1);
        sum.add("steps", 0, 6);
        sum.add("steps", 2, -8);

        assertEquals(ModelDelta.of(LAYOUT, 0.5, 1, 1.5), sum.toDelta(Segment.DELTA, LAYOUT, 0.5));
        assertEquals(ModelDelta.of(LAYOUT, 0.75, 0, -1), sum.toDelta("steps", LAYOUT, 0.5));
    }

    @Test
    void itsArrayIsACopyThatCanBeAddedBack() {
        Summand a = random(4);
        double[] copy = a.toArray();
        Summand back = Summand.zero(SEGMENTS);
        back.add(copy);
        copy[0] = 99;

        assertEquals(a, back);
        assertEquals(a.hashCode(), back.hashCode());
    }

    @Test
    void saysWhatDoesNotFit() {
        Summand sum = Summand.zero(List.of(DELTA));
        String shown = "Segment[name=delta, length=3, maxAbs=Infinity, grid=OptionalDouble.empty, noise=0.0]";
        Segment longer = Segment.unbounded(Segment.DELTA, 4);

        refused(
                "summands over [" + shown + "] and [" + shown.replace('3', '4') + "] do not add up",
                () -> sum.add(Summand.zero(List.of(longer))));
        refused("no segment 'loss'; there are [" + shown + "]", () -> sum.add("loss", 0, 1));
        refused("no segment 'loss'; there are [" + shown + "]", () -> sum.get("loss", 0));
        refused("no segment 'loss'; there are [" + shown + "]", () -> sum.add("loss", new double[3]));
        refused("segment 'delta' has 3 coordinates, but was 2", () -> sum.add(Segment.DELTA, new double[2]));
        refused("expected 3 coordinates, but was 2", () -> sum.add(new double[2]));
        refused(
                "segment 'delta' has 3 coordinates but the layout has 2",
                () -> sum.add(Segment.DELTA, ModelDelta.zero(Fixtures.layout(2)), 1));
        refused(
                "segment 'delta' has 3 coordinates but the layout has 2",
                () -> sum.toDelta(Segment.DELTA, Fixtures.layout(2), 1));
        assertThrows(IndexOutOfBoundsException.class, () -> sum.get(Segment.DELTA, 3));
        assertThrows(IndexOutOfBoundsException.class, () -> sum.add(Segment.DELTA, -1, 1));
    }

    @Test
    void saysWhichSegmentsMakeNoSum() {
        refused("two segments are named 'delta'", () -> Summand.zero(List.of(DELTA, DELTA)));
        refused("a sum needs at least one segment", () -> Summand.zero(List.of()));
        List<Segment> tooLong = List.of(WEIGHT, Segment.unbounded("long", Integer.MAX_VALUE));
        refused("segments hold at most 2147483647 coordinates in all, but was " + tooLong, () -> Summand.zero(tooLong));
    }

    /** Hand computed modulo 8: 3 + 2 = 5 = -3, -4 - 1 = -5 = 3, 1 + 2 = 3; modulo 2^54: 2^53 - 1 + 1 = -2^53. */
    @Test
    void noiseIsAddedInTheRingAndCentredThen() {
        Segment wide = new Segment("wide", 1, 1, OptionalDouble.of(1));
        List<Segment> noised = List.of(STEPS.noised(9), wide.noised(9));
        Summand residues = Summand.modulo(noised, List.of(3, 54), new double[] {3, -4, 1, 0x1p53 - 1});

        Summand sum = residues.withNoise(List.of(STEPS, wide), new double[] {2, -1, 2, 1});

        assertEquals(List.of(STEPS, wide), sum.segments());
        assertArrayEquals(new double[] {-3, 3, 3, -0x1p53}, sum.toArray());
        assertArrayEquals(
                new double[] {3, -4, 1, 0x1p53 - 1},
                residues.withNoise(noised, new double[4]).toArray());
    }

    @Test
    void noiseOnASumIsAddition() {
        Summand sum = Summand.zero(List.of(STEPS.noised(9)));
        sum.add("steps", new double[] {3, -4, 1});

        assertArrayEquals(
                new double[] {5, -5, 3},
                sum.withNoise(List.of(STEPS), new double[] {2, -1, 2}).toArray());
        assertArrayEquals(new double[] {3, -4, 1}, sum.toArray());
    }

    @Test
    void residuesCanBeUsedForNothingBeforeTheNoise() {
        List<Segment> segments = List.of(STEPS);
        Summand residues = Summand.modulo(segments, List.of(4), new double[3]);
        ModelDelta delta = ModelDelta.zero(LAYOUT);
        List<Executable> uses = List.of(
                () -> residues.get("steps", 0),
                residues::toArray,
                () -> residues.toArray("steps"),
                () -> residues.toDelta("steps", LAYOUT, 1),
                () -> residues.toDelta("steps", LAYOUT, new ParameterSpec.Role.Factors(1, 1)),
                () -> residues.add(Summand.zero(segments)),
                () -> Summand.zero(segments).add(residues),
                () -> residues.add("steps", delta, 1),
                () -> residues.add("steps", delta, new ParameterSpec.Role.Factors(1, 1)),
                () -> residues.add("steps", new double[3]),
                () -> residues.add("steps", 0, 1),
                () -> residues.add(new double[3]),
                residues::hashCode,
                () -> residues.equals(Summand.zero(segments)));

        for (Executable use : uses) {
            assertEquals(
                    "the masked sum of a private rule has no coordinates before withNoise; does a wrapper look at the total"
                            + " before the rule that adds the noise decodes it?",
                    assertThrows(IllegalStateException.class, use).getMessage());
        }
    }

    @Test
    void saysWhatNoiseAndResiduesDoNotFit() {
        List<Segment> segments = List.of(STEPS);
        Summand sum = Summand.zero(segments);

        refused(
                "noise of 2 coordinates, for " + segments + ", does not fit a sum over " + segments,
                () -> sum.withNoise(segments, new double[2]));
        refused(
                "noise of 3 coordinates, for " + List.of(DELTA) + ", does not fit a sum over " + segments,
                () -> sum.withNoise(List.of(DELTA), new double[3]));
        refused(
                "expected 1 moduli and 3 residues, but was 2 and 3",
                () -> Summand.modulo(segments, List.of(4, 4), new double[3]));
        refused(
                "residues need a grid and 1 to 54 bits, but was " + STEPS + ", 55",
                () -> Summand.modulo(segments, List.of(55), new double[3]));
        refused(
                "residues need a grid and 1 to 54 bits, but was " + DELTA + ", 4",
                () -> Summand.modulo(List.of(DELTA), List.of(4), new double[3]));
    }

    @Test
    void aSegmentIsNoisedOnceAndOnItsGrid() {
        assertEquals(new Segment("steps", 3, 8, OptionalDouble.of(0.25), 2), STEPS.noised(2));
        refused(
                "segment 'steps' is noised already, but was " + STEPS.noised(2),
                () -> STEPS.noised(2).noised(1));
        for (double noise : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            refused(
                    "segment 'steps': noise must be >= 0 and < infinity, and needs a grid, whose steps it is drawn in,"
                            + " but was " + noise + ", OptionalDouble[0.25]",
                    () -> STEPS.noised(noise));
        }
        refused(
                "segment 'delta': noise must be >= 0 and < infinity, and needs a grid, whose steps it is drawn in,"
                        + " but was 1.0, OptionalDouble.empty",
                () -> DELTA.noised(1));
    }

    @Test
    void doesNotShowAClientsContribution() {
        assertEquals("Summand" + SEGMENTS, random(5).toString());
    }

    @Test
    void aSegmentHasANameALengthABoundAndAGrid() {
        refused("a segment needs a name and at least one coordinate, but was ' ', 1", () -> Segment.unbounded(" ", 1));
        refused("a segment needs a name and at least one coordinate, but was 'a', 0", () -> Segment.unbounded("a", 0));
        refused("segment 'a': maxAbs must be > 0, or infinity, but was 0.0", () -> Segment.bounded("a", 1, 0));
        refused("segment 'a': maxAbs must be > 0, or infinity, but was NaN", () -> Segment.bounded("a", 1, Double.NaN));
        for (double grid : new double[] {0.75, 3, 0, -0.5, Double.NaN, Double.POSITIVE_INFINITY, Double.MIN_VALUE}) {
            refused(
                    "segment 'a': the grid must be a power of two, but was " + grid,
                    () -> new Segment("a", 1, 1, OptionalDouble.of(grid)));
        }
        for (double grid : new double[] {1, 2, 0x1p-30, 0x1p1023, Double.MIN_NORMAL}) {
            assertEquals(OptionalDouble.of(grid), new Segment("a", 1, 1, OptionalDouble.of(grid)).grid());
        }
    }

    @Test
    void aSensitivityIsPositiveAndFinite() {
        assertEquals(Map.of("a", 2.0), new BoundedRound.Sensitivity(Map.of("a", 2.0)).l2());
        for (double bound : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            refused(
                    "segment 'a': a sensitivity must be > 0 and < infinity, but was " + bound,
                    () -> new BoundedRound.Sensitivity(Map.of("a", bound)));
        }
    }

    private static Summand random(long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        Summand sum = Summand.zero(SEGMENTS);
        for (Segment segment : SEGMENTS) {
            for (int i = 0; i < segment.length(); i++) {
                sum.add(segment.name(), i, random.nextGaussian());
            }
        }
        return sum;
    }

    private static Summand sum(Summand a, Summand b) {
        Summand sum = Summand.zero(a.segments());
        sum.add(a);
        sum.add(b);
        return sum;
    }

    private static void refused(String message, Runnable call) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
    }
}
