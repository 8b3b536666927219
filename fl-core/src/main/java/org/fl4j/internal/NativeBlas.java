package org.fl4j.internal;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The BLAS behind ND4J: which one, for which processor core, and whether it multiplies right. OpenBLAS chooses kernels for the
 * core it finds, or for the one that OPENBLAS_CORETYPE names; other kernels sum in another order, so bits go with it.
 *
 * <p>Thread-safe.
 */
public final class NativeBlas {

    /**
     * The version of the rules by which a product is cut and computed, for each shape and core; bits go with it. They are in
     * {@code fl-models}; the version is here, as a run's provenance is.
     */
    public static final int PRODUCT_RULES = 2;

    private static final Logger LOG = LoggerFactory.getLogger(NativeBlas.class);

    /** Names of OpenBLAS's kernel tables; a build has those of its architecture. */
    private static final List<String> CORES = List.of(
            "SAPPHIRERAPIDS",
            "COOPERLAKE",
            "SKYLAKEX",
            "ZEN",
            "HASWELL",
            "EXCAVATOR",
            "STEAMROLLER",
            "PILEDRIVER",
            "BULLDOZER",
            "SANDYBRIDGE",
            "NEHALEM",
            "ATOM",
            "BOBCAT",
            "BARCELONA",
            "OPTERON_SSE3",
            "OPTERON",
            "NANO",
            "DUNNINGTON",
            "PENRYN",
            "CORE2",
            "PRESCOTT",
            "NEOVERSEV2",
            "NEOVERSEV1",
            "NEOVERSEN2",
            "NEOVERSEN1",
            "A64FX",
            "ARMV9SME",
            "ARMV8SVE",
            "VORTEX",
            "VORTEXM4",
            "CORTEXA76",
            "CORTEXA73",
            "CORTEXA72",
            "CORTEXA57",
            "CORTEXA55",
            "CORTEXA53",
            "THUNDERX3T110",
            "THUNDERX2T99",
            "THUNDERX",
            "TSV110",
            "FALKOR",
            "EMAG8180",
            "AMPERE1",
            "ARMV8");

    private static boolean isRight;

    private NativeBlas() {}

    /**
     * The core whose kernels OpenBLAS uses in this process; {@code "unknown"} of another library, of a build for one core, and
     * before the library is loaded. A build for many cores keeps a pointer to the table of the one it chose.
     */
    public static String core() {
        Pointer chosen = Loader.addressof("gotoblas");
        if (chosen == null || chosen.isNull()) {
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

    /** The version of the OpenBLAS on the class path, such as {@code 0.3.31-1.5.13}; {@code "unknown"} if it does not say. */
    public static String version() {
        try {
            String version = Loader.getVersion("org.bytedeco", "openblas");
            return version == null ? "unknown" : version;
        } catch (IOException e) {
            return "unknown";
        }
    }

    /** What the environment told OpenBLAS: its variables that are set. */
    public static Map<String, String> environment() {
        Map<String, String> set = new TreeMap<>(System.getenv());
        set.keySet().removeIf(name -> !name.startsWith("OPENBLAS_"));
        return set;
    }

    /**
     * Checks products once a process, and logs what computes them. A backend must have been started.
     *
     * @throws org.fl4j.FederatedLearningException if they are wrong
     */
    public static synchronized void requireRight() {
        if (!isRight) {
            String vendor = Nd4j.factory().blas().getBlasVendor().name();
            LOG.info("matrix products by {} {}, core {}, environment {}", vendor, version(), core(), environment());
            ProductCheck.require(vendor + " " + version() + ", core " + core() + ",", NativeBlas::product);
            isRight = true;
        }
    }

    /** Whether products were found right in this process. */
    public static synchronized boolean isKnownToBeRight() {
        return isRight;
    }

    private static float[] product(int m, int n, int k, float[] a, boolean transposeA, float[] b, boolean transposeB) {
        try (INDArray left = Nd4j.create(a, transposeA ? new long[] {k, m} : new long[] {m, k}, 'c');
                INDArray right = Nd4j.create(b, transposeB ? new long[] {n, k} : new long[] {k, n}, 'c');
                INDArray product = Nd4j.gemm(left, right, transposeA, transposeB);
                INDArray rows = product.dup('c')) {
            return rows.data().asFloat();
        }
    }
}
