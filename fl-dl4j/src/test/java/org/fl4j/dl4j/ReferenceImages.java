package org.fl4j.dl4j;

import org.fl4j.models.internal.image.PoolingLayer.Kind;
import org.nd4j.linalg.activations.Activation;

/** Layers of images [channels, rows, columns] in FP64; see {@link ReferenceLayer}. */
final class ReferenceImages {

    /** How a window moves in rows (0) and columns (1): tap k of output o lies at {@code o stride - before + k dilation}. */
    static final class Grid {

        private final int channels;
        private final int[] size;
        private final int[] kernel;
        private final int[] stride;
        private final int[] dilation;
        private final int[] before;
        private final int[] outputs;

        Grid(int channels, int[] size, int[] kernel, int[] stride, int[] dilation, int[] before, int[] outputs) {
            this.channels = channels;
            this.size = size;
            this.kernel = kernel;
            this.stride = stride;
            this.dilation = dilation;
            this.before = before;
            this.outputs = outputs;
        }

        int channels() {
            return channels;
        }

        int[] kernel() {
            return kernel;
        }

        int[] stride() {
            return stride;
        }

        int[] dilation() {
            return dilation;
        }

        int[] outputs() {
            return outputs;
        }

        int positions() {
            return outputs[0] * outputs[1];
        }

        int taps() {
            return kernel[0] * kernel[1];
        }

        /** The pixel within a channel that a tap of a position meets; -1 in the padding. */
        int pixel(int position, int tap) {
            int y = position / outputs[1] * stride[0] - before[0] + tap / kernel[1] * dilation[0];
            int x = position % outputs[1] * stride[1] - before[1] + tap % kernel[1] * dilation[1];
            return y < 0 || y >= size[0] || x < 0 || x >= size[1] ? -1 : y * size[1] + x;
        }

        int pixels() {
            return size[0] * size[1];
        }
    }

    private ReferenceImages() {}

    /** The bias, then weights [filters, channels, taps], row-major. */
    static final class Convolution extends ReferenceLayer {

        private final Grid grid;
        private final int filters;
        private final int bias;
        private final Activation f;
        private double[][] x = {};
        private double[][] z = {};

        Convolution(Grid grid, int filters, boolean bias, Activation f) {
            this.grid = grid;
            this.filters = filters;
            this.bias = bias ? filters : 0;
            this.f = f;
        }

        @Override
        int parameters() {
            return bias + filters * grid.channels() * grid.taps();
        }

        private int weight(int filter, int channel, int tap) {
            return at + bias + (filter * grid.channels() + channel) * grid.taps() + tap;
        }

        @Override
        double[][] forward(double[][] in) {
            x = in;
            int positions = grid.positions();
            z = like(x, filters * positions);
            for (int e = 0; e < x.length; e++) {
                for (int i = 0; i < filters * positions; i++) {
                    int filter = i / positions;
                    z[e][i] = bias > 0 ? w[at + filter] : 0;
                    for (int c = 0; c < grid.channels(); c++) {
                        for (int k = 0; k < grid.taps(); k++) {
                            int pixel = grid.pixel(i % positions, k);
                            z[e][i] = pixel < 0
                                    ? z[e][i]
                                    : add(z[e][i], w[weight(filter, c, k)], x[e][c * grid.pixels() + pixel]);
                        }
                    }
                }
            }
            return activate(f, z);
        }

        @Override
        double[][] backward(double[][] dy) {
            double[][] dz = deactivate(f, z, dy);
            double[][] dx = like(x, grid.channels() * grid.pixels());
            int positions = grid.positions();
            for (int e = 0; e < x.length; e++) {
                for (int i = 0; i < filters * positions; i++) {
                    int filter = i / positions;
                    if (bias > 0) {
                        g[at + filter] = rounding.of(g[at + filter] + dz[e][i]);
                    }
                    for (int c = 0; c < grid.channels(); c++) {
                        for (int k = 0; k < grid.taps(); k++) {
                            int pixel = grid.pixel(i % positions, k);
                            if (pixel >= 0) {
                                int in = c * grid.pixels() + pixel;
                                int weight = weight(filter, c, k);
                                g[weight] = add(g[weight], dz[e][i], x[e][in]);
                                dx[e][in] = add(dx[e][in], dz[e][i], w[weight]);
                            }
                        }
                    }
                }
            }
            return dx;
        }
    }

    /** Of equal values the first gets the gradient of the greatest. */
    static final class Pooling extends ReferenceLayer {

        private final Grid grid;
        private final Kind kind;
        private double[][] x = {};

        Pooling(Grid grid, Kind kind) {
            this.grid = grid;
            this.kind = kind;
        }

        @Override
        int parameters() {
            return 0;
        }

        @Override
        double[][] forward(double[][] in) {
            x = in;
            double[][] y = like(x, grid.channels() * grid.positions());
            for (int e = 0; e < x.length; e++) {
                for (int i = 0; i < y[e].length; i++) {
                    y[e][i] = kind == Kind.MAX ? x[e][greatest(e, i, true)] : mean(e, i);
                }
            }
            return y;
        }

        private int place(int i, int tap) {
            int pixel = grid.pixel(i % grid.positions(), tap);
            return pixel < 0 ? -1 : i / grid.positions() * grid.pixels() + pixel;
        }

        private int greatest(int e, int i, boolean measures) {
            int best = -1;
            double second = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < grid.taps(); k++) {
                int at = place(i, k);
                if (at >= 0 && (best < 0 || x[e][at] > x[e][best])) {
                    second = best < 0 ? second : x[e][best];
                    best = at;
                } else if (at >= 0) {
                    second = Math.max(second, x[e][at]);
                }
            }
            if (measures && second > Double.NEGATIVE_INFINITY) {
                near(x[e][best] - second, Math.max(1, Math.abs(x[e][best])));
            }
            return best;
        }

        private double divisor(int i) {
            int present = 0;
            for (int k = 0; k < grid.taps(); k++) {
                present += place(i, k) < 0 ? 0 : 1;
            }
            return kind == Kind.MEAN_OF_ALL ? grid.taps() : present;
        }

        private double mean(int e, int i) {
            double sum = 0;
            for (int k = 0; k < grid.taps(); k++) {
                sum = place(i, k) < 0 ? sum : rounding.of(sum + x[e][place(i, k)]);
            }
            return rounding.of(sum / divisor(i));
        }

        @Override
        double[][] backward(double[][] dy) {
            double[][] dx = like(x, grid.channels() * grid.pixels());
            for (int e = 0; e < x.length; e++) {
                for (int i = 0; i < dy[e].length; i++) {
                    if (kind == Kind.MAX) {
                        int best = greatest(e, i, false);
                        dx[e][best] = rounding.of(dx[e][best] + dy[e][i]);
                    }
                    for (int k = 0; k < grid.taps() && kind != Kind.MAX; k++) {
                        if (place(i, k) >= 0) {
                            dx[e][place(i, k)] = rounding.of(dx[e][place(i, k)] + rounding.of(dy[e][i] / divisor(i)));
                        }
                    }
                }
            }
            return dx;
        }
    }

    /** Gamma and beta unless locked, the running mean, the running variance or the common logarithm of its root. */
    static final class Normalization extends ReferenceLayer {

        private final int channels;
        private final int positions;
        private final boolean locked;
        private final double lockedGamma;
        private final double lockedBeta;
        private final boolean logarithm;
        private final double decay;
        private double[][] normalised = {};
        private double[] deviations = {};

        Normalization(
                int channels,
                int positions,
                boolean locked,
                double lockedGamma,
                double lockedBeta,
                boolean logarithm,
                double decay) {
            this.channels = channels;
            this.positions = positions;
            this.locked = locked;
            this.lockedGamma = lockedGamma;
            this.lockedBeta = lockedBeta;
            this.logarithm = logarithm;
            this.decay = decay;
        }

        @Override
        int parameters() {
            return (locked ? 2 : 4) * channels;
        }

        private double gamma(int c) {
            return locked ? lockedGamma : w[at + c];
        }

        @Override
        double[][] forward(double[][] x) {
            normalised = like(x, channels * positions);
            deviations = new double[channels];
            double[][] y = like(x, channels * positions);
            double count = (double) x.length * positions;
            for (int c = 0; c < channels; c++) {
                double mean = 0;
                double variance = 0;
                for (double[] row : x) {
                    for (int p = c * positions; p < (c + 1) * positions; p++) {
                        mean = rounding.of(mean + row[p]);
                    }
                }
                mean = rounding.of(mean / count);
                for (double[] row : x) {
                    for (int p = c * positions; p < (c + 1) * positions; p++) {
                        double off = rounding.of(row[p] - mean);
                        variance = add(variance, off, off);
                    }
                }
                variance = rounding.of(variance / count);
                deviations[c] = rounding.of(Math.sqrt(rounding.of(variance + 1e-5)));
                for (int e = 0; e < x.length; e++) {
                    for (int p = c * positions; p < (c + 1) * positions; p++) {
                        normalised[e][p] = rounding.of(rounding.of(x[e][p] - mean) / deviations[c]);
                        y[e][p] = add(locked ? lockedBeta : w[at + channels + c], gamma(c), normalised[e][p]);
                    }
                }
                move(c, mean, variance);
            }
            return y;
        }

        /** Sums of steps are divided by the number of examples later. */
        private void move(int c, double mean, double variance) {
            int means = at + (locked ? 0 : 2 * channels) + c;
            int variances = means + channels;
            g[means] = lost(w[means], (1 - decay) * (w[means] - mean));
            double before = logarithm ? rounding.ofFunction(Math.pow(10, 2 * w[variances])) : w[variances];
            double after = rounding.of(rounding.of(decay * before) + rounding.of((1 - decay) * variance));
            g[variances] = lost(w[variances], logarithm ? Math.log10(before / after) / 2 : before - after);
        }

        /** What is stored has rounded, and what is lost is a difference. */
        private double lost(double before, double step) {
            return rounding == ReferenceRounding.NONE
                    ? step * normalised.length
                    : (before - rounding.of(before - rounding.of(step))) * normalised.length;
        }

        @Override
        double[][] backward(double[][] dy) {
            double[][] dx = like(dy, channels * positions);
            double count = (double) dy.length * positions;
            for (int c = 0; c < channels; c++) {
                double dgamma = 0;
                double dbeta = 0;
                for (int e = 0; e < dy.length; e++) {
                    for (int p = c * positions; p < (c + 1) * positions; p++) {
                        dgamma = add(dgamma, dy[e][p], normalised[e][p]);
                        dbeta = rounding.of(dbeta + dy[e][p]);
                    }
                }
                if (!locked) {
                    g[at + c] += dgamma;
                    g[at + channels + c] += dbeta;
                }
                for (int e = 0; e < dy.length; e++) {
                    for (int p = c * positions; p < (c + 1) * positions; p++) {
                        double rest = rounding.of(dy[e][p] - rounding.of(dbeta / count));
                        rest = add(rest, -normalised[e][p], rounding.of(dgamma / count));
                        dx[e][p] = rounding.of(rest * rounding.of(gamma(c) / deviations[c]));
                    }
                }
            }
            return dx;
        }
    }
}
