package org.fl4j.models.internal.image;

import java.util.Arrays;
import java.util.List;
import org.fl4j.models.internal.Activation;
import org.fl4j.models.internal.Blas;
import org.fl4j.models.internal.DenseLayer;
import org.fl4j.models.internal.ExampleLayer;
import org.fl4j.models.internal.ExampleNorms;
import org.fl4j.models.internal.GradientSums;
import org.fl4j.models.internal.Layer;
import org.fl4j.models.internal.Matrix;
import org.fl4j.models.internal.NativeFloats;
import org.fl4j.models.internal.Parameter;
import org.fl4j.models.internal.Rows;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = f(x * W + b)}: a two-dimensional convolution of images, channels last. Weights are
 * [kernel rows, kernel columns, channels, filters], row-major: another order than DL4J's, which the {@link Parameter} knows.
 */
public final class ConvolutionLayer extends Layer implements ExampleLayer {

    private final Window window;
    private final int filters;
    private final Activation activation;
    private final Parameter weights;
    private final @Nullable Parameter bias;
    private final boolean passesOn;
    private final ConvolutionProducts products;
    private final float[] sums;
    private final float[] biases;
    private final int[] kept;
    private final int[] masked;
    private final float[] gradient;
    private final float[] biasGradient;
    private final float[] scratch;
    private final NativeFloats ones;
    private final NativeFloats dz;
    private final NativeFloats weightSums;
    private final NativeFloats biasSums;

    /**
     * A layer.
     *
     * @param images of a mini-batch at most
     * @param bias null for none
     * @param passesOn whether a layer before needs the gradient at this one's input
     */
    public ConvolutionLayer(
            int images,
            Window window,
            int filters,
            Activation activation,
            Parameter weights,
            @Nullable Parameter bias,
            boolean passesOn) {
        this.window = window;
        this.filters = filters;
        this.activation = activation;
        this.weights = weights;
        this.bias = bias;
        this.passesOn = passesOn;
        this.products = ConvolutionProducts.of(window, filters, Blas.hasSmallKernels());
        int outputs = outputs();
        this.sums = new float[activation.needsSums() ? Math.multiplyExact(images, outputs) : 0];
        this.biases = new float[bias == null ? 0 : products.sums()];
        this.kept = new int[activation == Activation.RELU ? outputs : 0];
        this.masked = new int[kept.length];
        this.gradient = new float[weights.length()];
        this.biasGradient = new float[filters];
        this.scratch = new float[Math.max(weights.length(), filters)];
        this.ones = NativeFloats.zeros(window.positions());
        float[] one = new float[window.positions()];
        Arrays.fill(one, 1);
        ones.put(0, one, 0, window.positions());
        this.dz = NativeFloats.zeros(outputs);
        this.weightSums = NativeFloats.zeros(weights.length());
        this.biasSums = NativeFloats.zeros(filters);
    }

    @Override
    public int outputs() {
        return window.positions() * filters;
    }

    @Override
    public List<Parameter> parameters() {
        return bias == null ? List.of(weights) : List.of(weights, bias);
    }

    @Override
    public void forward(int n, Matrix x, Matrix y, boolean training) {
        float[] in = x.heap(n);
        float[] out = y.heapToWrite();
        int inputs = window.inputs();
        int outputs = outputs();
        if (bias != null) {
            bias.values().get(0, biases, 0, filters);
            Rows.repeat(biases, filters, biases.length);
        }
        for (int e = 0; e < n; e++) {
            int at = e * outputs;
            products.forward(in, e * inputs, weights.values(), bias == null ? null : biases, out, at);
            if (activation == Activation.RELU) {
                dropNegative(out, at, outputs);
            }
        }
        if (activation != Activation.RELU && activation != Activation.IDENTITY) {
            if (activation.needsSums()) {
                System.arraycopy(out, 0, sums, 0, n * outputs);
            }
            activation.apply(out, out, n * outputs);
        }
        y.heapChanged();
    }

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
        float[] in = x.heap(n);
        float[] out = y.heap(n);
        float[] d = dy.heap(n);
        float[] into = passesOn && dx != null ? dx.heapToWrite() : null;
        int inputs = window.inputs();
        int outputs = outputs();
        if (activation != Activation.RELU && activation != Activation.IDENTITY) {
            activation.backward(sums, out, d, n * outputs);
        }
        products.beginBackward(weights.values());
        for (int e = 0; e < n; e++) {
            readGradient(out, d, e * outputs);
            float beta = e == 0 ? 0 : 1;
            products.backward(in, e * inputs, weights.values(), dz, beta, weightSums, into, e * inputs);
            sumBias(beta);
        }
        if (dx != null) {
            dx.heapChanged();
        }
        weightSums.get(0, gradient, 0, gradient.length);
        weights.update(gradient, scratch, n);
        if (bias != null) {
            biasSums.get(0, biasGradient, 0, filters);
            bias.update(biasGradient, scratch, n);
        }
    }

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx, ExampleNorms norms) {
        float[] in = x.heap(n);
        float[] out = y.heap(n);
        float[] d = dy.heap(n);
        float[] into = passesOn && dx != null ? dx.heapToWrite() : null;
        if (activation != Activation.RELU && activation != Activation.IDENTITY) {
            activation.backward(sums, out, d, n * outputs());
            dy.heapChanged();
        }
        products.beginBackward(weights.values());
        for (int e = 0; e < n; e++) {
            readExample(in, out, d, e, into);
            norms.add(e, ExampleNorms.squares(gradient, 0, gradient.length));
            norms.add(e, bias == null ? 0 : ExampleNorms.squares(biasGradient, 0, filters));
        }
        if (dx != null) {
            dx.heapChanged();
        }
    }

    /** Computes them once more: to keep them takes a set of weights an example. */
    @Override
    public void addGradients(int n, Matrix x, Matrix y, Matrix dy, double[] factors, GradientSums into) {
        for (int e = 0; e < n; e++) {
            if (factors[e] != 0) {
                readExample(x.heap(n), y.heap(n), dy.heap(n), e, null);
                GradientSums.addScaled(into.of(weights), factors[e], gradient, 0, gradient.length);
                if (bias != null) {
                    GradientSums.addScaled(into.of(bias), factors[e], biasGradient, 0, filters);
                }
            }
        }
    }

    /** One image's gradients, and that at the image where somebody wants it. */
    private void readExample(float[] in, float[] out, float[] d, int e, float @Nullable [] into) {
        int at = e * window.inputs();
        readGradient(out, d, e * outputs());
        products.backward(in, at, weights.values(), dz, 0, weightSums, into, at);
        weightSums.get(0, gradient, 0, gradient.length);
        if (bias != null) {
            sumBias(0);
            biasSums.get(0, biasGradient, 0, filters);
        }
    }

    private void sumBias(float beta) {
        if (bias != null) {
            Blas.multiply(
                    1,
                    filters,
                    window.positions(),
                    1,
                    ones,
                    0,
                    window.positions(),
                    dz,
                    0,
                    filters,
                    beta,
                    biasSums,
                    0,
                    filters);
        }
    }

    /** The gradient at the sums of one image. */
    private void readGradient(float[] y, float[] d, int at) {
        int outputs = outputs();
        if (activation == Activation.RELU) {
            dz.put(0, y, at, outputs);
            dz.getBits(0, kept, 0, outputs);
            dz.put(0, d, at, outputs);
            dz.getBits(0, masked, 0, outputs);
            DenseLayer.keepWherePositive(masked, kept, outputs);
            dz.putBits(0, masked, 0, outputs);
        } else {
            dz.put(0, d, at, outputs);
        }
    }

    private static void dropNegative(float[] z, int from, int n) {
        for (int i = from; i < from + n; i++) {
            z[i] = Math.max(z[i], 0f);
        }
    }
}
