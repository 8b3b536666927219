package org.fl4j.models.internal;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;
import static org.bytedeco.openblas.global.openblas.cblas_sgemv;

import java.util.Arrays;
import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.fl4j.FederatedLearningException;
import org.fl4j.internal.NativeBlas;
import org.fl4j.internal.ProductCheck;
import org.fl4j.nd4j.NativeThreads;

/**
 * Row-major matrix products, {@code C = alpha op(A) op(B) + beta C} with C of [m, n] and a common side k, by OpenBLAS on
 * the calling thread. The leading dimension of an operand is the length of its rows in memory.
 */
public final class Blas {

    private static final Set<String> WITH_SMALL_KERNELS = Set.of("SKYLAKEX", "COOPERLAKE", "SAPPHIRERAPIDS");

    private static boolean isRight;

    private Blas() {}

    /** Whether OpenBLAS is on the class path and loads here. */
    public static boolean isAvailable() {
        return Loaded.AVAILABLE;
    }

    /**
     * Checks products once a process. Where there is no ND4J backend, which pins threads by {@link NativeThreads}, products run
     * on the calling thread from here on.
     *
     * @throws org.fl4j.FederatedLearningException if products are wrong, or OpenBLAS does not load
     */
    public static synchronized void requireRight() {
        if (isRight) {
            return;
        }
        if (!isAvailable()) {
            throw new FederatedLearningException(
                    "OpenBLAS must be on the class path, but was not found or does not load;"
                            + " add org.bytedeco:openblas and org.bytedeco:javacpp, each with the classifier of this platform");
        }
        try (NativeThreads pin = NativeThreads.pinToOne()) {
            if (pin.provenance().backend().equals("none")) {
                openblas.blas_set_num_threads(1);
            }
            String library = "OpenBLAS " + NativeBlas.version() + ", core " + core() + ",";
            ProductCheck.require(library, Blas::product);
            ProductCheck.require(library, Blas::productByRow);
        }
        isRight = true;
    }

    private static float[] product(int m, int n, int k, float[] a, boolean transposeA, float[] b, boolean transposeB) {
        NativeFloats left = copy(a);
        NativeFloats right = copy(b);
        NativeFloats product = undefined(m * n);
        if (transposeA) {
            transposedMultiply(m, n, k, 1, left, 0, m, right, 0, n, 0, product, 0, n);
        } else if (transposeB) {
            multiplyTransposed(m, n, k, 1, left, 0, k, right, 0, k, 0, product, 0, n);
        } else {
            multiply(m, n, k, 1, left, 0, k, right, 0, n, 0, product, 0, n);
        }
        float[] values = new float[m * n];
        product.get(0, values, 0, values.length);
        return values;
    }

    private static float[] productByRow(
            int m, int n, int k, float[] a, boolean transposeA, float[] b, boolean transposeB) {
        NativeFloats left = copy(a);
        NativeFloats right = copy(b);
        NativeFloats product = undefined(m * n);
        float[] row = new float[k];
        NativeFloats x = NativeFloats.zeros(k);
        for (int i = 0; i < m; i++) {
            if (transposeA) {
                for (int l = 0; l < k; l++) {
                    row[l] = a[l * m + i];
                }
                x.put(0, row, 0, k);
            }
            NativeFloats from = transposeA ? x : left;
            long at = transposeA ? 0 : (long) i * k;
            if (transposeB) {
                multiply(n, k, right, 0, k, from, at, 0, product, (long) i * n);
            } else {
                multiplyTransposed(k, n, right, 0, n, from, at, 0, product, (long) i * n);
            }
        }
        float[] values = new float[m * n];
        product.get(0, values, 0, values.length);
        return values;
    }

    /** Not numbers, which a product that overwrites must not read. */
    private static NativeFloats undefined(int n) {
        float[] values = new float[n];
        Arrays.fill(values, Float.NaN);
        return copy(values);
    }

    private static NativeFloats copy(float[] values) {
        NativeFloats memory = NativeFloats.zeros(values.length);
        memory.put(0, values, 0, values.length);
        return memory;
    }

    /** The processor core whose kernels OpenBLAS chose, such as {@code SKYLAKEX}; {@code "unknown"} if it does not tell. */
    public static String core() {
        return isAvailable() ? NativeBlas.core() : "unknown";
    }

    /** Whether the core has kernels for small products that pack nothing. */
    public static boolean hasSmallKernels() {
        return WITH_SMALL_KERNELS.contains(core());
    }

    /** Loaded once a process, when it is first asked for. */
    private static final class Loaded {

        static final boolean AVAILABLE = load();

        private static boolean load() {
            try {
                Loader.load(openblas.class);
                return true;
            } catch (LinkageError | RuntimeException e) {
                return false;
            }
        }
    }

    /** {@code y = A x + beta y}, A of [m, n]. */
    static void multiply(
            int m,
            int n,
            NativeFloats a,
            long aFrom,
            int lda,
            NativeFloats x,
            long xFrom,
            float beta,
            NativeFloats y,
            long yFrom) {
        cblas_sgemv(CblasRowMajor, CblasNoTrans, m, n, 1, a.at(aFrom), lda, x.at(xFrom), 1, beta, y.at(yFrom), 1);
    }

    /** {@code y = A^T x + beta y}, A of [m, n]. */
    static void multiplyTransposed(
            int m,
            int n,
            NativeFloats a,
            long aFrom,
            int lda,
            NativeFloats x,
            long xFrom,
            float beta,
            NativeFloats y,
            long yFrom) {
        cblas_sgemv(CblasRowMajor, CblasTrans, m, n, 1, a.at(aFrom), lda, x.at(xFrom), 1, beta, y.at(yFrom), 1);
    }

    /** A of [m, k], B of [k, n]. */
    public static void multiply(
            int m,
            int n,
            int k,
            float alpha,
            NativeFloats a,
            long aFrom,
            int lda,
            NativeFloats b,
            long bFrom,
            int ldb,
            float beta,
            NativeFloats c,
            long cFrom,
            int ldc) {
        cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasNoTrans,
                m,
                n,
                k,
                alpha,
                a.at(aFrom),
                lda,
                b.at(bFrom),
                ldb,
                beta,
                c.at(cFrom),
                ldc);
    }

    /** A of [m, k], B of [n, k] and transposed. */
    public static void multiplyTransposed(
            int m,
            int n,
            int k,
            float alpha,
            NativeFloats a,
            long aFrom,
            int lda,
            NativeFloats b,
            long bFrom,
            int ldb,
            float beta,
            NativeFloats c,
            long cFrom,
            int ldc) {
        cblas_sgemm(
                CblasRowMajor,
                CblasNoTrans,
                CblasTrans,
                m,
                n,
                k,
                alpha,
                a.at(aFrom),
                lda,
                b.at(bFrom),
                ldb,
                beta,
                c.at(cFrom),
                ldc);
    }

    /** A of [k, m] and transposed, B of [k, n]: sums of outer products, such as gradients of weights. */
    public static void transposedMultiply(
            int m,
            int n,
            int k,
            float alpha,
            NativeFloats a,
            long aFrom,
            int lda,
            NativeFloats b,
            long bFrom,
            int ldb,
            float beta,
            NativeFloats c,
            long cFrom,
            int ldc) {
        cblas_sgemm(
                CblasRowMajor,
                CblasTrans,
                CblasNoTrans,
                m,
                n,
                k,
                alpha,
                a.at(aFrom),
                lda,
                b.at(bFrom),
                ldb,
                beta,
                c.at(cFrom),
                ldc);
    }
}
