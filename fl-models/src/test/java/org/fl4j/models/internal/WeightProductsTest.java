package org.fl4j.models.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Products cut into chunks, as on processors with kernels for small ones, give what products on others give, which are whole
 * or, of few rows, row by row.
 */
class WeightProductsTest {

    private static final int MOST = 30;
    private static final int FEW = 5;
    private static final int STEPS = 3;
    private static final int INPUTS = 520;
    private static final int OUTPUTS = 70;

    /** A layer over one flat vector of parameters of given lengths. */
    private interface Maker {
        Layer layer(List<Parameter> parameters, Chunks chunks);
    }

    @Test
    void theseShapesAreCut() {
        Chunks chunks = new Chunks(true);

        assertEquals(13, chunks.forward(MOST * STEPS, INPUTS, OUTPUTS));
        assertEquals(16, chunks.backward(MOST * STEPS, INPUTS, OUTPUTS));
        assertEquals(40, chunks.forward(MOST, OUTPUTS, OUTPUTS));
        assertEquals(OUTPUTS, new Chunks(false).forward(MOST * STEPS, INPUTS, OUTPUTS));
        assertEquals(true, new Chunks(false).isByRow(FEW * STEPS));
    }

    @ParameterizedTest
    @ValueSource(ints = {MOST, FEW})
    void ofADenseLayer(int n) {
        assertSame(
                n,
                (parameters, chunks) -> new DenseLayer(
                        n * STEPS,
                        STEPS,
                        INPUTS,
                        OUTPUTS,
                        Activation.TANH,
                        parameters.get(0),
                        parameters.get(1),
                        chunks),
                INPUTS * OUTPUTS,
                OUTPUTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {MOST, FEW})
    void ofAnLstm(int n) {
        assertSame(
                n,
                (parameters, chunks) -> new LstmLayer(
                        n, STEPS, INPUTS, OUTPUTS, Activation.TANH, Activation.SIGMOID, parameters, chunks),
                4 * INPUTS * OUTPUTS,
                4 * OUTPUTS * OUTPUTS,
                4 * OUTPUTS);
    }

    private static void assertSame(int n, Maker maker, int... lengths) {
        float[][] whole = step(n, maker, new Chunks(false), lengths);
        float[][] cut = step(n, maker, new Chunks(true), lengths);
        for (int k = 0; k < whole.length; k++) {
            double error = 0;
            double norm = 0;
            for (int i = 0; i < whole[k].length; i++) {
                error += Math.pow(whole[k][i] - cut[k][i], 2);
                norm += Math.pow(whole[k][i], 2);
            }
            assertTrue(norm > 0 && error <= 1e-10 * norm, "part " + k + ": " + Math.sqrt(error / norm));
        }
    }

    /** Outputs, gradient at the inputs, weights after a step that pulls elsewhere, too. */
    private static float[][] step(int n, Maker maker, Chunks chunks, int... lengths) {
        SplittableRandom random = new SplittableRandom(7);
        int all = Arrays.stream(lengths).sum();
        NativeFloats network = NativeFloats.zeros(all);
        network.put(0, values(random, all, 0.1), 0, all);
        List<Parameter> parameters = new ArrayList<>();
        int at = 0;
        for (int length : lengths) {
            parameters.add(new Parameter(network, at, length, null, true));
            at += length;
        }
        Layer layer = maker.layer(parameters, chunks);
        Steps steps = new Steps(layer, Collections.nCopies(lengths.length, UpdateRule.SGD), Clipping.NONE);
        ParameterLayout layout = new ParameterLayout(DataType.FLOAT, List.of(ParameterSpec.trainable("all", all)));
        ModelWeights elsewhere = ModelWeights.copyOf(layout, values(random, all, 0.1));
        steps.begin(0.5, GradientCorrection.towards(elsewhere, 0.3));
        Matrix x = matrix(random, n, STEPS * INPUTS);
        Matrix dy = matrix(random, n, STEPS * OUTPUTS);
        Matrix y = new Matrix(n, STEPS * OUTPUTS);
        Matrix dx = new Matrix(n, STEPS * INPUTS);
        layer.forward(n, x, y, true);
        float[] outputs = y.heap(n).clone();
        layer.backward(n, x, y, dy, dx);
        steps.finish(n);
        float[] weights = new float[all];
        network.get(0, weights, 0, all);
        return new float[][] {outputs, dx.heap(n), weights};
    }

    private static Matrix matrix(SplittableRandom random, int n, int width) {
        Matrix matrix = new Matrix(n, width);
        float[] values = values(random, n * width, 1);
        System.arraycopy(values, 0, matrix.heapToWrite(), 0, values.length);
        matrix.heapChanged();
        return matrix;
    }

    private static float[] values(SplittableRandom random, int n, double size) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (size * (2 * random.nextDouble() - 1));
        }
        return values;
    }
}
