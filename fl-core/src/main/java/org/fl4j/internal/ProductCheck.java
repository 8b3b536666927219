package org.fl4j.internal;

import org.fl4j.FederatedLearningException;

/**
 * Whether matrix products are right, for shapes that a library's different kernels compute: some builds of BLAS libraries
 * compute wrong results on processors they do not know, and training by them fails in silence.
 */
public final class ProductCheck {

    /** m, n, k: small and narrow as in a mini-batch, sides that no vector width divides, and one for the large kernel. */
    private static final int[][] SHAPES = {
        {10, 200, 784}, {784, 200, 10}, {10, 10, 200}, {7, 13, 5}, {1, 33, 65}, {129, 131, 127}
    };

    /** Times k: far above the rounding of a sum of k products in any order, far below a wrong one. */
    private static final double RELATIVE = 0x1p-22;

    /** A library's row-major {@code op(A) op(B)} of [m, n], with a common side k. */
    @FunctionalInterface
    public interface Product {

        /**
         * Multiplies.
         *
         * @param a [m, k], or [k, m] if transposed
         * @param b [k, n], or [n, k] if transposed
         * @return [m, n], row-major
         */
        float[] of(int m, int n, int k, float[] a, boolean transposeA, float[] b, boolean transposeB);
    }

    private ProductCheck() {}

    /**
     * Compares products with loops in FP64.
     *
     * @param library what computes them, for the message
     * @throws FederatedLearningException if one is wrong
     */
    public static void require(String library, Product product) {
        for (int[] shape : SHAPES) {
            for (int form = 0; form < 3; form++) {
                require(library, product, shape[0], shape[1], shape[2], form == 1, form == 2);
            }
        }
    }

    private static void require(
            String library, Product product, int m, int n, int k, boolean transposeA, boolean transposeB) {
        float[] a = values(m * k, 1);
        float[] b = values(k * n, 2);
        float[] c = product.of(m, n, k, a, transposeA, b, transposeB);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                double size = 0;
                for (int l = 0; l < k; l++) {
                    double term =
                            (double) a[transposeA ? l * m + i : i * k + l] * b[transposeB ? j * k + l : l * n + j];
                    sum += term;
                    size += Math.abs(term);
                }
                if (!(Math.abs(c[i * n + j] - sum) <= RELATIVE * k * size)) {
                    throw new FederatedLearningException(library + " computes wrong matrix products here: element [" + i
                            + ", " + j + "] of a product with m = " + m + ", n = " + n + ", k = " + k
                            + (transposeA ? ", A transposed" : transposeB ? ", B transposed" : "") + " must be " + sum
                            + ", but was " + c[i * n + j]
                            + "; use the versions of fl-bom, or choose another core by OPENBLAS_CORETYPE");
                }
            }
        }
    }

    /** In [-1, 1), all different, the same everywhere. */
    private static float[] values(int n, int salt) {
        float[] values = new float[n];
        int state = 0x9E3779B9 * salt;
        for (int i = 0; i < n; i++) {
            state = state * 1664525 + 1013904223;
            values[i] = (state >> 8) * 0x1p-23f;
        }
        return values;
    }
}
