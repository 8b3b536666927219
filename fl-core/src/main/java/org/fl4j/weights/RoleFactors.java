package org.fl4j.weights;

/**
 * What to multiply a displacement's parameters by, according to their role: rules that rescale what gradients moved
 * leave statistics an average.
 *
 * @param trainable for TRAINABLE parameters
 * @param statistic for STATISTIC parameters
 */
public record RoleFactors(double trainable, double statistic) {

    double of(ParameterRole role) {
        return role == ParameterRole.TRAINABLE ? trainable : statistic;
    }
}
