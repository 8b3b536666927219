package org.fl4j.models.internal;

import org.fl4j.internal.NativeBlas;

/**
 * How a product with weights of [outputs, inputs] is cut, and by which routine it is computed, so that little time goes to
 * the packing of operands. OpenBLAS has kernels for small products on AVX-512 processors that pack nothing, taken while m n k
 * is at most 10^6 and, with the right operand transposed, m n at most 1,200. On other cores a few rows are multiplied one
 * by one, which packs nothing either, block of weights by block: at 10 rows and 784 to 200 in 0.6 to 0.7 of the time (all
 * measured). The rule decides the order of sums and so the bits: it is a function of shape and core alone, and a change
 * raises {@link NativeBlas#PRODUCT_RULES}.
 */
public final class Chunks {

    private static final double MOST_OPERATIONS = 1e6;
    private static final double MOST_OUTPUTS = 1200;

    /** Beyond, packing is paid for by the rows that use what was packed, and chunks would be thin. */
    private static final int MOST_ROWS = 100;

    /** Where there are no small kernels: beyond, packing is paid for. */
    private static final int MOST_ROWS_ONE_BY_ONE = 16;

    /**
     * Rows and columns of weights at once in a matrix-vector product: for as many OpenBLAS keeps its buffer on the stack (2 KB,
     * less its padding). For more it takes one under a lock of the process, on which threads wait for each other: with two,
     * 10 rows and 784 to 10 took as long as with one.
     */
    private static final int MOST_ROWS_AND_COLUMNS = 480;

    private static final int MOST_COLUMNS = 400;

    private final boolean small;

    /** The rules for a core. */
    Chunks(boolean hasSmallKernels) {
        this.small = hasSmallKernels;
    }

    /** The rules for the core of this process. */
    public static Chunks ofThisProcess() {
        return new Chunks(Blas.hasSmallKernels());
    }

    /** Rows of weights [outputs, inputs] at once in {@code x W^T}, x having n rows. */
    int forward(int n, int inputs, int outputs) {
        return small && n <= MOST_ROWS
                ? within(Math.min(MOST_OUTPUTS / n, MOST_OPERATIONS / ((double) n * inputs)), outputs)
                : outputs;
    }

    /** Rows of weights at once in {@code dy W} and {@code dy^T x}. */
    int backward(int n, int inputs, int outputs) {
        int most = small && n <= MOST_ROWS ? within(MOST_OPERATIONS / ((double) n * inputs), outputs) : outputs;
        return most > 16 && most < outputs ? most / 16 * 16 : most;
    }

    /** Whether the products of n rows with weights are computed row by row. */
    boolean isByRow(int n) {
        return !small && n <= MOST_ROWS_ONE_BY_ONE;
    }

    /** Of rows multiplied one by one: columns of weights at once, all pieces about equal. */
    int columnsAtOnce(int inputs) {
        int pieces = (inputs + MOST_COLUMNS - 1) / MOST_COLUMNS;
        return (inputs + pieces - 1) / pieces;
    }

    /** Of rows multiplied one by one: rows of weights at once. They stay in a cache for the next row. */
    int rowsAtOnce(int inputs, int outputs) {
        return Math.min(outputs, MOST_ROWS_AND_COLUMNS - columnsAtOnce(inputs));
    }

    private static int within(double most, int outputs) {
        return (int) Math.max(1, Math.min(outputs, most));
    }
}
