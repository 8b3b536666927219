package org.fl4j.models.internal.image;

import org.fl4j.models.internal.NativeFloats;
import org.jspecify.annotations.Nullable;

/**
 * A convolution of one image at a time as matrix products. Images are [rows, columns, channels], weights W
 * [taps, channels, filters], both row-major; a tap's index is {@code row * kernelWidth + column}:
 *
 * <pre>z[p, f] = sum_t sum_c x[place(p, t), c] W[t, c, f]</pre>
 */
abstract class ConvolutionProducts {

    /** Below this many columns a product of one row of the kernel wastes the processor's kernels. */
    private static final int NARROW = 32;

    /** From this many channels on a product of one tap is worth its call. */
    private static final int DEEP = 16;

    /** The way for a shape; a function of shape and core alone, since it decides the order of sums. */
    static ConvolutionProducts of(Window window, int filters, boolean hasSmallKernels) {
        if (window.hasStrideOne() && window.columns().kernel() * window.channels() < NARROW) {
            return new PlaneProducts(window, filters);
        }
        if (window.hasStrideOne() && window.channels() >= DEEP && hasSmallKernels) {
            return new TapProducts(window, filters);
        }
        return new RowProducts(window, filters);
    }

    /** Values of the sums as the products write them: of outputs and of what may lie between. */
    abstract int sums();

    /**
     * {@code z = x * W + b}.
     *
     * @param x the image, from an index on
     * @param bias repeated over {@link #sums} values: what the sums begin with; null for zeros
     * @param z [positions, filters], from an index on; overwritten
     */
    abstract void forward(float[] x, int xFrom, NativeFloats weights, float @Nullable [] bias, float[] z, int zFrom);

    /** Begins sums with the bias; what to multiply them by in the first product. */
    static float begin(NativeFloats sums, float @Nullable [] bias, int n) {
        if (bias != null) {
            sums.put(0, bias, 0, n);
        }
        return bias == null ? 0 : 1;
    }

    /** Before the backward pass of a mini-batch. */
    void beginBackward(NativeFloats weights) {}

    /**
     * The gradients at the weights and at the image.
     *
     * @param dz [positions, filters]
     * @param beta what to multiply by what is in the gradient
     * @param dx the gradient at the image, from an index on; overwritten; null if nobody wants it
     */
    abstract void backward(
            float[] x,
            int xFrom,
            NativeFloats weights,
            NativeFloats dz,
            float beta,
            NativeFloats gradient,
            float @Nullable [] dx,
            int dxFrom);

    /** Offsets keep the compiler from making vector code of this: for short runs, which gain nothing by it. */
    static void add(float[] into, int at, float[] values, int from, int n) {
        for (int i = 0; i < n; i++) {
            into[at + i] += values[from + i];
        }
    }
}
