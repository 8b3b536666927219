package org.fl4j.data;

import java.util.stream.IntStream;

/** Examples for the tests of partitioners: row i has the single feature i. */
final class LabelledRows {

    private LabelledRows() {}

    /** Labels 0, 1, .., classes - 1, 0, 1, .. */
    static Examples balanced(int n, int classes) {
        return Examples.classified(
                features(n), IntStream.range(0, n).map(i -> i % classes).toArray(), classes, 1);
    }

    static Examples withTargets(int n) {
        return Examples.withTargets(features(n), new long[] {1}, new float[n], new long[] {1});
    }

    /** How many examples of each class each client has. */
    static int[][] counts(Examples examples, Partition partition) {
        int[][] counts = new int[partition.clients()][examples.labelLength()];
        for (int k = 0; k < counts.length; k++) {
            for (int example : partition.examplesOf(k)) {
                counts[k][examples.label(example)]++;
            }
        }
        return counts;
    }

    private static float[] features(int n) {
        float[] features = new float[n];
        for (int i = 0; i < n; i++) {
            features[i] = i;
        }
        return features;
    }
}
