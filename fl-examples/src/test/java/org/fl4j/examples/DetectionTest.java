package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.nd4j.evaluation.classification.ROC;
import org.nd4j.linalg.factory.Nd4j;

class DetectionTest {

    @Test
    void areasByHand() {
        // In order: found, other, found, other.
        Detection of = Detection.of(new float[] {0.1f, 0.9f, 0.4f, 0.5f}, new boolean[] {false, true, true, false});
        assertEquals((1 + 2 / 3.0) / 2, of.averagePrecision(), 1e-12);
        assertEquals(3 / 4.0, of.roc(), 1e-12);
    }

    @Test
    void equalScoresAreOneThreshold() {
        Detection all = Detection.of(new float[5], new boolean[] {true, false, false, false, true});
        assertEquals(2 / 5.0, all.averagePrecision(), 1e-12);
        assertEquals(0.5, all.roc(), 1e-12);
    }

    @Test
    void agreesWithDl4j() {
        DeterministicRandom random = new DeterministicRandom(1);
        int n = 2000;
        float[] scores = new float[n];
        float[] labels = new float[n];
        boolean[] rare = new boolean[n];
        for (int i = 0; i < n; i++) {
            rare[i] = i % 20 == 0;
            labels[i] = rare[i] ? 1 : 0;
            scores[i] = (float) (random.nextGaussian() + 2 * labels[i]);
        }
        ROC oracle = new ROC(0);
        oracle.eval(
                Nd4j.createFromArray(labels).reshape(n, 1),
                Nd4j.createFromArray(scores).reshape(n, 1));

        Detection detection = Detection.of(scores, rare);

        assertEquals(oracle.calculateAUC(), detection.roc(), 1e-4);
        // DL4J interpolates between thresholds.
        assertEquals(oracle.calculateAUCPR(), detection.averagePrecision(), 5e-3);
    }

    @Test
    void rejectsWhatCannotBeRanked() {
        assertThrows(IllegalArgumentException.class, () -> Detection.of(new float[2], new boolean[2]));
        assertEquals(
                "a score is NaN; did the training diverge?",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Detection.of(new float[] {1, Float.NaN}, new boolean[] {true, false}))
                        .getMessage());
    }
}
