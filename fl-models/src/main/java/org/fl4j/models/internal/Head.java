package org.fl4j.models.internal;

import org.jspecify.annotations.Nullable;

/**
 * The loss of a network's last sums z against label rows, and its gradient: {@code y = f(z)}, {@code loss(labels, y)}.
 * Formulas, clipping included, are those of ND4J's loss functions of the same name. Losses are summed in FP64.
 *
 * <p>Not thread-safe.
 */
public final class Head {

    /** A loss over one row. */
    public enum Loss {
        /** {@code -sum_j w_j label_j log y_j}; ND4J's MCXENT and negative log-likelihood. */
        CROSS_ENTROPY,
        /** {@code -sum_j w_j (label_j log y_j + (1 - label_j) log(1 - y_j))}. */
        BINARY_CROSS_ENTROPY,
        /** {@code sum_j w_j (label_j - y_j)^2}, divided by the number of columns. */
        MEAN_SQUARED_ERROR,
        /** {@code sum_j w_j (label_j - y_j)^2}. */
        SQUARED_ERROR
    }

    /** The function before the loss. */
    public sealed interface Output permits Elementwise, Softmax {}

    /** A function of each sum. */
    public record Elementwise(Activation function) implements Output {}

    /** Over a row; with the cross-entropy only. */
    public record Softmax() implements Output {}

    private final int width;
    private final Output output;
    private final Loss loss;
    private final float @Nullable [] weights;
    private final double clip;

    /**
     * A head.
     *
     * @param width columns of sums and labels
     * @param weights a factor for each column; null for ones
     * @param clip outputs are at least this and at most 1 - this where their logarithm is taken; 0 for no clipping
     */
    public Head(int width, Output output, Loss loss, float @Nullable [] weights, double clip) {
        if (output instanceof Softmax && loss != Loss.CROSS_ENTROPY) {
            throw new IllegalArgumentException("softmax must be followed by the cross-entropy, but was by " + loss);
        }
        this.width = width;
        this.output = output;
        this.loss = loss;
        this.weights = weights == null ? null : weights.clone();
        this.clip = clip;
    }

    public int width() {
        return width;
    }

    /** Whether the outputs are probabilities whose cross-entropy, unweighted, is the loss. */
    boolean isPlainCrossEntropy() {
        return output instanceof Softmax && weights == null;
    }

    /** Whether the outputs of a row are the probabilities of classes. */
    boolean isSoftmax() {
        return output instanceof Softmax;
    }

    /**
     * Turns sums into outputs, in place.
     *
     * @param z rows one after another
     */
    void outputs(float[] z, int rows) {
        if (output instanceof Elementwise elementwise) {
            elementwise.function().apply(z, z, rows * width);
        } else {
            for (int r = 0; r < rows; r++) {
                softmax(z, r * width);
            }
        }
    }

    /**
     * Replaces sums by the gradient of the summed loss.
     *
     * @param z rows one after another
     * @param labels as many rows
     * @return the loss, summed over the rows
     */
    double lossAndGradient(float[] z, float[] labels, int rows) {
        double sum = 0;
        for (int r = 0; r < rows; r++) {
            int at = r * width;
            if (output instanceof Elementwise elementwise) {
                sum += row(elementwise.function(), z, labels, at, true);
            } else {
                softmax(z, at);
                sum += crossEntropy(z, labels, at);
                softmaxGradient(z, labels, at);
            }
        }
        return sum;
    }

    /** The loss, summed over the rows; sums become outputs. */
    double loss(float[] z, float[] labels, int rows) {
        double sum = 0;
        for (int r = 0; r < rows; r++) {
            int at = r * width;
            if (output instanceof Elementwise elementwise) {
                sum += row(elementwise.function(), z, labels, at, false);
            } else {
                softmax(z, at);
                sum += crossEntropy(z, labels, at);
            }
        }
        return sum;
    }

    private void softmax(float[] z, int at) {
        float greatest = Float.NEGATIVE_INFINITY;
        for (int j = at; j < at + width; j++) {
            greatest = Math.max(greatest, z[j]);
        }
        double sum = 0;
        for (int j = at; j < at + width; j++) {
            double e = Math.exp(z[j] - greatest);
            z[j] = (float) e;
            sum += e;
        }
        float factor = (float) (1 / sum);
        for (int j = at; j < at + width; j++) {
            z[j] *= factor;
        }
    }

    private double weight(int column) {
        return weights == null ? 1 : weights[column];
    }

    /** To bounds in FP32, as ND4J has them: 1 minus the upper bound is no multiple of its rounding. */
    private double clipped(double y) {
        return clip > 0 ? Math.min(Math.max(y, (float) clip), (float) (1 - clip)) : y;
    }

    private double crossEntropy(float[] y, float[] labels, int at) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            if (labels[at + j] != 0) {
                sum -= weight(j) * labels[at + j] * Math.log(clipped(y[at + j]));
            }
        }
        return sum;
    }

    private void softmaxGradient(float[] y, float[] labels, int at) {
        if (weights == null) {
            for (int j = at; j < at + width; j++) {
                y[j] -= labels[j];
            }
            return;
        }
        double mass = 0;
        for (int j = 0; j < width; j++) {
            mass += weights[j] * labels[at + j];
        }
        for (int j = 0; j < width; j++) {
            y[at + j] = (float) (y[at + j] * mass - weights[j] * labels[at + j]);
        }
    }

    /** One value at a time: output layers are narrow. */
    private double row(Activation function, float[] z, float[] labels, int at, boolean gradient) {
        double sum = 0;
        for (int j = 0; j < width; j++) {
            double label = labels[at + j];
            float before = z[at + j];
            float y = function.value(before);
            sum += weight(j) * value(label, y);
            z[at + j] = gradient ? (float) (weight(j) * slope(label, y) * function.derivative(before, y)) : y;
        }
        return sum;
    }

    private double value(double label, double y) {
        return switch (loss) {
            case CROSS_ENTROPY -> -label * Math.log(y);
            case BINARY_CROSS_ENTROPY -> -label * Math.log(clipped(y)) - (1 - label) * Math.log(1 - clipped(y));
            case MEAN_SQUARED_ERROR -> (label - y) * (label - y) / width;
            case SQUARED_ERROR -> (label - y) * (label - y);
        };
    }

    private double slope(double label, double y) {
        return switch (loss) {
            case CROSS_ENTROPY -> -label / y;
            case BINARY_CROSS_ENTROPY -> (clipped(y) - label) / (clipped(y) * (1 - clipped(y)));
            case MEAN_SQUARED_ERROR -> 2 * (y - label) / width;
            case SQUARED_ERROR -> 2 * (y - label);
        };
    }
}
