package org.fl4j.weights;

/** What a parameter is to the learning algorithm. */
public enum ParameterRole {
    /** Moved by gradients: weights, biases, BatchNorm's gain and shift. Server optimizers and corrections act on these. */
    TRAINABLE,
    /**
     * Not moved by gradients, averaged only: estimated from the data that pass through, as BatchNorm's running mean and
     * variance, or fixed, as a frozen layer's weights.
     */
    STATISTIC;

    /**
     * What to multiply a displacement's parameters by, according to their role: rules that rescale what gradients moved
     * leave statistics an average.
     *
     * @param trainable for TRAINABLE parameters
     * @param statistic for STATISTIC parameters
     */
    public record Factors(double trainable, double statistic) {

        double of(ParameterRole role) {
            return role == ParameterRole.TRAINABLE ? trainable : statistic;
        }
    }
}
