package org.fl4j.models.internal;

/**
 * The matrix products of a {@link DenseLayer}'s training step and nothing else: the same shapes, chunks and order, no bias,
 * no activation, no copies. How long they take is the floor of the layer's step; benchmarks set the whole beside it.
 *
 * <p>Not thread-safe.
 */
public final class DenseProducts {

    private final int rows;
    private final int inputs;
    private final int outputs;
    private final boolean first;
    private final WeightProducts products;
    private final NativeFloats x;
    private final NativeFloats dx;
    private final NativeFloats y;
    private final NativeFloats dy;
    private final NativeFloats weights;
    private final NativeFloats updated;

    /**
     * The products of a layer, all operands zero.
     *
     * @param rows of a mini-batch
     * @param first whether this is the first layer, which needs no gradient of its inputs
     */
    public DenseProducts(int rows, int inputs, int outputs, boolean first) {
        this.rows = rows;
        this.inputs = inputs;
        this.outputs = outputs;
        this.first = first;
        this.products = new WeightProducts(inputs, outputs, Chunks.ofThisProcess());
        this.x = NativeFloats.zeros(rows * inputs);
        this.dx = NativeFloats.zeros(rows * inputs);
        this.y = NativeFloats.zeros(rows * outputs);
        this.dy = NativeFloats.zeros(rows * outputs);
        this.weights = NativeFloats.zeros(outputs * inputs);
        this.updated = weights.slice(0, outputs * inputs);
    }

    /** How many multiplications and additions {@link #forward} and {@link #backward} make together. */
    public long operations() {
        return 2L * rows * inputs * outputs * (first ? 2 : 3);
    }

    /** {@code y = x W^T}. */
    public void forward() {
        products.forward(rows, x, 0, weights, 0, 0, y, 0);
    }

    /** {@code dx = dy W}, unless this is the first layer, and {@code W = W - rate dy^T x}. */
    public void backward() {
        int most = products.backwardChunk(rows);
        for (int o = 0; o < outputs; o += most) {
            int some = Math.min(most, outputs - o);
            if (!first) {
                products.backward(rows, o, some, dy, 0, weights, 0, true, dx);
            }
            products.update(rows, o, some, -0.01f, dy, 0, x, 1, updated, 0);
        }
    }
}
