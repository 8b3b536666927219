package org.fl4j.models.internal.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.fl4j.models.internal.NativeFloats;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way to convolve against the definition, summed in FP64. */
class ConvolutionProductsTest {

    private static final int FILTERS = 5;
    private static final float BIAS = 0.5f;
    private static final float STALE = 1e6f;

    record Case(String name, ConvolutionProducts products, Window window) {

        @Override
        public String toString() {
            return name + " " + window;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                        window(7, 6, 3, 5, 1, 1, 1),
                        window(7, 6, 3, 5, 2, 2, 1),
                        window(6, 9, 2, 3, 1, 0, 3),
                        window(6, 9, 2, 3, 0, 1, 3),
                        window(1, 4, 1, 1, 0, 0, 4),
                        window(8, 8, 3, 3, 0, 0, 17),
                        new Window(new Window.Axis(9, 3, 1, 2, 2, 9), new Window.Axis(8, 2, 1, 3, 1, 7), 2),
                        new Window(new Window.Axis(9, 3, 2, 1, 1, 5), new Window.Axis(8, 5, 3, 1, 2, 3), 3),
                        new Window(new Window.Axis(10, 2, 3, 1, 0, 3), new Window.Axis(7, 3, 2, 2, 2, 4), 2))
                .flatMap(window -> {
                    Stream<Case> rows = Stream.of(new Case("rows", new RowProducts(window, FILTERS), window));
                    return window.hasStrideOne()
                            ? Stream.concat(
                                    rows,
                                    Stream.of(
                                            new Case("planes", new PlaneProducts(window, FILTERS), window),
                                            new Case("taps", new TapProducts(window, FILTERS), window)))
                            : rows;
                });
    }

    private static Window window(int height, int width, int kh, int kw, int top, int left, int channels) {
        return new Window(
                new Window.Axis(height, kh, 1, 1, top, height - kh + 2 * top + 1),
                new Window.Axis(width, kw, 1, 1, left, width - kw + 2 * left + 1),
                channels);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsAndGradientsAreThoseOfTheDefinition(Case given) {
        Window window = given.window();
        float[] w = values(window.taps() * window.channels() * FILTERS, 1);
        NativeFloats weights = memory(w);
        NativeFloats gradient = memory(values(w.length, 9));
        double[] expectedGradient = new double[w.length];
        for (int image = 0; image < 2; image++) {
            float[] x = values(3 + window.inputs(), 2 + image);
            float[] dz = values(window.positions() * FILTERS, 4 + image);
            double[] z = new double[dz.length];
            double[] dx = new double[window.inputs()];
            convolve(window, x, 3, w, dz, z, dx, expectedGradient);

            float[] outputs = new float[2 + z.length];
            outputs[1] = STALE;
            float[] bias = image == 0 ? null : new float[given.products().sums()];
            if (bias != null) {
                Arrays.fill(bias, BIAS);
                Arrays.setAll(z, i -> z[i] + BIAS);
            }
            given.products().forward(x, 3, weights, bias, outputs, 2);
            float[] inputs = new float[1 + dx.length];
            Arrays.fill(inputs, STALE);
            given.products().beginBackward(weights);
            given.products().backward(x, 3, weights, memory(dz), image, gradient, inputs, 1);

            assertClose(outputs, 2, z);
            assertEquals(STALE, outputs[1]);
            assertClose(inputs, 1, dx);
            assertEquals(STALE, inputs[0]);
        }
        float[] sums = new float[w.length];
        gradient.get(0, sums, 0, sums.length);
        assertClose(sums, 0, expectedGradient);
    }

    private static void convolve(
            Window window, float[] x, int at, float[] w, float[] dz, double[] z, double[] dx, double[] dw) {
        int columns = window.columns().outputs();
        int channels = window.channels();
        for (int p = 0; p < window.positions(); p++) {
            for (int t = 0; t < window.taps(); t++) {
                int row = window.rows().place(p / columns, t / window.columns().kernel());
                int column =
                        window.columns().place(p % columns, t % window.columns().kernel());
                if (row < 0
                        || row >= window.rows().size()
                        || column < 0
                        || column >= window.columns().size()) {
                    continue;
                }
                for (int c = 0; c < channels; c++) {
                    int i = (row * window.columns().size() + column) * channels + c;
                    for (int f = 0; f < FILTERS; f++) {
                        int k = (t * channels + c) * FILTERS + f;
                        z[p * FILTERS + f] += (double) x[at + i] * w[k];
                        dx[i] += (double) dz[p * FILTERS + f] * w[k];
                        dw[k] += (double) dz[p * FILTERS + f] * x[at + i];
                    }
                }
            }
        }
    }

    private static void assertClose(float[] actual, int from, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[from + i], 1e-5 * (1 + Math.abs(expected[i])));
        }
    }

    private static NativeFloats memory(float[] values) {
        NativeFloats memory = NativeFloats.zeros(values.length);
        memory.put(0, values, 0, values.length);
        return memory;
    }

    private static float[] values(int n, long seed) {
        Random random = new Random(seed);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return values;
    }
}
