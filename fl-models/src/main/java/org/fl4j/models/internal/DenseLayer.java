package org.fl4j.models.internal;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = f(x W^T + b)}: a fully connected layer on rows, which are examples, or the time steps of sequences. Weights
 * lie as [outputs, inputs], row-major, then the bias: DL4J's 'f' order.
 */
public final class DenseLayer extends Layer {

    private final int inputs;
    private final int outputs;
    private final int steps;
    private final Activation activation;
    private final Parameter weights;
    private final @Nullable Parameter bias;
    private final WeightProducts products;
    private final float[] sums;
    private final float[] biases;
    private final float[] tiled;
    private final int[] kept;
    private final int[] masked;
    private final NativeFloats ones;
    private final Exponentials exponentials;

    /**
     * A layer.
     *
     * @param rows of a mini-batch at most, times the steps
     * @param steps rows an example has: 1, or the length of its sequence
     * @param bias null for none
     */
    public DenseLayer(
            int rows,
            int steps,
            int inputs,
            int outputs,
            Activation activation,
            Parameter weights,
            @Nullable Parameter bias,
            Chunks chunks) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.steps = steps;
        this.activation = activation;
        this.weights = weights;
        this.bias = bias;
        this.products = new WeightProducts(inputs, outputs, chunks);
        int values = Math.multiplyExact(rows, outputs);
        this.sums = new float[activation.needsSums() ? values : 0];
        this.biases = new float[outputs];
        this.tiled = new float[values];
        this.kept = new int[activation == Activation.RELU ? values : 0];
        this.masked = new int[kept.length];
        this.exponentials = new Exponentials(activation.isOfExponentials() ? values : 0);
        this.ones = NativeFloats.zeros(rows);
        float[] one = new float[rows];
        Arrays.fill(one, 1);
        ones.put(0, one, 0, rows);
    }

    @Override
    public int outputs() {
        return steps * outputs;
    }

    @Override
    public List<Parameter> parameters() {
        return bias == null ? List.of(weights) : List.of(weights, bias);
    }

    @Override
    public void forward(int n, Matrix x, Matrix y, boolean training) {
        int rows = n * steps;
        NativeFloats in = x.memory(n);
        NativeFloats out = y.memoryToWrite();
        products.forward(rows, in, 0, weights.values(), 0, 0, out, 0);
        y.memoryChanged();
        activate(rows, n, y);
    }

    private void activate(int rows, int n, Matrix y) {
        int values = rows * outputs;
        if (bias == null && activation == Activation.IDENTITY) {
            return;
        }
        float[] z = y.heap(n);
        if (bias != null) {
            bias.values().get(0, biases, 0, outputs);
            for (int r = 0; r < rows; r++) {
                System.arraycopy(biases, 0, tiled, r * outputs, outputs);
            }
            add(z, tiled, values);
        }
        if (activation == Activation.RELU) {
            y.heapChanged();
            NativeFloats memory = y.memory(n);
            memory.getBits(0, kept, 0, values);
            dropNegative(kept, values);
            memory.putBits(0, kept, 0, values);
            y.memoryChanged();
        } else {
            if (activation.needsSums()) {
                System.arraycopy(z, 0, sums, 0, values);
            }
            activation.apply(z, values, exponentials);
            y.heapChanged();
        }
    }

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
        int rows = n * steps;
        deactivate(rows, n, y, dy);
        NativeFloats dz = dy.memory(n);
        NativeFloats in = x.memory(n);
        int most = products.backwardChunk(rows);
        for (int o = 0; o < outputs; o += most) {
            int some = Math.min(most, outputs - o);
            if (dx != null) {
                products.backward(rows, o, some, dz, 0, weights.values(), 0, true, dx.memoryToWrite());
            }
            weights.beforeUpdate(o * inputs, some * inputs);
            products.update(rows, o, some, weights.alpha(n), dz, 0, in, weights.beta(), weights.target(), 0);
        }
        if (dx != null) {
            dx.memoryChanged();
        }
        if (bias != null) {
            bias.beforeUpdate(0, outputs);
            Blas.multiply(
                    1,
                    outputs,
                    rows,
                    bias.alpha(n),
                    ones,
                    0,
                    rows,
                    dz,
                    0,
                    outputs,
                    bias.beta(),
                    bias.target(),
                    0,
                    outputs);
        }
    }

    private void deactivate(int rows, int n, Matrix y, Matrix dy) {
        int values = rows * outputs;
        if (activation == Activation.RELU) {
            NativeFloats memory = dy.memory(n);
            memory.getBits(0, masked, 0, values);
            keepWherePositive(masked, kept, values);
            memory.putBits(0, masked, 0, values);
            dy.memoryChanged();
        } else if (activation != Activation.IDENTITY) {
            activation.backward(sums, y.heap(n), dy.heap(n), values);
            dy.heapChanged();
        }
    }

    // One loop a method, over arrays alone: so the compiler makes vector code of them.

    private static void add(float[] z, float[] b, int n) {
        for (int i = 0; i < n; i++) {
            z[i] += b[i];
        }
    }

    static void dropNegative(int[] bits, int n) {
        for (int i = 0; i < n; i++) {
            bits[i] &= ~(bits[i] >> 31);
        }
    }

    /** Positive floats, and zero, have bits of the same order as numbers. */
    public static void keepWherePositive(int[] d, int[] y, int n) {
        for (int i = 0; i < n; i++) {
            d[i] &= ~((y[i] - 1) >> 31);
        }
    }
}
