package org.fl4j.models.internal.image;

import org.fl4j.models.internal.Blas;
import org.fl4j.models.internal.NativeFloats;
import org.jspecify.annotations.Nullable;

/**
 * One product a tap, for many channels at stride 1: on a {@link PaddedGrid} every tap's values are the image itself, at an
 * offset, so nothing is unrolled. Products are cut so that a core's kernels for small products, which pack nothing, take
 * them. The gradient at the image is a convolution of the same kind, with the weights transposed.
 */
final class TapProducts extends ConvolutionProducts {

    private static final double MOST_OPERATIONS = 1e6;

    private final Window window;
    private final PaddedGrid grid;
    private final int channels;
    private final int filters;
    private final int most;
    private final int lead;
    private final float[] padded;
    private final float[] results;
    private final float[] dense;
    private final float[] spread;
    private final float[] imageGradient;
    private final float[] packed;
    private final float[] turned;
    private final NativeFloats image;
    private final NativeFloats sums;
    private final NativeFloats dz;
    private final NativeFloats transposed;
    private final NativeFloats imageSums;

    TapProducts(Window window, int filters) {
        this.window = window;
        this.grid = new PaddedGrid(window);
        this.channels = window.channels();
        this.filters = filters;
        this.most = (int) Math.max(16, MOST_OPERATIONS / ((double) channels * filters));
        this.lead = grid.offset(window.taps() - 1);
        this.padded = new float[Math.multiplyExact(grid.pixels(), channels)];
        this.results = new float[Math.multiplyExact(grid.outputPixels(), filters)];
        this.dense = new float[window.positions() * filters];
        this.spread = new float
                [Math.multiplyExact(lead + Math.max(grid.outputPixels(), grid.image(0) + grid.imagePixels()), filters)];
        this.imageGradient = new float[Math.multiplyExact(grid.imagePixels(), channels)];
        this.packed = new float[window.taps() * channels * filters];
        this.turned = new float[packed.length];
        this.image = NativeFloats.zeros(padded.length);
        this.sums = NativeFloats.zeros(results.length);
        this.dz = NativeFloats.zeros(spread.length);
        this.transposed = NativeFloats.zeros(packed.length);
        this.imageSums = NativeFloats.zeros(imageGradient.length);
    }

    @Override
    int sums() {
        return results.length;
    }

    @Override
    void forward(float[] x, int xFrom, NativeFloats weights, float @Nullable [] bias, float[] z, int zFrom) {
        float beta = begin(sums, bias, sums());
        pad(x, xFrom);
        int pixels = grid.outputPixels();
        for (int from = 0; from < pixels; from += most) {
            int some = Math.min(most, pixels - from);
            for (int t = 0; t < window.taps(); t++) {
                Blas.multiply(
                        some,
                        filters,
                        channels,
                        1,
                        image,
                        (long) (from + grid.offset(t)) * channels,
                        channels,
                        weights,
                        (long) t * channels * filters,
                        filters,
                        t == 0 ? beta : 1,
                        sums,
                        (long) from * filters,
                        filters);
            }
        }
        sums.get(0, results, 0, results.length);
        grid.gather(results, z, zFrom, filters);
    }

    private void pad(float[] x, int xFrom) {
        int n = window.columns().size() * channels;
        for (int y = 0; y < window.rows().size(); y++) {
            System.arraycopy(x, xFrom + y * n, padded, grid.image(y) * channels, n);
        }
        image.put(0, padded, 0, padded.length);
    }

    @Override
    void beginBackward(NativeFloats weights) {
        weights.get(0, packed, 0, packed.length);
        for (int t = 0; t < window.taps(); t++) {
            transpose(t * channels * filters);
        }
        transposed.put(0, turned, 0, turned.length);
    }

    private void transpose(int from) {
        for (int c = 0; c < channels; c++) {
            for (int f = 0; f < filters; f++) {
                turned[from + f * channels + c] = packed[from + c * filters + f];
            }
        }
    }

    @Override
    void backward(
            float[] x,
            int xFrom,
            NativeFloats weights,
            NativeFloats gradientAtOutputs,
            float beta,
            NativeFloats gradient,
            float @Nullable [] dx,
            int dxFrom) {
        pad(x, xFrom);
        gradientAtOutputs.get(0, dense, 0, dense.length);
        grid.spread(dense, spread, lead * filters, filters);
        dz.put(0, spread, 0, spread.length);
        weightGradient(beta, gradient);
        if (dx != null) {
            imageGradient(dx, dxFrom);
        }
    }

    private void weightGradient(float beta, NativeFloats gradient) {
        int pixels = grid.outputPixels();
        for (int from = 0; from < pixels; from += most) {
            int some = Math.min(most, pixels - from);
            for (int t = 0; t < window.taps(); t++) {
                Blas.transposedMultiply(
                        channels,
                        filters,
                        some,
                        1,
                        image,
                        (long) (from + grid.offset(t)) * channels,
                        channels,
                        dz,
                        (long) (lead + from) * filters,
                        filters,
                        from == 0 ? beta : 1,
                        gradient,
                        (long) t * channels * filters,
                        filters);
            }
        }
    }

    private void imageGradient(float[] dx, int dxFrom) {
        int pixels = grid.imagePixels();
        for (int from = 0; from < pixels; from += most) {
            int some = Math.min(most, pixels - from);
            for (int t = 0; t < window.taps(); t++) {
                Blas.multiply(
                        some,
                        channels,
                        filters,
                        1,
                        dz,
                        (long) (lead + grid.image(0) + from - grid.offset(t)) * filters,
                        filters,
                        transposed,
                        (long) t * channels * filters,
                        channels,
                        t == 0 ? 0 : 1,
                        imageSums,
                        (long) from * channels,
                        channels);
            }
        }
        imageSums.get(0, imageGradient, 0, imageGradient.length);
        int n = window.columns().size() * channels;
        for (int y = 0; y < window.rows().size(); y++) {
            System.arraycopy(imageGradient, (grid.image(y) - grid.image(0)) * channels, dx, dxFrom + y * n, n);
        }
    }
}
