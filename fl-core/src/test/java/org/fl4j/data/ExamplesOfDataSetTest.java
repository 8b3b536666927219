package org.fl4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What a DL4J data set lacks is said. */
class ExamplesOfDataSetTest {

    private static final String HINT = "; for unsupervised training, repeat the features as labels";

    @Test
    void aDataSetHasFeaturesAndLabels() {
        refused(
                "a data set must have features and labels, but this one has no labels" + HINT,
                new DataSet(Nd4j.zeros(2, 3), null));
        refused(
                "a data set must have features and labels, but this one has no features" + HINT,
                new DataSet(null, Nd4j.zeros(2, 3)));
        assertEquals(
                2, Examples.of(new DataSet(Nd4j.zeros(2, 3), Nd4j.zeros(2, 1))).size());
    }

    private static void refused(String why, DataSet data) {
        assertEquals(
                why,
                assertThrows(IllegalArgumentException.class, () -> Examples.of(data))
                        .getMessage());
    }
}
