package org.fl4j.models.internal;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import java.util.List;
import java.util.Set;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;

/**
 * Row-major matrix products, {@code C = alpha op(A) op(B) + beta C} with C of [m, n] and a common side k, by OpenBLAS on
 * the calling thread. The leading dimension of an operand is the length of its rows in memory.
 */
public final class Blas {

    private static final List<String> CORES = List.of(
            "SKYLAKEX", "COOPERLAKE", "SAPPHIRERAPIDS", "HASWELL", "ZEN", "BROADWELL", "SANDYBRIDGE", "BARCELONA",
            "NEHALEM", "CORE2", "PRESCOTT", "DUNNINGTON", "PENRYN", "ATOM", "OPTERON", "OPTERON_SSE3", "BOBCAT",
            "BULLDOZER", "PILEDRIVER", "STEAMROLLER", "EXCAVATOR", "NANO", "ARMV8", "CORTEXA53",
            "CORTEXA57", "CORTEXA72", "CORTEXA73", "NEOVERSEN1", "NEOVERSEV1", "NEOVERSEN2", "THUNDERX",
            "THUNDERX2T99", "TSV110", "EMAG8180", "FALKOR", "VORTEX", "ARMV8SVE", "A64FX");
    private static final Set<String> WITH_SMALL_KERNELS = Set.of("SKYLAKEX", "COOPERLAKE", "SAPPHIRERAPIDS");

    private Blas() {}

    /** Whether OpenBLAS is on the class path and loads here. */
    public static boolean isAvailable() {
        return Loaded.AVAILABLE;
    }

    /** The processor core whose kernels OpenBLAS chose, such as {@code SKYLAKEX}; {@code "unknown"} if it does not tell. */
    public static String core() {
        return Loaded.CORE;
    }

    /** Whether the core has kernels for small products that pack nothing. */
    static boolean hasSmallKernels() {
        return WITH_SMALL_KERNELS.contains(core());
    }

    /** Loaded once a process, when it is first asked for. */
    private static final class Loaded {

        static final boolean AVAILABLE = load();
        static final String CORE = AVAILABLE ? findCore() : "unknown";

        private static boolean load() {
            try {
                Loader.load(openblas.class);
                return true;
            } catch (LinkageError | RuntimeException e) {
                return false;
            }
        }

        /** OpenBLAS with kernels for many cores keeps a pointer to the table of the one it chose. */
        private static String findCore() {
            try (Pointer chosen = Loader.addressof("gotoblas")) {
                if (chosen == null) {
                    return "unknown";
                }
                long table = new LongPointer(chosen).get();
                for (String core : CORES) {
                    Pointer candidate = Loader.addressof("gotoblas_" + core);
                    if (candidate != null && candidate.address() == table) {
                        return core;
                    }
                }
                return "unknown";
            }
        }
    }

    /** A of [m, k], B of [k, n]. */
    static void multiply(
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
    static void multiplyTransposed(
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
    static void transposedMultiply(
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
