package org.fl4j.models.internal;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = f(W[x] + b)}: the rows of a table that indices name, one an example or one a step of a sequence. The table
 * lies as [vocabulary, outputs], row-major. The first layer of a network: it passes no gradient on.
 */
public final class EmbeddingLayer extends Layer implements ExampleLayer {

    private final int steps;
    private final int vocabulary;
    private final int outputs;
    private final Activation activation;
    private final Parameter table;
    private final @Nullable Parameter bias;
    private final float[] sums;
    private final float[] biases;
    private final float[] row;
    private final float[] gradient;
    private final float[] scratch;
    private final StepGradients gradients;
    private final int[] rowOf;
    private final double[] rows;

    /**
     * A layer.
     *
     * @param rows of a mini-batch at most, times the steps
     * @param steps indices an example has
     * @param bias null for none
     */
    public EmbeddingLayer(
            int rows,
            int steps,
            int vocabulary,
            int outputs,
            Activation activation,
            Parameter table,
            @Nullable Parameter bias) {
        this.steps = steps;
        this.vocabulary = vocabulary;
        this.outputs = outputs;
        this.activation = activation;
        this.table = table;
        this.bias = bias;
        this.sums = new float[activation.needsSums() ? Math.multiplyExact(rows, outputs) : 0];
        this.biases = new float[outputs];
        this.row = new float[outputs];
        this.gradient = new float[table.length()];
        this.scratch = new float[outputs];
        this.gradients = new StepGradients(steps);
        this.rowOf = new int[steps];
        this.rows = new double[Math.multiplyExact(steps, outputs)];
    }

    @Override
    public int outputs() {
        return steps * outputs;
    }

    @Override
    public List<Parameter> parameters() {
        return bias == null ? List.of(table) : List.of(table, bias);
    }

    @Override
    public void forward(int n, Matrix x, Matrix y, boolean training) {
        float[] indices = x.heap(n);
        float[] to = y.heapToWrite();
        int values = n * steps * outputs;
        for (int r = 0; r < n * steps; r++) {
            table.values().get(index(indices[r]) * outputs, to, r * outputs, outputs);
        }
        if (bias != null) {
            bias.values().get(0, biases, 0, outputs);
            for (int r = 0; r < n * steps; r++) {
                add(to, r * outputs, biases, 0, outputs);
            }
        }
        if (activation.needsSums()) {
            System.arraycopy(to, 0, sums, 0, values);
        }
        activation.apply(to, to, values);
        y.heapChanged();
    }

    /** Towards zero, as DL4J takes it. */
    private int index(float value) {
        int index = (int) value;
        if (index < 0 || index >= vocabulary) {
            throw new IllegalArgumentException(
                    "an index of an embedding must be in [0, " + vocabulary + "), but was " + value);
        }
        return index;
    }

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
        if (dx != null) {
            throw new IllegalStateException("an embedding must be the first layer with parameters");
        }
        int rows = n * steps;
        float[] d = dy.heap(n);
        activation.backward(sums, y.heap(n), d, rows * outputs);
        dy.heapChanged();
        float[] indices = x.heap(n);
        if (table.beta() == 1) {
            stepRows(indices, d, rows, n);
        } else {
            Arrays.fill(gradient, 0);
            for (int r = 0; r < rows; r++) {
                add(gradient, index(indices[r]) * outputs, d, r * outputs, outputs);
            }
            table.target().put(0, gradient, 0, gradient.length);
        }
        if (bias != null) {
            Arrays.fill(biases, 0);
            for (int r = 0; r < rows; r++) {
                add(biases, 0, d, r * outputs, outputs);
            }
            bias.update(biases, scratch, n);
        }
    }

    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx, ExampleNorms norms) {
        if (dx != null) {
            throw new IllegalStateException("an embedding must be the first layer with parameters");
        }
        float[] d = dy.heap(n);
        activation.backward(sums, y.heap(n), d, n * steps * outputs);
        dy.heapChanged();
        for (int e = 0; e < n; e++) {
            int distinct = gather(x.heap(n), d, e);
            double square = 0;
            for (int i = 0; i < distinct * outputs; i++) {
                square += rows[i] * rows[i];
            }
            norms.add(e, square);
            if (bias != null) {
                norms.add(e, gradients.squareOfSum(d, e * steps * outputs, outputs, outputs));
            }
        }
    }

    @Override
    public void addGradients(int n, Matrix x, Matrix y, Matrix dy, double[] factors, GradientSums sums) {
        float[] indices = x.heap(n);
        float[] d = dy.heap(n);
        for (int e = 0; e < n; e++) {
            if (factors[e] == 0) {
                continue;
            }
            gather(indices, d, e);
            double[] sum = sums.of(table);
            for (int t = 0, seen = 0; t < steps; t++) {
                if (rowOf[t] == seen) {
                    int to = index(indices[e * steps + t]) * outputs;
                    for (int j = 0; j < outputs; j++) {
                        sum[to + j] += factors[e] * rows[seen * outputs + j];
                    }
                    seen++;
                }
            }
            if (bias != null) {
                gradients.addSum(sums.of(bias), 0, factors[e], d, e * steps * outputs, outputs, outputs);
            }
        }
    }

    /** Adds up an example's gradients of equal indices, a row each in the order in which they come first; how many rows. */
    private int gather(float[] indices, float[] d, int e) {
        int distinct = 0;
        for (int t = 0; t < steps; t++) {
            int same = firstOf(indices, e * steps, t);
            rowOf[t] = same == t ? distinct++ : rowOf[same];
            int to = rowOf[t] * outputs;
            int from = (e * steps + t) * outputs;
            for (int j = 0; j < outputs; j++) {
                rows[to + j] = same == t ? d[from + j] : rows[to + j] + d[from + j];
            }
        }
        return distinct;
    }

    private int firstOf(float[] indices, int from, int t) {
        int s = 0;
        while (index(indices[from + s]) != index(indices[from + t])) {
            s++;
        }
        return s;
    }

    /** A fused step of the rows that occur, not of the whole table. */
    private void stepRows(float[] indices, float[] d, int rows, int n) {
        table.beforeUpdate(0, table.length());
        float factor = table.alpha(n);
        for (int r = 0; r < rows; r++) {
            int at = index(indices[r]) * outputs;
            table.target().get(at, row, 0, outputs);
            addScaled(row, factor, d, r * outputs, outputs);
            table.target().put(at, row, 0, outputs);
        }
    }

    private static void add(float[] into, int to, float[] values, int from, int n) {
        for (int i = 0; i < n; i++) {
            into[to + i] += values[from + i];
        }
    }

    private static void addScaled(float[] into, float factor, float[] values, int from, int n) {
        for (int i = 0; i < n; i++) {
            into[i] += factor * values[from + i];
        }
    }
}
