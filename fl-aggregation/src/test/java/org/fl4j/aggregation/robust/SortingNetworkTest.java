package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.fl4j.aggregation.Rounds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SortingNetworkTest {

    /** The zero-one principle (Knuth, theorem 5.3.4Z): a network that sorts all of these sorts everything. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16})
    void sortsEverySequenceOfZerosAndOnes(int rows) {
        int width = 1 << rows;
        double[][] columns = new double[rows][width];
        for (int k = 0; k < width; k++) {
            for (int row = 0; row < rows; row++) {
                columns[row][k] = (k >> row) & 1;
            }
        }
        SortingNetwork.of(rows).sort(columns, width);

        for (int k = 0; k < width; k++) {
            for (int row = 0; row < rows; row++) {
                assertEquals(row < rows - Integer.bitCount(k) ? 0 : 1, columns[row][k]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 23, 64, 65, 100, 257})
    void sortsLikeTheLibrary(int rows) {
        double[] expected = Rounds.gaussian(rows, rows);
        double[][] column = new double[rows][1];
        for (int row = 0; row < rows; row++) {
            column[row][0] = expected[row];
        }
        SortingNetwork.of(rows).sort(column, 1);
        Arrays.sort(expected);

        for (int row = 0; row < rows; row++) {
            assertEquals(expected[row], column[row][0]);
        }
    }

    @Test
    void leavesColumnsBeyondTheWidthAlone() {
        double[][] rows = {{2, 2}, {1, 1}};
        SortingNetwork.of(2).sort(rows, 1);

        assertArrayEquals(new double[][] {{1, 2}, {2, 1}}, rows);
    }

    @Test
    void putsNegativeZeroBeforeZero() {
        double[][] rows = {{0.0}, {-0.0}};
        SortingNetwork.of(2).sort(rows, 1);

        assertArrayEquals(new double[][] {{-0.0}, {0.0}}, rows);
    }
}
