package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandardizationTest {

    private static final Examples TRAINING =
            Examples.classified(new float[] {1, 5, 3, 5, 5, 5, 7, 5}, new int[] {0, 1, 1, 0}, 2, 2);

    /** Feature 0 has mean 4 and variance (9 + 1 + 1 + 9) / 4 = 5; feature 1 is always 5. */
    @Test
    void bringsFeaturesToMeanZeroAndDeviationOne() {
        Examples other = Examples.classified(new float[] {9, 6}, new int[] {1}, 2, 2);
        Standardization own = Standardization.of(TRAINING);

        float root = (float) Math.sqrt(5);
        assertArrayEquals(
                new float[] {-3 / root, 0, -1 / root, 0, 1 / root, 0, 3 / root, 0},
                features(own.apply(TRAINING)),
                1e-6f);
        assertArrayEquals(new float[] {5 / root, 1}, features(own.apply(other)), 1e-6f);
        assertEquals(1, own.apply(other).label(0));
        assertEquals(TRAINING.featureShape(), own.apply(other).featureShape());
        assertEquals(2, own.apply(other).classes().orElseThrow());
    }

    /** The mean of many 0.1f, summed up in FP64, is off by rounding: no deviation to divide by. */
    @Test
    void aFeatureThatNeverChangesIsOnlyShifted() {
        for (int n = 1; n <= 40; n++) {
            float[] same = new float[n];
            Arrays.fill(same, 0.1f);
            Standardization constant = Standardization.of(Examples.classified(same, new int[n], 2, 1));

            assertArrayEquals(
                    new float[] {0, 1, -0.1f},
                    features(constant.apply(
                            Examples.classified(new float[] {0.1f, 1.1f, 0}, new int[] {0, 0, 0}, 2, 1))),
                    1e-6f,
                    n + " examples");
        }
    }

    @Test
    void refusesWhatItHasNoStatisticsFor() {
        assertEquals(
                "statistics need at least one example",
                assertThrows(IllegalArgumentException.class, () -> Standardization.of(TRAINING.select(new int[] {})))
                        .getMessage());
        assertEquals(
                "expected 2 features, but was Examples[size=1, features=[1], labels=[2] (classes)]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Standardization.of(TRAINING)
                                        .apply(Examples.classified(new float[] {1}, new int[] {0}, 2, 1)))
                        .getMessage());
    }

    @Test
    void aSplitKeepsTheProportionsOfTheClasses() {
        int[] labels = new int[100];
        float[] features = new float[100];
        for (int i = 0; i < 100; i++) {
            labels[i] = i < 30 ? 0 : 1;
            features[i] = i;
        }
        Examples all = Examples.classified(features, labels, 2, 1);
        TrainTest split = TrainTest.stratified(all, 0.66, 5);
        TrainTest again = TrainTest.stratified(all, 0.66, 5);
        TrainTest other = TrainTest.stratified(all, 0.66, 6);

        assertEquals(20, zeros(split.training()), "round(0.66 * 30)");
        assertEquals(66, split.training().size());
        assertEquals(10, zeros(split.test()));
        assertEquals(34, split.test().size());
        boolean[] seen = new boolean[100];
        for (Examples half : List.of(split.training(), split.test())) {
            for (float id : features(half)) {
                assertEquals(false, seen[(int) id], "example " + id + " is in both halves or twice");
                seen[(int) id] = true;
            }
        }
        assertArrayEquals(features(split.training()), features(again.training()));
        assertEquals(false, List.of(boxed(split)).equals(List.of(boxed(other))), "another seed, another split");
    }

    @Test
    void refusesSharesThatLeaveNothing() {
        for (double share : new double[] {0, 1, Double.NaN}) {
            assertEquals(
                    "share must be in (0, 1), but was " + share,
                    assertThrows(IllegalArgumentException.class, () -> TrainTest.stratified(TRAINING, share, 1))
                            .getMessage());
        }
    }

    @Test
    void aUnionHoldsTheSetsOneAfterAnother() {
        Examples two = TRAINING.select(new int[] {3, 1});
        Examples union = Examples.union(List.of(two, TRAINING.select(new int[] {0})));

        assertArrayEquals(new float[] {7, 5, 3, 5, 1, 5}, features(union));
        assertEquals(0, union.label(0));
        assertEquals(1, union.label(1));
        assertEquals(0, union.label(2));
        assertEquals(
                "the shapes differ, but was Examples[size=4, features=[2], labels=[2] (classes)] and"
                        + " Examples[size=1, features=[2], labels=[3] (classes)]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Examples.union(List.of(
                                        TRAINING, Examples.classified(new float[] {1, 2}, new int[] {2}, 3, 2))))
                        .getMessage());
        assertEquals(
                "a union needs at least one set of examples",
                assertThrows(IllegalArgumentException.class, () -> Examples.union(List.of()))
                        .getMessage());
    }

    private static String boxed(TrainTest split) {
        return java.util.Arrays.toString(features(split.training()));
    }

    private static int zeros(Examples examples) {
        int zeros = 0;
        for (int i = 0; i < examples.size(); i++) {
            zeros += examples.label(i) == 0 ? 1 : 0;
        }
        return zeros;
    }

    private static float[] features(Examples examples) {
        float[] all = new float[examples.size() * examples.featureLength()];
        for (int i = 0; i < examples.size(); i++) {
            examples.copyFeatures(i, all, i * examples.featureLength());
        }
        return all;
    }
}
