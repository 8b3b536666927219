package org.fl4j.nd4j;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What tells whether two processes compute the same bits: the BLAS, its core and the rules by which products are cut, how many
 * native threads reductions use, and a digest of some canned results. Two that are equal may still differ on shapes that are not
 * among these; two that differ will.
 *
 * @param blas vendor, version and core in words
 * @param productRules as {@link NativeThreads.Blas#productRules}
 * @param threads of ND4J's reductions over whole arrays, which is the number at the start of the process
 * @param results SHA-256 of products of three shapes, the largest [10, 784] by [784, 1000], and of a reduction, with BLAS on one thread;
 *     empty without a backend
 */
public record NumericFingerprint(String blas, int productRules, int threads, String results) {

    private static final String KIND = "numeric-fingerprint";
    private static final int VERSION = 1;

    /** m, k, n: what small shapes do not show, one of these does. */
    private static final int[][] SHAPES = {{10, 784, 1000}, {64, 256, 256}, {7, 33, 5}};

    private static final int REDUCED = 1 << 18;

    private static @Nullable NumericFingerprint here;

    /**
     * That of this process, measured once. Loads and starts the backend.
     *
     * @throws org.fl4j.FederatedLearningException if its products are wrong
     */
    public static synchronized NumericFingerprint ofThisProcess() {
        if (here == null) {
            // On a thread of its own: the calling one may be pinned, and would take its own setting for the process's.
            here = CompletableFuture.supplyAsync(NumericFingerprint::measured, work -> new Thread(work).start())
                    .join();
        }
        return here;
    }

    @SuppressWarnings("try") // the pin is held, not used
    private static NumericFingerprint measured() {
        if (NativeBackend.ops() == null) {
            return new NumericFingerprint("none", 0, 0, "");
        }
        int threads = NativeBackend.ops().ompGetMaxThreads();
        try (NativeThreads pinned = NativeThreads.pinToOne()) {
            NativeThreads.Blas blas = pinned.provenance().blas();
            return new NumericFingerprint(
                    blas.vendor() + " " + blas.version() + " for the core " + blas.core(),
                    blas.productRules(),
                    threads,
                    digest());
        }
    }

    private static String digest() {
        MessageDigest digest = sha256();
        for (int[] shape : SHAPES) {
            try (INDArray a = Nd4j.create(values(shape[0] * shape[1], 1), new long[] {shape[0], shape[1]}, 'c');
                    INDArray b = Nd4j.create(values(shape[1] * shape[2], 2), new long[] {shape[1], shape[2]}, 'c');
                    INDArray product = a.mmul(b);
                    INDArray rows = product.dup('c')) {
                ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * shape[0] * shape[2]);
                bytes.asFloatBuffer().put(rows.data().asFloat());
                digest.update(bytes);
            }
        }
        try (INDArray all = Nd4j.createFromArray(values(REDUCED, 3))) {
            digest.update(ByteBuffer.allocate(Double.BYTES)
                    .putDouble(all.sumNumber().doubleValue())
                    .flip());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256, this one does not", e);
        }
    }

    /** In [-1, 1), the same everywhere. */
    private static float[] values(int n, int salt) {
        float[] values = new float[n];
        int state = 0x9E3779B9 * salt;
        for (int i = 0; i < n; i++) {
            state = state * 1664525 + 1013904223;
            values[i] = (state >> 8) * 0x1p-23f;
        }
        return values;
    }

    /**
     * How another process differs, each difference with what to do about it.
     *
     * @param other of that process
     * @return empty if they are equal
     */
    public List<String> differencesOf(NumericFingerprint other) {
        List<String> differences = new ArrayList<>();
        if (!blas.equals(other.blas)) {
            differences.add("its BLAS is " + other.blas + " where here it is " + blas
                    + " (set OPENBLAS_CORETYPE alike, or use machines of one kind)");
        }
        if (threads != other.threads) {
            differences.add("ND4J reduces on " + other.threads + " threads where here it is " + threads
                    + " (set OMP_NUM_THREADS alike)");
        }
        if (productRules != other.productRules) {
            differences.add("its FL4J cuts products by version " + other.productRules
                    + " of the rules where here it is " + productRules + " (use one version of FL4J)");
        }
        if (!results.equals(other.results)) {
            differences.add("products of the same numbers have other bits");
        }
        return differences;
    }

    /** Reads what {@link #toBytes} wrote. */
    public static NumericFingerprint fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new NumericFingerprint(in.readString(), in.readInt(), in.readInt(), in.readString()));
    }

    /** In binary form. */
    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeString(blas);
            out.writeInt(productRules);
            out.writeInt(threads);
            out.writeString(results);
        });
    }
}
