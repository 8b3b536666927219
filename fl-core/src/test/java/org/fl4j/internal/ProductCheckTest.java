package org.fl4j.internal;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.FederatedLearningException;
import org.junit.jupiter.api.Test;

class ProductCheckTest {

    @Test
    void loopsPass() {
        ProductCheck.require("a loop", ProductCheckTest::product);
    }

    @Test
    void oneWrongElementInOneShapeIsFound() {
        assertFails((m, n, k, a, ta, b, tb) -> {
            float[] c = product(m, n, k, a, ta, b, tb);
            if (m == 129 && tb) {
                c[c.length - 1] *= 1.01f;
            }
            return c;
        });
    }

    @Test
    void aKernelThatDropsTheLastTermOfASumIsFound() {
        assertFails((m, n, k, a, ta, b, tb) -> {
            float[] shorter = a.clone();
            for (int i = 0; i < m; i++) {
                shorter[ta ? (k - 1) * m + i : i * k + k - 1] = 0;
            }
            return product(m, n, k, shorter, ta, b, tb);
        });
    }

    @Test
    void notANumberIsFound() {
        assertFails((m, n, k, a, ta, b, tb) -> {
            float[] c = product(m, n, k, a, ta, b, tb);
            c[0] = Float.NaN;
            return c;
        });
    }

    private static void assertFails(ProductCheck.Product wrong) {
        String message = assertThrows(
                        FederatedLearningException.class, () -> ProductCheck.require("this library", wrong))
                .getMessage();
        assertTrue(message.startsWith("this library computes wrong matrix products here: element ["), message);
    }

    /** FP32 sums: what a right library rounds like. */
    private static float[] product(int m, int n, int k, float[] a, boolean ta, float[] b, boolean tb) {
        float[] c = new float[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int l = 0; l < k; l++) {
                    c[i * n + j] += a[ta ? l * m + i : i * k + l] * b[tb ? j * k + l : l * n + j];
                }
            }
        }
        return c;
    }
}
