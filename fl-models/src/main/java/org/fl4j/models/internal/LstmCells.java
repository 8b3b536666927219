package org.fl4j.models.internal;

import java.util.Arrays;

/**
 * What an LSTM layer does value by value: a step's gates and cells from its sums, and the gradients at the sums from that
 * at the outputs. An array a step, whose rows are examples. The letters are those of {@link LstmLayer}.
 */
final class LstmCells {

    private static final int I = 0;
    private static final int F = 1;
    private static final int O = 2;
    private static final int G = 3;

    private final Activation activation;
    private final Activation gate;
    private final float[][][] gates;
    private final float[][][] sums;
    private final float[][] cells;
    private final float[][] squashed;
    private final float[][] slopes;
    private final float[] dc;
    private final float[] through;
    private final Exponentials exponentials;

    /**
     * Cells.
     *
     * @param values of a step at most: examples times outputs
     */
    LstmCells(Activation activation, Activation gate, int steps, int values) {
        this.activation = activation;
        this.gate = gate;
        this.gates = new float[LstmLayer.BLOCKS][steps][values];
        this.sums = new float[LstmLayer.BLOCKS][steps][];
        for (int k = 0; k < LstmLayer.BLOCKS; k++) {
            for (int t = 0; t < steps; t++) {
                sums[k][t] = new float[function(k).needsSums() ? values : 0];
            }
        }
        this.cells = new float[steps + 1][values];
        this.squashed = new float[steps][values];
        this.slopes = new float[LstmLayer.BLOCKS][values];
        this.dc = new float[values];
        this.through = new float[values];
        this.exponentials = new Exponentials(values);
    }

    private Activation function(int block) {
        return block == I ? activation : gate;
    }

    /** Where the sums of a block go before {@link #forward}, biases included. */
    float[] block(int block, int t) {
        return gates[block][t];
    }

    /** From a step's sums to its outputs h. */
    void forward(int t, float[] h, int n) {
        for (int k = 0; k < LstmLayer.BLOCKS; k++) {
            if (function(k).needsSums()) {
                System.arraycopy(gates[k][t], 0, sums[k][t], 0, n);
            }
            function(k).apply(gates[k][t], n, exponentials);
        }
        // cells[t] are those before step t; the first are zero.
        cell(gates[I][t], gates[F][t], gates[G][t], cells[t], cells[t + 1], n);
        System.arraycopy(cells[t + 1], 0, squashed[t], 0, n);
        activation.apply(squashed[t], n, exponentials);
        multiply(gates[O][t], squashed[t], h, n);
    }

    /** Before the last step's {@link #backward}. */
    void beginBackward(int n) {
        Arrays.fill(dc, 0, n, 0);
    }

    /**
     * From the gradient dh at a step's outputs to those at the sums of its blocks.
     *
     * @param dh with what comes from the step after
     * @return an array a block, valid until the next call
     */
    float[][] backward(int t, float[] dh, int n) {
        multiply(dh, squashed[t], slopes[O], n);
        gate.backward(sums[O][t], gates[O][t], slopes[O], n);
        multiply(dh, gates[O][t], through, n);
        activation.backward(cells[t + 1], squashed[t], through, n);
        add(dc, through, n);
        multiply(dc, cells[t], slopes[F], n);
        gate.backward(sums[F][t], gates[F][t], slopes[F], n);
        multiply(dc, gates[I][t], slopes[G], n);
        gate.backward(sums[G][t], gates[G][t], slopes[G], n);
        multiply(dc, gates[G][t], slopes[I], n);
        activation.backward(sums[I][t], gates[I][t], slopes[I], n);
        multiply(dc, gates[F][t], dc, n);
        return slopes;
    }

    // One loop a method, over arrays alone: so the compiler makes vector code of them.

    private static void cell(float[] i, float[] f, float[] g, float[] before, float[] after, int n) {
        for (int j = 0; j < n; j++) {
            after[j] = f[j] * before[j] + g[j] * i[j];
        }
    }

    private static void multiply(float[] a, float[] b, float[] product, int n) {
        for (int j = 0; j < n; j++) {
            product[j] = a[j] * b[j];
        }
    }

    static void add(float[] sum, float[] a, int n) {
        for (int j = 0; j < n; j++) {
            sum[j] += a[j];
        }
    }
}
