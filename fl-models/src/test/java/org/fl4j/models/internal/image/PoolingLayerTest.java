package org.fl4j.models.internal.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.fl4j.models.internal.Matrix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of a window's values is the greatest, where that is not plain. */
class PoolingLayerTest {

    /** The gradient 1 of one window of 2 by 2 values. */
    @ParameterizedTest
    @CsvSource({
        "-0.0, 0.0, -1, 0.0, 0",
        "0.0, -0.0, -1, 0.0, 0",
        "-1, -0.0, 0.0, -0.0, 1",
        "2, 3, 3, 1, 1",
        "-3, -2, -2, -2, 1",
        "-1e-45, 0.0, 1e-45, 1e-45, 2",
        "-Infinity, -3e38, -3.1e38, -Infinity, 1",
        "3e38, Infinity, -Infinity, Infinity, 1",
    })
    void ofEqualValuesTheFirstAndZerosAreEqual(float a, float b, float c, float d, int winner) {
        Window.Axis axis = new Window.Axis(2, 2, 1, 1, 0, 1);
        PoolingLayer layer = new PoolingLayer(1, new Window(axis, axis, 1), PoolingLayer.Kind.MAX);
        Matrix x = matrix(a, b, c, d);
        Matrix y = matrix(Float.NaN);
        Matrix dx = matrix(Float.NaN, Float.NaN, Float.NaN, Float.NaN);

        layer.forward(1, x, y, true);
        layer.backward(1, x, y, matrix(1), dx);

        float greatest = x.heap(1)[winner];
        float[] gradient = new float[4];
        gradient[winner] = 1;
        // Adding zero makes one of both.
        assertArrayEquals(new float[] {greatest + 0f}, new float[] {y.heap(1)[0] + 0f});
        assertArrayEquals(gradient, Arrays.copyOf(dx.heap(1), 4));
    }

    private static Matrix matrix(float... values) {
        Matrix matrix = new Matrix(1, values.length);
        System.arraycopy(values, 0, matrix.heapToWrite(), 0, values.length);
        matrix.heapChanged();
        return matrix;
    }
}
