package org.fl4j.models.internal.image;

import java.util.Arrays;
import org.fl4j.models.internal.Blas;
import org.fl4j.models.internal.NativeFloats;
import org.jspecify.annotations.Nullable;

/**
 * One product an image, for few channels at stride 1. Each channel is a plane on a {@link PaddedGrid}; the matrix
 * [taps * channels, outputs of the grid] is made of whole planes, shifted: one copy a tap and channel.
 */
final class PlaneProducts extends ConvolutionProducts {

    private final Window window;
    private final PaddedGrid grid;
    private final int filters;
    private final int lines;
    private final int length;
    private final float[] planes;
    private final float[] shifted;
    private final float[] dense;
    private final float[] spread;
    private final float[] results;
    private final NativeFloats matrix;
    private final NativeFloats sums;

    PlaneProducts(Window window, int filters) {
        this.window = window;
        this.grid = new PaddedGrid(window);
        this.filters = filters;
        this.lines = window.taps() * window.channels();
        this.length = grid.outputPixels();
        this.planes = new float[window.channels() * grid.pixels()];
        this.shifted = new float[Math.multiplyExact(lines, length)];
        this.dense = new float[window.positions() * filters];
        this.spread = new float[Math.multiplyExact(length, filters)];
        this.results = new float[spread.length];
        this.matrix = NativeFloats.zeros(shifted.length);
        this.sums = NativeFloats.zeros(spread.length);
    }

    @Override
    int sums() {
        return results.length;
    }

    @Override
    void forward(float[] x, int xFrom, NativeFloats weights, float @Nullable [] bias, float[] z, int zFrom) {
        float beta = begin(sums, bias, sums());
        shift(x, xFrom);
        Blas.transposedMultiply(
                length, filters, lines, 1, matrix, 0, length, weights, 0, filters, beta, sums, 0, filters);
        sums.get(0, results, 0, results.length);
        grid.gather(results, z, zFrom, filters);
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
        shift(x, xFrom);
        dz.get(0, dense, 0, dense.length);
        grid.spread(dense, spread, 0, filters);
        sums.put(0, spread, 0, spread.length);
        Blas.multiply(lines, filters, length, 1, matrix, 0, length, sums, 0, filters, beta, gradient, 0, filters);
        if (dx != null) {
            Blas.multiplyTransposed(
                    lines, length, filters, 1, weights, 0, filters, sums, 0, filters, 0, matrix, 0, length);
            matrix.get(0, shifted, 0, shifted.length);
            unshift(dx, dxFrom);
        }
    }

    private void shift(float[] x, int xFrom) {
        int channels = window.channels();
        int width = window.columns().size();
        for (int c = 0; c < channels; c++) {
            int plane = c * grid.pixels();
            for (int y = 0; y < window.rows().size(); y++) {
                int from = xFrom + y * width * channels + c;
                int to = plane + grid.image(y);
                if (channels == 1) {
                    System.arraycopy(x, from, planes, to, width);
                } else {
                    for (int i = 0; i < width; i++) {
                        planes[to + i] = x[from + i * channels];
                    }
                }
            }
            for (int t = 0; t < window.taps(); t++) {
                System.arraycopy(planes, plane + grid.offset(t), shifted, (t * channels + c) * length, length);
            }
        }
        matrix.put(0, shifted, 0, shifted.length);
    }

    private void unshift(float[] dx, int dxFrom) {
        int channels = window.channels();
        int width = window.columns().size();
        Arrays.fill(planes, 0);
        for (int c = 0; c < channels; c++) {
            int plane = c * grid.pixels();
            for (int t = 0; t < window.taps(); t++) {
                add(planes, plane + grid.offset(t), shifted, (t * channels + c) * length, length);
            }
            for (int y = 0; y < window.rows().size(); y++) {
                int to = dxFrom + y * width * channels + c;
                int from = plane + grid.image(y);
                for (int i = 0; i < width; i++) {
                    dx[to + i * channels] = planes[from + i];
                }
            }
        }
        Arrays.fill(planes, 0);
    }
}
