package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What labels become. */
class ExamplesTest {

    @Test
    void oneHotLabelsOfADataSetAreClasses() {
        Examples examples = Examples.of(new DataSet(
                Nd4j.createFromArray(new float[][] {{1, 2}, {3, 4}, {5, 6}}),
                Nd4j.createFromArray(new double[][] {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}})));

        assertEquals(OptionalInt.of(3), examples.classes());
        assertEquals(List.of(3L), examples.labelShape());
        assertEquals(List.of(1, 2, 0), List.of(examples.label(0), examples.label(1), examples.label(2)));
        assertArrayEquals(new float[] {0, 0, 1}, label(examples, 1));
    }

    @Test
    void otherLabelsOfADataSetAreTargets() {
        assertTargets(new float[][] {{0, 1}, {0.5f, 0.5f}});
        assertTargets(new float[][] {{0, 1}, {0, 0}});
        assertTargets(new float[][] {{0, 1}, {1, 1}});
        assertTargets(new float[][] {{0, 1}, {1, 0.5f}});
        assertTargets(new float[][] {{1}, {0}});
        assertTargets(new float[][] {{1}, {1}});
    }

    private static void assertTargets(float[][] labels) {
        Examples examples = Examples.of(new DataSet(
                Nd4j.createFromArray(new float[][] {{1, 2}, {3, 4}}), Nd4j.createFromArray(labels)));
        assertEquals(OptionalInt.empty(), examples.classes());
        assertArrayEquals(labels[1], label(examples, 1));
    }

    @Test
    void targetsAreUnited() {
        Examples first =
                Examples.withTargets(new float[] {1, 2}, new long[] {1}, new float[] {5, 6, 7, 8}, new long[] {2});
        Examples second = Examples.withTargets(new float[] {3}, new long[] {1}, new float[] {9, 10}, new long[] {2});

        Examples both = Examples.union(List.of(second, first.select(new int[] {1, 0})));

        assertEquals(3, both.size());
        assertEquals(OptionalInt.empty(), both.classes());
        assertArrayEquals(new float[] {9, 10}, label(both, 0));
        assertArrayEquals(new float[] {7, 8}, label(both, 1));
        assertArrayEquals(new float[] {5, 6}, label(both, 2));
        float[] feature = new float[1];
        both.copyFeatures(1, feature, 0);
        assertArrayEquals(new float[] {2}, feature);
    }

    @Test
    void classesAndTargetsDoNotUnite() {
        Examples classes = Examples.classified(new float[1], new int[1], 2, 1);
        Examples targets = Examples.withTargets(new float[1], new long[] {1}, new float[2], new long[] {2});

        assertThrows(IllegalArgumentException.class, () -> Examples.union(List.of(classes, targets)));
    }

    /** 65,536 rows of 65,536 values: their product is 0 in an int. */
    @Test
    void aUnionThatNoArrayHoldsIsRefused() {
        Examples row = Examples.classified(new float[1 << 16], new int[1], 2, 1 << 16);
        Examples rows = row.select(new int[1 << 8]);

        assertEquals(
                "65536 rows of 65536 feature values are 4294967296, more than an array holds; keep the sets apart",
                assertThrows(IllegalArgumentException.class, () -> Examples.union(Collections.nCopies(1 << 8, rows)))
                        .getMessage());
    }

    @Test
    void twoClassesAreOneTargetForASigmoidUnit() {
        Examples binary = Examples.classified(new float[3], new int[] {1, 0, 1}, 2, 1)
                .withBinaryTargets()
                .select(new int[] {2, 1});

        assertEquals(List.of(1L), binary.labelShape());
        assertEquals(OptionalInt.of(2), binary.classes());
        assertArrayEquals(new float[] {1}, label(binary, 0));
        assertArrayEquals(new float[] {0}, label(binary, 1));
        assertEquals(0, binary.label(1));
    }

    @Test
    void aFlippedLabelIsCountedFromTheOtherEnd() {
        Examples all = Examples.classified(new float[] {5, 6, 7, 8}, new int[] {0, 1, 2, 3}, 4, 1);
        Examples flipped = all.select(new int[] {3, 0, 1}).withFlippedLabels();

        assertArrayEquals(
                new int[] {0, 3, 2}, IntStream.range(0, 3).map(flipped::label).toArray());
        assertArrayEquals(new float[] {0, 0, 1, 0}, label(flipped, 2));
        assertEquals(0, all.label(0), "those they were made of stay");
        assertThrows(
                IllegalStateException.class,
                () -> Examples.withTargets(new float[1], new long[] {1}, new float[1], new long[] {1})
                        .withFlippedLabels());
    }

    private static float[] label(Examples examples, int example) {
        float[] row = new float[examples.labelLength()];
        examples.copyLabel(example, row, 0);
        return row;
    }
}
