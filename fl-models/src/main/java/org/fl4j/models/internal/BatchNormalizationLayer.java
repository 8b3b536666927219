package org.fl4j.models.internal;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation (Ioffe and Szegedy, ICML 2015): {@code y = gamma (x - mean) / sqrt(var + epsilon) + beta}, in each
 * channel over all examples and positions. In training mean and variance are those of the mini-batch, and the running ones
 * move towards them by {@code r = decay r + (1 - decay) s}; in evaluation they are the running ones.
 *
 * <p>Running statistics change in the backward pass, the variance as DL4J stores it: as it is, or as the common logarithm of
 * its root, to which the step {@code log10(var / var') / 2} is subtracted.
 */
public final class BatchNormalizationLayer extends Layer {

    /**
     * What is learned, or fixed.
     *
     * @param gamma trainable; null if locked
     * @param beta trainable; null if locked
     * @param lockedGamma factor if locked
     * @param lockedBeta offset if locked
     */
    public record Scale(@Nullable Parameter gamma, @Nullable Parameter beta, float lockedGamma, float lockedBeta) {}

    /**
     * What runs along.
     *
     * @param mean a statistic
     * @param variance a statistic
     * @param isLogarithm whether the variance is stored as {@code log10(sqrt(var))}
     * @param decay share of the old value that a step keeps
     */
    public record Running(Parameter mean, Parameter variance, boolean isLogarithm, double decay) {}

    private static final double HALF_LOG10_E = 1 / (2 * Math.log(10));

    private final int channels;
    private final int positions;
    private final double epsilon;
    private final Scale scale;
    private final Running running;
    private final float[] gamma;
    private final float[] beta;
    private final float[] mean;
    private final float[] variance;
    private final float[] inverse;
    private final float[] stored;
    private final float[] scratch;
    private final float[] gammaGradient;
    private final float[] betaGradient;
    private final float[] first;
    private final float[] second;
    private final float[] third;
    private final float[] normalised;
    private final float[] product;
    private final NativeFloats ones;
    private final NativeFloats factors;
    private final NativeFloats sums;

    /**
     * A layer.
     *
     * @param rows of a mini-batch at most
     * @param positions of an image; 1 for vectors
     */
    public BatchNormalizationLayer(
            int rows, int positions, int channels, double epsilon, Scale scale, Running running) {
        this.channels = channels;
        this.positions = positions;
        this.epsilon = epsilon;
        this.scale = scale;
        this.running = running;
        int all = Math.multiplyExact(rows, positions);
        int values = Math.multiplyExact(all, channels);
        this.gamma = new float[channels];
        this.beta = new float[channels];
        this.mean = new float[channels];
        this.variance = new float[channels];
        this.inverse = new float[channels];
        this.stored = new float[channels];
        this.scratch = new float[channels];
        this.gammaGradient = new float[channels];
        this.betaGradient = new float[channels];
        this.first = new float[values];
        this.second = new float[values];
        this.third = new float[values];
        this.normalised = new float[values];
        this.product = new float[values];
        this.ones = NativeFloats.zeros(all);
        float[] one = new float[all];
        Arrays.fill(one, 1);
        ones.put(0, one, 0, all);
        this.factors = NativeFloats.zeros(values);
        this.sums = NativeFloats.zeros(channels);
    }

    @Override
    public int outputs() {
        return positions * channels;
    }

    @Override
    public boolean mixesExamples() {
        return true;
    }

    @Override
    public List<Parameter> parameters() {
        Stream<Parameter> trained =
                scale.gamma() == null || scale.beta() == null ? Stream.of() : Stream.of(scale.gamma(), scale.beta());
        return Stream.concat(trained, Stream.of(running.mean(), running.variance()))
                .toList();
    }

    @Override
    public void forward(int n, Matrix x, Matrix y, boolean training) {
        int rows = n * positions;
        int values = rows * channels;
        readScale();
        if (training) {
            columnMeans(x.memory(n), rows, mean);
        } else {
            running.mean().values().get(0, mean, 0, channels);
        }
        fill(first, mean, values);
        subtract(x.heap(n), first, normalised, values);
        if (training) {
            multiply(normalised, normalised, product, values);
            factors.put(0, product, 0, values);
            columnMeans(factors, rows, variance);
        } else {
            readRunningVariance(variance);
        }
        for (int c = 0; c < channels; c++) {
            inverse[c] = (float) (1 / Math.sqrt(variance[c] + epsilon));
        }
        fill(first, inverse, values);
        multiply(normalised, first, normalised, values);
        fill(second, gamma, values);
        fill(third, beta, values);
        multiplyAdd(normalised, second, third, y.heapToWrite(), values);
        y.heapChanged();
    }

    private void readScale() {
        if (scale.gamma() == null || scale.beta() == null) {
            Arrays.fill(gamma, scale.lockedGamma());
            Arrays.fill(beta, scale.lockedBeta());
        } else {
            scale.gamma().values().get(0, gamma, 0, channels);
            scale.beta().values().get(0, beta, 0, channels);
        }
    }

    private void readRunningVariance(float[] into) {
        running.variance().values().get(0, into, 0, channels);
        if (running.isLogarithm()) {
            for (int c = 0; c < channels; c++) {
                float deviation = (float) Math.pow(10, into[c]);
                into[c] = deviation * deviation;
            }
        }
    }

    private void columnMeans(NativeFloats matrix, int rows, float[] into) {
        columnSums(matrix, rows, into);
        float count = rows;
        for (int c = 0; c < channels; c++) {
            into[c] /= count;
        }
    }

    private void columnSums(NativeFloats matrix, int rows, float[] into) {
        Blas.multiply(1, channels, rows, 1, ones, 0, rows, matrix, 0, channels, 0, sums, 0, channels);
        sums.get(0, into, 0, channels);
    }

    /**
     * With {@code z} the normalised values: {@code dgamma = sum dy z}, {@code dbeta = sum dy},
     * {@code dx = gamma / sqrt(var + epsilon) (dy - dbeta / m - z dgamma / m)} over m values of the channel.
     */
    @Override
    public void backward(int n, Matrix x, Matrix y, Matrix dy, @Nullable Matrix dx) {
        int rows = n * positions;
        int values = rows * channels;
        float[] d = dy.heap(n);
        columnSums(dy.memory(n), rows, betaGradient);
        multiply(d, normalised, product, values);
        factors.put(0, product, 0, values);
        columnSums(factors, rows, gammaGradient);
        if (dx != null) {
            for (int c = 0; c < channels; c++) {
                float factor = gamma[c] * inverse[c];
                first[c] = factor;
                second[c] = -factor * gammaGradient[c] / rows;
                third[c] = -factor * betaGradient[c] / rows;
            }
            Rows.repeat(first, channels, values);
            Rows.repeat(second, channels, values);
            Rows.repeat(third, channels, values);
            multiplyAdd(normalised, second, third, product, values);
            multiplyAdd(d, first, product, dx.heapToWrite(), values);
            dx.heapChanged();
        }
        if (scale.gamma() != null && scale.beta() != null) {
            scale.gamma().update(gammaGradient, scratch, n);
            scale.beta().update(betaGradient, scratch, n);
        }
        moveStatistics();
    }

    private void moveStatistics() {
        double share = 1 - running.decay();
        NativeFloats means = running.mean().values();
        means.get(0, stored, 0, channels);
        for (int c = 0; c < channels; c++) {
            stored[c] -= (float) (share * (stored[c] - mean[c]));
        }
        means.put(0, stored, 0, channels);
        NativeFloats variances = running.variance().values();
        variances.get(0, stored, 0, channels);
        readRunningVariance(scratch);
        for (int c = 0; c < channels; c++) {
            stored[c] -= (float)
                    (running.isLogarithm()
                            ? logarithmicStep(scratch[c], running.decay() * scratch[c] + share * variance[c])
                            : share * (scratch[c] - variance[c]));
        }
        variances.put(0, stored, 0, channels);
    }

    /**
     * {@code log10(var / var') / 2}. A unit whose values are all the same has a variance that decays towards zero, whose logarithm
     * has no end: as in DL4J it stops where FP32 has no smaller numbers.
     */
    private static double logarithmicStep(float before, double after) {
        return Math.log(Math.max(before, Float.MIN_VALUE) / (double) Math.max((float) after, Float.MIN_VALUE))
                * HALF_LOG10_E;
    }

    private void fill(float[] into, float[] row, int values) {
        System.arraycopy(row, 0, into, 0, channels);
        Rows.repeat(into, channels, values);
    }

    // One loop a method, over arrays alone: so the compiler makes vector code of them.

    private static void subtract(float[] a, float[] b, float[] c, int n) {
        for (int i = 0; i < n; i++) {
            c[i] = a[i] - b[i];
        }
    }

    private static void multiply(float[] a, float[] b, float[] c, int n) {
        for (int i = 0; i < n; i++) {
            c[i] = a[i] * b[i];
        }
    }

    private static void multiplyAdd(float[] a, float[] b, float[] c, float[] d, int n) {
        for (int i = 0; i < n; i++) {
            d[i] = a[i] * b[i] + c[i];
        }
    }
}
