package org.fl4j.dl4j;

import org.nd4j.linalg.activations.Activation;

/**
 * A layer in FP64 by the definition, one loop an index, for examples in DL4J's own order: vectors, images [channels, rows,
 * columns], sequences [width, T]. Its parameters lie in the network's flat vector as DL4J lays them.
 */
abstract class ReferenceLayer {

    /** The network's parameters. */
    double[] w = {};

    /** Sums of gradients; what a running statistic loses by a step. */
    double[] g = {};

    /** Where this layer's parameters begin. */
    int at;

    /** The smallest distance of a sum or a pooled value to a kink, in units of the last place in FP32 of its layer's greatest. */
    double margin;

    /** Of each result. */
    ReferenceRounding rounding = ReferenceRounding.NONE;

    /** How many. */
    abstract int parameters();

    abstract double[][] forward(double[][] x);

    abstract double[][] backward(double[][] dy);

    final double[][] like(double[][] x, int length) {
        return new double[x.length][length];
    }

    /** On a kink exactly is where sums are exact, in FP32 as well: whoever rounds does not meet it. */
    final void near(double distance, double greatest) {
        if (distance != 0) {
            margin = Math.min(margin, Math.abs(distance) / Math.ulp((float) greatest));
        }
    }

    final double[][] activate(Activation f, double[][] z) {
        double greatest = 0;
        for (double[] row : z) {
            for (double v : row) {
                greatest = Math.max(greatest, Math.abs(v));
            }
        }
        double[][] y = new double[z.length][];
        for (int e = 0; e < z.length; e++) {
            y[e] = new double[z[e].length];
            for (int i = 0; i < z[e].length; i++) {
                y[e][i] = rounding.ofFunction(ReferenceFunctions.value(f, z[e][i]));
                for (double kink : ReferenceFunctions.kinks(f)) {
                    near(z[e][i] - kink, greatest);
                }
            }
        }
        return y;
    }

    final double[][] deactivate(Activation f, double[][] z, double[][] dy) {
        double[][] d = new double[z.length][];
        for (int e = 0; e < z.length; e++) {
            d[e] = new double[z[e].length];
            for (int i = 0; i < z[e].length; i++) {
                d[e][i] = rounding.of(dy[e][i] * slope(f, z[e][i]));
            }
        }
        return d;
    }

    final double slope(Activation f, double z) {
        return rounding.ofDerivative(ReferenceFunctions.derivative(f, z));
    }

    /** {@code sum + a b}. */
    final double add(double sum, double a, double b) {
        return rounding.of(sum + rounding.of(a * b));
    }

    /** An activation layer; with IDENTITY, none. */
    static final class Function extends ReferenceLayer {

        private final Activation f;
        private double[][] z = {};

        Function(Activation f) {
            this.f = f;
        }

        @Override
        int parameters() {
            return 0;
        }

        @Override
        double[][] forward(double[][] x) {
            z = x;
            return activate(f, x);
        }

        @Override
        double[][] backward(double[][] dy) {
            return deactivate(f, z, dy);
        }
    }

    /** Fully connected, at each of T steps. Weights [inputs, outputs] in the order 'f', then the bias. */
    static final class Dense extends ReferenceLayer {

        private final int inputs;
        private final int outputs;
        private final int steps;
        private final boolean bias;
        private final Activation f;
        private double[][] x = {};
        private double[][] z = {};

        Dense(int inputs, int outputs, int steps, boolean bias, Activation f) {
            this.inputs = inputs;
            this.outputs = outputs;
            this.steps = steps;
            this.bias = bias;
            this.f = f;
        }

        @Override
        int parameters() {
            return (inputs + (bias ? 1 : 0)) * outputs;
        }

        @Override
        double[][] forward(double[][] in) {
            x = in;
            z = like(in, outputs * steps);
            for (int e = 0; e < x.length; e++) {
                for (int o = 0; o < outputs; o++) {
                    for (int t = 0; t < steps; t++) {
                        double sum = bias ? w[at + inputs * outputs + o] : 0;
                        for (int i = 0; i < inputs; i++) {
                            sum = add(sum, w[at + o * inputs + i], x[e][i * steps + t]);
                        }
                        z[e][o * steps + t] = sum;
                    }
                }
            }
            return activate(f, z);
        }

        @Override
        double[][] backward(double[][] dy) {
            double[][] dz = deactivate(f, z, dy);
            double[][] dx = like(x, inputs * steps);
            for (int e = 0; e < x.length; e++) {
                for (int o = 0; o < outputs; o++) {
                    for (int t = 0; t < steps; t++) {
                        double d = dz[e][o * steps + t];
                        for (int i = 0; i < inputs; i++) {
                            int in = i * steps + t;
                            int weight = at + o * inputs + i;
                            g[weight] = add(g[weight], d, x[e][in]);
                            dx[e][in] = add(dx[e][in], d, w[weight]);
                        }
                        if (bias) {
                            int at = this.at + inputs * outputs + o;
                            g[at] = rounding.of(g[at] + d);
                        }
                    }
                }
            }
            return dx;
        }
    }

    /** Rows of a table [vocabulary, outputs] in the order 'f', at each of T steps; then the bias. */
    static final class Embedding extends ReferenceLayer {

        private final int vocabulary;
        private final int outputs;
        private final int steps;
        private final boolean bias;
        private final Activation f;
        private double[][] x = {};
        private double[][] z = {};

        Embedding(int vocabulary, int outputs, int steps, boolean bias, Activation f) {
            this.vocabulary = vocabulary;
            this.outputs = outputs;
            this.steps = steps;
            this.bias = bias;
            this.f = f;
        }

        @Override
        int parameters() {
            return (vocabulary + (bias ? 1 : 0)) * outputs;
        }

        @Override
        double[][] forward(double[][] in) {
            x = in;
            z = like(in, outputs * steps);
            for (int e = 0; e < x.length; e++) {
                for (int i = 0; i < outputs * steps; i++) {
                    int o = i / steps;
                    z[e][i] = w[at + o * vocabulary + (int) x[e][i % steps]];
                    z[e][i] = bias ? rounding.of(z[e][i] + w[at + vocabulary * outputs + o]) : z[e][i];
                }
            }
            return activate(f, z);
        }

        @Override
        double[][] backward(double[][] dy) {
            double[][] dz = deactivate(f, z, dy);
            for (int e = 0; e < x.length; e++) {
                for (int i = 0; i < outputs * steps; i++) {
                    int o = i / steps;
                    int row = at + o * vocabulary + (int) x[e][i % steps];
                    g[row] = rounding.of(g[row] + dz[e][i]);
                    if (bias) {
                        int offset = at + vocabulary * outputs + o;
                        g[offset] = rounding.of(g[offset] + dz[e][i]);
                    }
                }
            }
            return like(x, steps);
        }
    }

    /** The last step of sequences [width, T]. */
    static final class LastStep extends ReferenceLayer {

        private final int width;
        private final int steps;

        LastStep(int width, int steps) {
            this.width = width;
            this.steps = steps;
        }

        @Override
        int parameters() {
            return 0;
        }

        @Override
        double[][] forward(double[][] x) {
            double[][] y = like(x, width);
            for (int e = 0; e < x.length; e++) {
                for (int i = 0; i < width; i++) {
                    y[e][i] = x[e][i * steps + steps - 1];
                }
            }
            return y;
        }

        @Override
        double[][] backward(double[][] dy) {
            double[][] dx = like(dy, width * steps);
            for (int e = 0; e < dy.length; e++) {
                for (int i = 0; i < width; i++) {
                    dx[e][i * steps + steps - 1] = dy[e][i];
                }
            }
            return dx;
        }
    }

    /** Long short-term memory, blocks i, f, o, g: input weights [inputs, 4 outputs], recurrent ones and biases, in the order 'f'. */
    static final class Lstm extends ReferenceLayer {

        private final int inputs;
        private final int n;
        private final int steps;
        private final Activation f;
        private final Activation gate;
        private double[][] x = {};
        private double[][][] z = {};
        private double[][][] a = {};
        private double[][][] c = {};
        private double[][][] h = {};

        Lstm(int inputs, int outputs, int steps, Activation f, Activation gate) {
            this.inputs = inputs;
            this.n = outputs;
            this.steps = steps;
            this.f = f;
            this.gate = gate;
        }

        @Override
        int parameters() {
            return 4 * n * (inputs + n + 1);
        }

        @Override
        double[][] forward(double[][] in) {
            x = in;
            z = new double[steps][x.length][4 * n];
            a = new double[steps][x.length][4 * n];
            c = new double[steps + 1][x.length][n];
            h = new double[steps + 1][x.length][n];
            double[][] y = like(x, n * steps);
            for (int t = 0; t < steps; t++) {
                for (int e = 0; e < x.length; e++) {
                    for (int k = 0; k < 4 * n; k++) {
                        double sum = w[at + 4 * n * (inputs + n) + k];
                        for (int i = 0; i < inputs; i++) {
                            sum = add(sum, w[at + k * inputs + i], x[e][i * steps + t]);
                        }
                        for (int j = 0; j < n; j++) {
                            sum = add(sum, w[at + 4 * n * inputs + k * n + j], h[t][e][j]);
                        }
                        z[t][e][k] = sum;
                        a[t][e][k] = value(k < n ? f : gate, sum);
                    }
                    for (int j = 0; j < n; j++) {
                        double[] s = a[t][e];
                        c[t + 1][e][j] = add(rounding.of(s[n + j] * c[t][e][j]), s[3 * n + j], s[j]);
                        h[t + 1][e][j] = rounding.of(s[2 * n + j] * value(f, c[t + 1][e][j]));
                        y[e][j * steps + t] = h[t + 1][e][j];
                    }
                }
            }
            return y;
        }

        private double value(Activation function, double sum) {
            for (double kink : ReferenceFunctions.kinks(function)) {
                near(sum - kink, Math.max(1, Math.abs(sum)));
            }
            return rounding.ofFunction(ReferenceFunctions.value(function, sum));
        }

        @Override
        double[][] backward(double[][] dy) {
            double[][] dx = like(x, inputs * steps);
            for (int e = 0; e < x.length; e++) {
                double[] dh = new double[n];
                double[] dc = new double[n];
                for (int t = steps - 1; t >= 0; t--) {
                    double[] dz = new double[4 * n];
                    for (int j = 0; j < n; j++) {
                        double d = rounding.of(dh[j] + dy[e][j * steps + t]);
                        double[] s = a[t][e];
                        double cell = c[t + 1][e][j];
                        dc[j] = add(dc[j], rounding.of(d * s[2 * n + j]), slope(f, cell));
                        dz[j] = rounding.of(dc[j] * s[3 * n + j]);
                        dz[n + j] = rounding.of(dc[j] * c[t][e][j]);
                        dz[2 * n + j] = rounding.of(d * ReferenceFunctions.value(f, cell));
                        dz[3 * n + j] = rounding.of(dc[j] * s[j]);
                        dc[j] = rounding.of(dc[j] * s[n + j]);
                    }
                    dh = new double[n];
                    for (int k = 0; k < 4 * n; k++) {
                        dz[k] = rounding.of(dz[k] * slope(k < n ? f : gate, z[t][e][k]));
                        for (int i = 0; i < inputs; i++) {
                            int in = i * steps + t;
                            int weight = at + k * inputs + i;
                            g[weight] = add(g[weight], dz[k], x[e][in]);
                            dx[e][in] = add(dx[e][in], dz[k], w[weight]);
                        }
                        for (int j = 0; j < n; j++) {
                            int weight = at + 4 * n * inputs + k * n + j;
                            g[weight] = add(g[weight], dz[k], h[t][e][j]);
                            dh[j] = add(dh[j], dz[k], w[weight]);
                        }
                        g[at + 4 * n * (inputs + n) + k] = rounding.of(g[at + 4 * n * (inputs + n) + k] + dz[k]);
                    }
                }
            }
            return dx;
        }
    }
}
