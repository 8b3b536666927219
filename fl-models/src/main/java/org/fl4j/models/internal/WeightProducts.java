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
        if (chunks.isByRow(n)) {
            forwardByRow(n, x, xFrom, w, wFrom, beta, y, yFrom);
            return;
        }
        int most = chunks.forward(n, inputs, outputs);
        for (int o = 0; o < outputs; o += most) {
            int some = Math.min(most, outputs - o);
            long row = wFrom + (long) o * inputs;
            Blas.multiplyTransposed(n, some, inputs, 1, x, xFrom, inputs, w, row, inputs, beta, y, yFrom + o, outputs);
        }
    }

    private void forwardByRow(
            int n, NativeFloats x, long xFrom, NativeFloats w, long wFrom, float beta, NativeFloats y, long yFrom) {
        int rows = chunks.rowsAtOnce(inputs, outputs);
        int columns = chunks.columnsAtOnce(inputs);
        for (int o = 0; o < outputs; o += rows) {
            for (int i = 0; i < inputs; i += columns) {
                int height = Math.min(rows, outputs - o);
                int width = Math.min(columns, inputs - i);
                long block = wFrom + (long) o * inputs + i;
                for (int r = 0; r < n; r++) {
                    long from = xFrom + (long) r * inputs + i;
                    long to = yFrom + (long) r * outputs + o;
                    Blas.multiply(height, width, w, block, inputs, x, from, i == 0 ? beta : 1, y, to);
                }
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
        int rows = chunks.rowsAtOnce(inputs, outputs);
        int columns = chunks.columnsAtOnce(inputs);
        for (int at = o; at < o + some; at += rows) {
            for (int i = 0; i < inputs; i += columns) {
                int height = Math.min(rows, o + some - at);
                int width = Math.min(columns, inputs - i);
                float beta = overwrite && at == 0 ? 0 : 1;
                long block = wFrom + (long) at * inputs + i;
                for (int r = 0; r < n; r++) {
                    long from = dyFrom + (long) r * outputs + at;
                    long to = (long) r * inputs + i;
                    Blas.multiplyTransposed(height, width, w, block, inputs, dy, from, beta, dx, to);
                }
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
