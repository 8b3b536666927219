package org.fl4j.models.internal;

import java.util.List;

/**
 * The gradients that single sequences give an LSTM layer's weights, after the backward pass through time: norms, and weighted sums. What it
 * reads lies as {@link LstmLayer} has it, examples side by side in each step.
 */
final class LstmExamples {

    private static final int BLOCKS = LstmLayer.BLOCKS;

    private final int steps;
    private final int inputs;
    private final int outputs;
    private final Parameter weights;
    private final Parameter recurrent;
    private final Parameter bias;
    private final StepGradients gradients;
    private final boolean areByProducts;
    private float[] d = {};
    private float[] a = {};
    private float[] one = {};
    private float[] read = {};

    /** @param parameters input weights, recurrent weights, biases */
    LstmExamples(int steps, int inputs, int outputs, List<Parameter> parameters) {
        this.steps = steps;
        this.inputs = inputs;
        this.outputs = outputs;
        this.weights = parameters.get(0);
        this.recurrent = parameters.get(1);
        this.bias = parameters.get(2);
        this.gradients = new StepGradients(steps);
        this.areByProducts = gradients.areByProducts(
                (long) BLOCKS * outputs, (long) inputs + outputs, (long) weights.length() + recurrent.length());
    }

    private void prepare() {
        if (d.length == 0) {
            d = new float[steps * BLOCKS * outputs];
            a = new float[areByProducts ? steps * (inputs + outputs) : 0];
            one = new float[Math.max(inputs, outputs)];
            read = new float[outputs * Math.max(inputs, outputs)];
        }
    }

    /** @param dz [4, T, n, outputs]; x is [T, n, inputs], h [T + 1, n, outputs], before the first step and after each */
    void addNorms(int n, NativeFloats dz, NativeFloats x, NativeFloats h, ExampleNorms norms) {
        prepare();
        for (int e = 0; e < n; e++) {
            gatherGradients(n, dz, e);
            if (areByProducts) {
                gatherInputs(n, x, h, e);
                gradients.addNorm(e, d, 0, BLOCKS * outputs, a, 0, inputs + outputs, 1, norms);
                continue;
            }
            for (int block = 0; block < BLOCKS; block++) {
                norms.add(e, ExampleNorms.squares(values(n, dz, x, inputs, weights, block, e), 0, outputs * inputs));
                norms.add(
                        e, ExampleNorms.squares(values(n, dz, h, outputs, recurrent, block, e), 0, outputs * outputs));
            }
            norms.add(e, gradients.squareOfSum(d, 0, BLOCKS * outputs, BLOCKS * outputs));
        }
    }

    void addGradients(int n, NativeFloats dz, NativeFloats x, NativeFloats h, double[] factors, GradientSums sums) {
        for (int e = 0; e < n; e++) {
            if (factors[e] == 0) {
                continue;
            }
            for (int block = 0; block < BLOCKS; block++) {
                addScaled(
                        sums.of(weights),
                        block,
                        outputs * inputs,
                        factors[e],
                        values(n, dz, x, inputs, weights, block, e));
                addScaled(
                        sums.of(recurrent),
                        block,
                        outputs * outputs,
                        factors[e],
                        values(n, dz, h, outputs, recurrent, block, e));
            }
            gatherGradients(n, dz, e);
            gradients.addSum(sums.of(bias), 0, factors[e], d, 0, BLOCKS * outputs, BLOCKS * outputs);
        }
    }

    private float[] values(int n, NativeFloats dz, NativeFloats met, int width, Parameter of, int block, int e) {
        long at = (long) block * steps * n * outputs + (long) e * outputs;
        gradients.values(outputs, width, dz, at, n * outputs, met, (long) e * width, n * width, of.gradient(), read);
        return read;
    }

    private static void addScaled(double[] sum, int block, int n, double factor, float[] values) {
        int to = block * n;
        for (int i = 0; i < n; i++) {
            sum[to + i] += factor * values[i];
        }
    }

    /** An example's gradients at the sums to [T, 4 outputs]. */
    private void gatherGradients(int n, NativeFloats dz, int e) {
        for (int t = 0; t < steps; t++) {
            for (int block = 0; block < BLOCKS; block++) {
                int from = ((block * steps + t) * n + e) * outputs;
                dz.get(from, d, (t * BLOCKS + block) * outputs, outputs);
            }
        }
    }

    /** What an example's weights met to [T, inputs + outputs]. */
    private void gatherInputs(int n, NativeFloats x, NativeFloats h, int e) {
        int width = inputs + outputs;
        for (int t = 0; t < steps; t++) {
            x.get((t * n + e) * inputs, one, 0, inputs);
            System.arraycopy(one, 0, a, t * width, inputs);
            h.get((t * n + e) * outputs, one, 0, outputs);
            System.arraycopy(one, 0, a, t * width + inputs, outputs);
        }
    }
}
