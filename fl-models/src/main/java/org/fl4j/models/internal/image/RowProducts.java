package org.fl4j.models.internal.image;

import java.util.Arrays;
import org.fl4j.models.internal.Blas;
import org.fl4j.models.internal.NativeFloats;
import org.jspecify.annotations.Nullable;

/**
 * One product a row of the kernel, for any shape. The image is unrolled along its rows only: for each padded row y and each
 * output column its {@code kernelWidth * channels} values, contiguous copies. Rows are sorted by {@code y mod stride}; so
 * the rows that a row of the kernel meets at all outputs are one matrix [positions, kernelWidth * channels], and no column
 * is copied more than kernelWidth times.
 */
final class RowProducts extends ConvolutionProducts {

    private final Window window;
    private final Window.Axis rows;
    private final Window.Axis columns;
    private final int filters;
    private final int side;
    private final int rowsPerPhase;
    private final float[] unrolled;
    private final float[] folding;
    private final float[] zeros;
    private final NativeFloats matrix;
    private final NativeFloats sums;

    RowProducts(Window window, int filters) {
        this.window = window;
        this.rows = window.rows();
        this.columns = window.columns();
        this.filters = filters;
        this.side = columns.kernel() * window.channels();
        this.rowsPerPhase = (rows.span() + rows.stride() - 1) / rows.stride();
        this.unrolled = new float
                [Math.multiplyExact(rows.stride() * rowsPerPhase, Math.multiplyExact(columns.outputs(), side))];
        this.folding = new float[unrolled.length];
        this.zeros = new float[unrolled.length];
        this.matrix = NativeFloats.zeros(unrolled.length);
        this.sums = NativeFloats.zeros(window.positions() * filters);
    }

    @Override
    int sums() {
        return window.positions() * filters;
    }

    @Override
    void forward(float[] x, int xFrom, NativeFloats weights, float @Nullable [] bias, float[] z, int zFrom) {
        float beta = begin(sums, bias, sums());
        unroll(x, xFrom);
        for (int k = 0; k < rows.kernel(); k++) {
            Blas.multiply(
                    window.positions(),
                    filters,
                    side,
                    1,
                    matrix,
                    start(k),
                    side,
                    weights,
                    (long) k * side * filters,
                    filters,
                    k == 0 ? beta : 1,
                    sums,
                    0,
                    filters);
        }
        sums.get(0, z, zFrom, window.positions() * filters);
    }

    @Override
    void backward(
            float[] x,
            int xFrom,
            NativeFloats weights,
            NativeFloats dz,
            float beta,
            NativeFloats gradient,
            float @Nullable [] dx,
            int dxFrom) {
        unroll(x, xFrom);
        for (int k = 0; k < rows.kernel(); k++) {
            Blas.transposedMultiply(
                    side,
                    filters,
                    window.positions(),
                    1,
                    matrix,
                    start(k),
                    side,
                    dz,
                    0,
                    filters,
                    beta,
                    gradient,
                    (long) k * side * filters,
                    filters);
        }
        if (dx != null) {
            matrix.put(0, zeros, 0, zeros.length);
            for (int k = 0; k < rows.kernel(); k++) {
                Blas.multiplyTransposed(
                        window.positions(),
                        side,
                        filters,
                        1,
                        dz,
                        0,
                        filters,
                        weights,
                        (long) k * side * filters,
                        filters,
                        1,
                        matrix,
                        start(k),
                        side);
            }
            fold(dx, dxFrom);
        }
    }

    /** Where the matrix of a row of the kernel begins. */
    private long start(int k) {
        int y = k * rows.dilation();
        return (long) row(y) * columns.outputs() * side;
    }

    /** Where a padded row of the image lies among the unrolled. */
    private int row(int y) {
        return y % rows.stride() * rowsPerPhase + y / rows.stride();
    }

    /** Padding is zero from the start and stays so. */
    private void unroll(float[] x, int xFrom) {
        int end = Math.min(rows.size(), rows.span() - rows.before());
        for (int y = 0; y < end; y++) {
            int image = xFrom + y * columns.size() * window.channels();
            int row = row(y + rows.before()) * columns.outputs() * side;
            for (int o = 0; o < columns.outputs(); o++) {
                unroll(x, image, row + o * side, o);
            }
        }
        matrix.put(0, unrolled, 0, unrolled.length);
    }

    private void unroll(float[] x, int image, int to, int output) {
        int channels = window.channels();
        int first = columns.firstTap(output);
        int end = columns.endTap(output);
        if (columns.dilation() == 1) {
            if (first < end) {
                System.arraycopy(
                        x,
                        image + columns.place(output, first) * channels,
                        unrolled,
                        to + first * channels,
                        (end - first) * channels);
            }
        } else {
            for (int t = first; t < end; t++) {
                System.arraycopy(x, image + columns.place(output, t) * channels, unrolled, to + t * channels, channels);
            }
        }
    }

    private void fold(float[] dx, int dxFrom) {
        matrix.get(0, folding, 0, folding.length);
        Arrays.fill(dx, dxFrom, dxFrom + window.inputs(), 0);
        int end = Math.min(rows.size(), rows.span() - rows.before());
        for (int y = 0; y < end; y++) {
            int image = dxFrom + y * columns.size() * window.channels();
            int row = row(y + rows.before()) * columns.outputs() * side;
            for (int o = 0; o < columns.outputs(); o++) {
                fold(dx, image, row + o * side, o);
            }
        }
    }

    private void fold(float[] dx, int image, int from, int output) {
        int channels = window.channels();
        int first = columns.firstTap(output);
        int end = columns.endTap(output);
        if (columns.dilation() == 1) {
            int n = (end - first) * channels;
            add(dx, image + columns.place(output, first) * channels, folding, from + first * channels, n);
        } else {
            for (int t = first; t < end; t++) {
                add(dx, image + columns.place(output, t) * channels, folding, from + t * channels, channels);
            }
        }
    }
}
