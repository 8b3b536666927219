package org.fl4j.models.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DropoutLayerTest {

    private static final int DRAWS = 4_000;

    /** Random bits are drawn for four values at once: whatever is left at the end is dropped as often. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 8})
    void everyValueIsDroppedAsOften(int width) {
        int rows = 3;
        DropoutLayer layer = new DropoutLayer(rows, width, 0.7);
        layer.begin(1);
        Matrix x = new Matrix(rows, width);
        Matrix y = new Matrix(rows, width);
        Arrays.fill(x.heapToWrite(), 1);
        x.heapChanged();
        int[] dropped = new int[rows * width];
        for (int i = 0; i < DRAWS; i++) {
            layer.forward(rows, x, y, true);
            for (int j = 0; j < dropped.length; j++) {
                dropped[j] += y.heap(rows)[j] == 0 ? 1 : 0;
            }
        }
        // Binomial(4000, 0.3): six deviations of 29; with a fixed seed, of other seeds a false alarm in 1e7.
        for (int count : dropped) {
            assertEquals(1_200, count, 174);
        }
    }
}
