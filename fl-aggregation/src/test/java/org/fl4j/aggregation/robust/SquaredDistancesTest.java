package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.aggregation.Rounds;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SquaredDistancesTest {

    /** Lengths about those of a pass, a chunk and a stretch, and a stretch of a chunk and one; sums of squares in another order, 1e-13 apart at most. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 511, 512, 513, 8191, 8192, 8193, 8705, 20_001})
    void areSumsOfSquaredDifferences(int length) {
        List<ModelDelta> deltas = Rounds.random(7, 6, Fixtures.layout(length));
        double[][] squared = SquaredDistances.of(SevenUpdates.held(deltas));

        for (int i = 0; i < 6; i++) {
            assertEquals(0, squared[i][i]);
            for (int j = 0; j < 6; j++) {
                double norm = Rounds.distance(deltas.get(i), deltas.get(j));
                assertEquals(norm * norm, squared[i][j], 1e-13 * norm * norm);
                assertEquals(squared[i][j], squared[j][i]);
            }
        }
    }

    /**
     * The seven updates, 2^14 times smaller, on top of 2^26 in every coordinate: all exact in FP64, and so are the
     * differences. Norms squared are 3 * 2^52, their units in the last place 2, the distances squared 2^-28: inner products
     * know nothing of them.
     */
    @Test
    void keepTheirPrecisionWhereUpdatesHaveMuchInCommon() {
        ParameterLayout layout = Fixtures.layout(3);
        List<ModelDelta> deltas = new ArrayList<>();
        for (double[] values : SevenUpdates.VALUES) {
            double[] shifted = new double[3];
            for (int k = 0; k < 3; k++) {
                shifted[k] = 0x1p26 + 0x1p-14 * values[k];
            }
            deltas.add(ModelDelta.of(layout, shifted));
        }
        double[] expected = SevenUpdates.KRUM_SCORES.clone();
        for (int i = 0; i < expected.length; i++) {
            expected[i] *= 0x1p-28;
        }

        assertArrayEquals(expected, new KrumScores(SquaredDistances.of(SevenUpdates.held(deltas)), 1).scores());
        assertEquals(deltas.get(SevenUpdates.KRUM), Rounds.aggregate(Krum.tolerating(1), deltas));
        assertArrayEquals(SevenUpdates.BULYAN, Bulyan.select(SquaredDistances.of(SevenUpdates.held(deltas)), 1));
    }

    /** What a DOUBLE layout can hold below the limit of {@link NormLimit}. */
    @Test
    void stayFinite() {
        List<ModelDelta> deltas =
                Rounds.deltas(Fixtures.layout(2), new double[][] {{9e149, 0}, {-9e149, 0}, {0, 9e149}});
        double[][] squared = SquaredDistances.of(SevenUpdates.held(deltas));

        assertEquals(3.24e300, squared[0][1], 1e286);
        assertEquals(1.62e300, squared[2][0], 1e286);
    }
}
