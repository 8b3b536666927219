package org.fl4j.models.internal;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Long short-term memory without peepholes (Hochreiter and Schmidhuber 1997; Gers et al. 2000; the variant NP of Greff et
 * al. 2015), over whole sequences that begin with a state of zero:
 *
 * <pre>
 *   i = f(x Wi + h' Ri + bi)    input           c = sf * c' + sg * i
 *   sf, so, sg = s(...)         forget, output, input modulation gates
 *   h = so * f(c)
 * </pre>
 *
 * <p>with h' and c' those of the step before. Weights lie as four blocks i, f, o, g: input weights [4, outputs, inputs],
 * recurrent weights [4, outputs, outputs], biases [4, outputs], all row-major: DL4J's 'f' order. Within, what flows is
 * [4, T, n, outputs], so that the rows of a step are contiguous: the products with x, and those of all gradients of weights,
 * are one for all steps, and only those with h' and their gradients go step by step.
 */
public final class LstmLayer extends Layer implements ExampleLayer {

    static final int BLOCKS = 4;

    private final int steps;
    private final int inputs;
    private final int outputs;
    private final Parameter weights;
    private final Parameter recurrent;
    private final Parameter bias;
    private final WeightProducts ofInputs;
    private final WeightProducts ofStates;
    private final LstmCells cells;
    private final NativeFloats x;
    private final NativeFloats dx;
    private final NativeFloats sums;
    private final NativeFloats h;
    private final NativeFloats dh;
    private final NativeFloats ones;
    private final float[] ordered;
    private final float[] step;
    private final float[] later;
    private final float[] zeros;
    private final float[] biases;
    private final float[][] tiled;
    private final LstmExamples examples;

    /**
     * A layer.
     *
     * @param examples of a mini-batch at most
     * @param steps of a sequence
     * @param activation f, of inputs and cells
     * @param gate s
     * @param parameters input weights, recurrent weights, biases
     */
    public LstmLayer(
            int examples,
            int steps,
            int inputs,
            int outputs,
            Activation activation,
            Activation gate,
            List<Parameter> parameters,
            Chunks chunks) {
        this.steps = steps;
        this.inputs = inputs;
        this.outputs = outputs;
        this.weights = parameters.get(0);
        this.recurrent = parameters.get(1);
        this.bias = parameters.get(2);
        this.ofInputs = new WeightProducts(inputs, outputs, chunks);
        this.ofStates = new WeightProducts(outputs, outputs, chunks);
        int rows = Math.multiplyExact(examples, steps);
        int values = Math.multiplyExact(examples, outputs);
        this.cells = new LstmCells(activation, gate, steps, values);
        this.x = NativeFloats.zeros(Math.multiplyExact(rows, inputs));
        this.dx = NativeFloats.zeros(x.length());
        this.sums = NativeFloats.zeros(Math.multiplyExact(rows, BLOCKS * outputs));
        this.h = NativeFloats.zeros(Math.multiplyExact(steps + 1, values));
        this.dh = NativeFloats.zeros(values);
        this.ones = NativeFloats.zeros(rows);
        float[] one = new float[rows];
        Arrays.fill(one, 1);
        ones.put(0, one, 0, rows);
        this.ordered = new float[Math.multiplyExact(rows, Math.max(inputs, outputs))];
        this.step = new float[values];
        this.later = new float[values];
        this.zeros = new float[values];
        this.biases = new float[BLOCKS * outputs];
        this.tiled = new float[BLOCKS][values];
        this.examples = new LstmExamples(steps, inputs, outputs, parameters);
    }

    @Override
    public int outputs() {
        return steps * outputs;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(weights, recurrent, bias);
    }

    @Override
    public void forward(int n, Matrix in, Matrix out, boolean training) {
        int rows = n * steps;
        toSteps(in.heap(n), ordered, n, inputs);
        x.put(0, ordered, 0, rows * inputs);
        for (int block = 0; block < BLOCKS; block++) {
            long row = (long) block * outputs * inputs;
            ofInputs.forward(rows, x, 0, weights.values(), row, 0, sums, (long) block * rows * outputs);
        }
        tileBiases(n);
        int values = n * outputs;
        h.put(0, zeros, 0, values);
        for (int t = 0; t < steps; t++) {
            for (int block = 0; block < BLOCKS; block++) {
                int at = (block * steps + t) * values;
                if (t > 0) {
                    long row = (long) block * outputs * outputs;
                    ofStates.forward(n, h, (long) t * values, recurrent.values(), row, 1, sums, at);
                }
                float[] z = cells.block(block, t);
                sums.get(at, z, 0, values);
                LstmCells.add(z, tiled[block], values);
            }
            cells.forward(t, step, values);
            h.put((t + 1) * values, step, 0, values);
        }
        h.get(values, ordered, 0, rows * outputs);
        toExamples(ordered, out.heapToWrite(), n, outputs);
        out.heapChanged();
    }

    private void tileBiases(int n) {
        bias.values().get(0, biases, 0, BLOCKS * outputs);
        for (int block = 0; block < BLOCKS; block++) {
            for (int e = 0; e < n; e++) {
                System.arraycopy(biases, block * outputs, tiled[block], e * outputs, outputs);
            }
        }
    }

    /** The gradients at the sums overwrite the sums. */
    @Override
    public void backward(int n, Matrix in, Matrix out, Matrix dout, @Nullable Matrix din) {
        int rows = n * steps;
        passBack(n, dout, din);
        update(n, ofInputs, x, weights);
        update(n, ofStates, h, recurrent);
        bias.beforeUpdate(0, BLOCKS * outputs);
        for (int block = 0; block < BLOCKS; block++) {
            Blas.multiply(
                    1,
                    outputs,
                    rows,
                    bias.alpha(n),
                    ones,
                    0,
                    rows,
                    sums,
                    (long) block * rows * outputs,
                    outputs,
                    bias.beta(),
                    bias.target(),
                    (long) block * outputs,
                    outputs);
        }
    }

    @Override
    public void backward(int n, Matrix in, Matrix out, Matrix dout, @Nullable Matrix din, ExampleNorms norms) {
        passBack(n, dout, din);
        examples.addNorms(n, sums, x, h, norms);
    }

    @Override
    public void addGradients(int n, Matrix in, Matrix out, Matrix dout, double[] factors, GradientSums into) {
        examples.addGradients(n, sums, x, h, factors, into);
    }

    /** From the gradients at the outputs to those at the sums and at the inputs. */
    private void passBack(int n, Matrix dout, @Nullable Matrix din) {
        int rows = n * steps;
        int values = n * outputs;
        toSteps(dout.heap(n), ordered, n, outputs);
        cells.beginBackward(values);
        for (int t = steps - 1; t >= 0; t--) {
            System.arraycopy(ordered, t * values, step, 0, values);
            if (t < steps - 1) {
                for (int block = 0; block < BLOCKS; block++) {
                    addProduct(n, ofStates, recurrent, block, (block * steps + t + 1) * values, dh);
                }
                dh.get(0, later, 0, values);
                LstmCells.add(step, later, values);
            }
            float[][] slopes = cells.backward(t, step, values);
            for (int block = 0; block < BLOCKS; block++) {
                sums.put((block * steps + t) * values, slopes[block], 0, values);
            }
        }
        if (din != null) {
            for (int block = 0; block < BLOCKS; block++) {
                addProduct(rows, ofInputs, weights, block, block * rows * outputs, dx);
            }
            dx.get(0, ordered, 0, rows * inputs);
            toExamples(ordered, din.heapToWrite(), n, inputs);
            din.heapChanged();
        }
    }

    /** {@code sum = dz W_block}, plus sum for all blocks but the first; with W of [4, outputs, width]. */
    private void addProduct(int rows, WeightProducts products, Parameter w, int block, int from, NativeFloats sum) {
        long first = (long) block * (w.length() / BLOCKS);
        int most = products.backwardChunk(rows);
        for (int o = 0; o < outputs; o += most) {
            int some = Math.min(most, outputs - o);
            products.backward(rows, o, some, sums, from, w.values(), first, block == 0, sum);
        }
    }

    /** Of weights [4, outputs, width] from the inputs a of all steps, of [T, n, width]. */
    private void update(int n, WeightProducts products, NativeFloats a, Parameter w) {
        int rows = n * steps;
        w.beforeUpdate(0, w.length());
        int most = products.backwardChunk(rows);
        for (int block = 0; block < BLOCKS; block++) {
            long from = (long) block * rows * outputs;
            long first = (long) block * (w.length() / BLOCKS);
            for (int o = 0; o < outputs; o += most) {
                int some = Math.min(most, outputs - o);
                products.update(rows, o, some, w.alpha(n), sums, from, a, w.beta(), w.target(), first);
            }
        }
    }

    /** From [n, T, width] to [T, n, width]. */
    private void toSteps(float[] from, float[] to, int n, int width) {
        for (int e = 0; e < n; e++) {
            for (int t = 0; t < steps; t++) {
                System.arraycopy(from, (e * steps + t) * width, to, (t * n + e) * width, width);
            }
        }
    }

    /** From [T, n, width] to [n, T, width]. */
    private void toExamples(float[] from, float[] to, int n, int width) {
        for (int e = 0; e < n; e++) {
            for (int t = 0; t < steps; t++) {
                System.arraycopy(from, (t * n + e) * width, to, (e * steps + t) * width, width);
            }
        }
    }
}
