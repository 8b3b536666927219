package org.fl4j.models.internal;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = f(x W^T + b)}: a fully connected layer on rows, which are examples, or the time steps of sequences. Weights
 * lie as [outputs, inputs], row-major, then the bias: DL4J's 'f' order.
 */
public final class DenseLayer extends Layer implements ExampleLayer {

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
    private final StepGradients gradients;
    private float[] read = {};

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
        this.gradients = new StepGradients(steps);
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

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx, ExampleNorms norms) {
        int rows = n * steps;
        deactivate(rows, n, y, dy);
        if (dx != null) {
            NativeFloats dz = dy.memory(n);
            int most = products.backwardChunk(rows);
            for (int o = 0; o < outputs; o += most) {
                int some = Math.min(most, outputs - o);
                products.backward(rows, o, some, dz, 0, weights.values(), 0, true, dx.memoryToWrite());
            }
            dx.memoryChanged();
        }
        addNorms(n, x, dy, norms);
    }

    private void addNorms(int n, Matrix x, Matrix dy, ExampleNorms norms) {
        float[] in = x.heap(n);
        float[] dz = dy.heap(n);
        int ofBias = bias == null ? 0 : 1;
        boolean areByProducts = gradients.areByProducts(outputs, inputs, weights.length());
        for (int e = 0; e < n; e++) {
            int a = e * steps * inputs;
            int d = e * steps * outputs;
            if (steps == 1) {
                norms.addOuter(e, ExampleNorms.squares(dz, d, outputs), ExampleNorms.squares(in, a, inputs) + ofBias);
            } else if (areByProducts) {
                gradients.addNorm(e, dz, d, outputs, in, a, inputs, ofBias, norms);
            } else {
                norms.add(e, ExampleNorms.squares(values(n, x, dy, e), 0, weights.length()));
                norms.add(e, ofBias * gradients.squareOfSum(dz, d, outputs, outputs));
            }
        }
    }

    private float[] values(int n, Matrix x, Matrix dy, int e) {
        if (read.length == 0) {
            read = new float[weights.length()];
        }
        long a = (long) e * steps * inputs;
        long d = (long) e * steps * outputs;
        gradients.values(outputs, inputs, dy.memory(n), d, outputs, x.memory(n), a, inputs, weights.gradient(), read);
        return read;
    }

    @Override
    public void addGradients(int n, Matrix x, Matrix y, Matrix dy, double[] factors, GradientSums sums) {
        if (steps == 1) {
            addOuterProducts(n, x, dy, factors, sums);
            return;
        }
        for (int e = 0; e < n; e++) {
            if (factors[e] != 0) {
                float[] g = values(n, x, dy, e);
                GradientSums.addScaled(sums.of(weights), factors[e], g, 0, g.length);
                if (bias != null) {
                    int d = e * steps * outputs;
                    gradients.addSum(sums.of(bias), 0, factors[e], dy.heap(n), d, outputs, outputs);
                }
            }
        }
    }

    /** One product over rows that are scaled first; those of examples that are left out are zero on both sides. */
    private void addOuterProducts(int n, Matrix x, Matrix dy, double[] factors, GradientSums sums) {
        float[] dz = dy.heap(n);
        for (int e = 0; e < n; e++) {
            scale(dz, factors[e], e * outputs, outputs);
            if (factors[e] == 0) {
                Arrays.fill(x.heap(n), e * inputs, (e + 1) * inputs, 0);
                x.heapChanged();
            }
            if (bias != null) {
                GradientSums.addScaled(sums.of(bias), 1, dz, e * outputs, outputs);
            }
        }
        dy.heapChanged();
        if (read.length == 0) {
            read = new float[weights.length()];
        }
        NativeFloats product = weights.gradient();
        int most = products.backwardChunk(n);
        for (int o = 0; o < outputs; o += most) {
            products.update(n, o, Math.min(most, outputs - o), 1, dy.memory(n), 0, x.memory(n), 0, product, 0);
        }
        product.get(0, read, 0, read.length);
        GradientSums.addScaled(sums.of(weights), 1, read, 0, read.length);
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

    private static void scale(float[] values, double factor, int from, int n) {
        for (int i = from; i < from + n; i++) {
            values[i] = factor == 0 ? 0 : (float) (factor * values[i]);
        }
    }
}
