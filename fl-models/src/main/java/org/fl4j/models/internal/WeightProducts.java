package org.fl4j.models.internal;

/**
 * The three products that a layer's weights W of [outputs, inputs] are in: with the rows of a mini-batch, with the
 * gradients of its sums, and the gradient of the weights themselves. How they are cut, and by which routines they are
 * computed, depends on the shape and on the processor's core ({@link Chunks}): few rows against many weights leave most of
 * the time to the packing of W, which small kernels and matrix-vector products do without.
 *
 * <p>All matrices are row-major, without gaps between their rows. Not thread-safe, as {@link NativeFloats} is not.
 */
final class WeightProducts {

    private final int inputs;
    private final int outputs;
    private final Chunks chunks;

    WeightProducts(int inputs, int outputs, Chunks chunks) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.chunks = chunks;
    }

    /** {@code y = x W^T + beta y}, x of [n, inputs]. */
    void forward(
            int n, NativeFloats x, long xFrom, NativeFloats w, long wFrom, float beta, NativeFloats y, long yFrom) {
        boolean byRow = chunks.isByRow(n);
        int most = byRow ? chunks.rowsInCache(inputs, outputs) : chunks.forward(n, inputs, outputs);
        for (int o = 0; o < outputs; o += most) {
            int some = Math.min(most, outputs - o);
            long row = wFrom + (long) o * inputs;
            if (byRow) {
                for (int r = 0; r < n; r++) {
                    long from = xFrom + (long) r * inputs;
                    Blas.multiply(some, inputs, w, row, x, from, beta, y, yFrom + (long) r * outputs + o);
                }
            } else {
                Blas.multiplyTransposed(
                        n, some, inputs, 1, x, xFrom, inputs, w, row, inputs, beta, y, yFrom + o, outputs);
            }
        }
    }

    /** How many rows of weights {@link #backward} and {@link #update} go through together, while they are in a cache. */
    int backwardChunk(int n) {
        return chunks.backward(n, inputs, outputs);
    }

    /**
     * Of rows of weights from o on: {@code dx = dy_some W_some}, plus dx unless o is 0 and nothing was there before.
     *
     * @param dy of [n, outputs]
     */
    void backward(
            int n,
            int o,
            int some,
            NativeFloats dy,
            long dyFrom,
            NativeFloats w,
            long wFrom,
            boolean overwrite,
            NativeFloats dx) {
        if (!chunks.isByRow(n)) {
            float beta = overwrite && o == 0 ? 0 : 1;
            long row = wFrom + (long) o * inputs;
            Blas.multiply(n, inputs, some, 1, dy, dyFrom + o, outputs, w, row, inputs, beta, dx, 0, inputs);
            return;
        }
        int most = chunks.rowsInCache(inputs, outputs);
        for (int at = o; at < o + some; at += most) {
            float beta = overwrite && at == 0 ? 0 : 1;
            long row = wFrom + (long) at * inputs;
            for (int r = 0; r < n; r++) {
                long from = dyFrom + (long) r * outputs + at;
                Blas.multiplyTransposed(
                        Math.min(most, o + some - at), inputs, w, row, dy, from, beta, dx, (long) r * inputs);
            }
        }
    }

    /** Of rows of weights from o on: {@code target = alpha dy_some^T x + beta target}, dy of [n, outputs], x of [n, inputs]. */
    void update(
            int n,
            int o,
            int some,
            float alpha,
            NativeFloats dy,
            long dyFrom,
            NativeFloats x,
            float beta,
            NativeFloats target,
            long from) {
        long row = from + (long) o * inputs;
        Blas.transposedMultiply(
                some, inputs, n, alpha, dy, dyFrom + o, outputs, x, 0, inputs, beta, target, row, inputs);
    }
}
