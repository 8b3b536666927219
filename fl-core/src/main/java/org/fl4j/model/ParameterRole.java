package org.fl4j.model;

/** What a parameter is to the learning algorithm. */
public enum ParameterRole {
    /** Moved by gradients: weights, biases, BatchNorm's gain and shift. Server optimizers and corrections act on these. */
    TRAINABLE,
    /** Estimated from the data that pass through, not by gradients: BatchNorm's running mean and variance. Averaged only. */
    STATISTIC
}
