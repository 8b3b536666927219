package org.fl4j.models.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class ExponentialsTest {

    private static final float[] RANGES = {1e-30f, 1e-6f, 1e-3f, 0.1f, 0.4f, 1, 9, 86};

    private final Exponentials exponentials = new Exponentials(20_001);

    @Test
    void tanhIsCloseEverywhere() {
        assertClose(Math::tanh, z -> exponentials.tanh(z, z.length));
    }

    @Test
    void sigmoidIsCloseEverywhere() {
        assertClose(z -> 1 / (1 + Math.exp(-z)), z -> exponentials.sigmoid(z, z.length));
    }

    private interface Function {
        void apply(float[] z);
    }

    /** 20,001 values of each range, 0 among them. */
    private static void assertClose(DoubleUnaryOperator exact, Function function) {
        for (float range : RANGES) {
            float[] z = new float[20_001];
            for (int i = 0; i < z.length; i++) {
                z[i] = range * (i - 10_000) / 10_000;
            }
            float[] y = z.clone();
            function.apply(y);
            for (int i = 0; i < z.length; i++) {
                double expected = exact.applyAsDouble(z[i]);
                assertEquals(expected, y[i], 4e-7 * Math.abs(expected), "at " + z[i]);
            }
        }
    }

    @Test
    void saturatesAndKeepsNaN() {
        float[] tanh = {Float.NEGATIVE_INFINITY, -1000, -20, 20, 1000, Float.POSITIVE_INFINITY, Float.NaN};
        exponentials.tanh(tanh, tanh.length);
        assertArrayEquals(new float[] {-1, -1, -1, 1, 1, 1, Float.NaN}, tanh);

        float[] sigmoid = {Float.NEGATIVE_INFINITY, -1000, 40, 1000, Float.POSITIVE_INFINITY, Float.NaN};
        exponentials.sigmoid(sigmoid, sigmoid.length);
        assertTrue(sigmoid[0] > 0 && sigmoid[0] < 2e-38f && sigmoid[1] == sigmoid[0]);
        assertArrayEquals(new float[] {1, 1, 1, Float.NaN}, Arrays.copyOfRange(sigmoid, 2, 6));
    }

    @Test
    void leavesTheRestAlone() {
        float[] z = {1, 1, 1};

        exponentials.tanh(z, 2);

        assertEquals(1, z[2]);
    }
}
