package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.fl4j.model.Evaluation;
import org.fl4j.model.Metric;
import org.junit.jupiter.api.Test;

class SuspicionTest {

    /** In order: found, other, found, other. */
    @Test
    void areasByHand() {
        Evaluation evaluation =
                Suspicion.evaluation(new double[] {0.1, 1e6, 3, 40}, new boolean[] {false, true, true, false});
        assertEquals((1 + 2 / 3.0) / 2, Metric.PR_AUC.of(evaluation).orElseThrow());
        assertEquals(3 / 4.0, Metric.ROC_AUC.of(evaluation).orElseThrow());
    }

    @Test
    void rejectsWhatCannotBeRanked() {
        assertEquals(
                "example 1 has NaN for odds; did the training diverge?",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Suspicion.evaluation(new double[] {1, Double.NaN}, new boolean[] {true, false}))
                        .getMessage());
    }
}
