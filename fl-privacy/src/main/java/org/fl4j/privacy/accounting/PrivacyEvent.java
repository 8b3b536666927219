package org.fl4j.privacy.accounting;

import java.util.Comparator;
import org.fl4j.internal.Check;

/**
 * One release of a Gaussian mechanism: what an accountant has to know of it.
 *
 * <p>A release adds noise of standard deviation {@code sigma} to a sum whose L2 sensitivity is D; its noise multiplier is
 * {@code z = sigma / D}. Each contributor takes part with probability q, independently of the others (Poisson sampling);
 * neighbours differ in one contributor whose contribution is replaced by zero.
 *
 * <ul>
 *   <li>q = 1: every contributor takes part, no amplification.
 *   <li>q = 0: none takes part, nothing is revealed, whatever z is.
 *   <li>z = 0: no noise; every accountant answers infinity unless q = 0.
 * </ul>
 *
 * <p>Several values computed from <em>one</em> sample are one release: {@link #joint}, never several events.
 *
 * @param noiseMultiplier z, at least 0 and finite
 * @param samplingProbability q, in [0, 1]
 */
public record PrivacyEvent(double noiseMultiplier, double samplingProbability) implements Comparable<PrivacyEvent> {

    private static final Comparator<PrivacyEvent> ORDER = Comparator.comparingDouble(PrivacyEvent::noiseMultiplier)
            .thenComparingDouble(PrivacyEvent::samplingProbability);

    /**
     * Checks the ranges. {@link #unsampled} and {@link #poisson} say which number is which.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public PrivacyEvent {
        noiseMultiplier = Check.notNegative("noiseMultiplier", noiseMultiplier);
        samplingProbability = Check.probability("samplingProbability", samplingProbability);
    }

    /**
     * A release to which every client contributes.
     *
     * @param noiseMultiplier z, at least 0 and finite
     * @return the event with q = 1
     * @throws IllegalArgumentException if z is out of its range
     */
    public static PrivacyEvent unsampled(double noiseMultiplier) {
        return new PrivacyEvent(noiseMultiplier, 1);
    }

    /**
     * Several segments of one release, each noised by its own multiplier z_j: one Gaussian with
     *
     * <pre>  1/z^2 = sum_j 1/z_j^2.</pre>
     *
     * <p>Where the release is sampled, one sample serves all segments; charging them as several sampled events would
     * under-count.
     *
     * @param noiseMultipliers z_j, each at least 0 and finite; at least one
     * @return the event with q = 1
     * @throws IllegalArgumentException if there is no segment or a number is out of its range
     */
    public static PrivacyEvent joint(double... noiseMultipliers) {
        if (noiseMultipliers.length == 0) {
            throw new IllegalArgumentException("noise multipliers of joint must be at least 1, but was 0");
        }
        double smallest = Double.POSITIVE_INFINITY;
        for (double z : noiseMultipliers) {
            smallest = Math.min(smallest, Check.notNegative("noiseMultiplier", z));
        }
        if (smallest == 0) {
            return unsampled(0);
        }
        double squares = 0;
        for (double z : noiseMultipliers) {
            squares += (smallest / z) * (smallest / z);
        }
        return unsampled(smallest / Math.sqrt(squares));
    }

    /**
     * The same release over a Poisson sample.
     *
     * @param samplingProbability q, in [0, 1], of each contributor
     * @throws IllegalArgumentException if q is out of its range
     */
    public PrivacyEvent poisson(double samplingProbability) {
        return new PrivacyEvent(noiseMultiplier, samplingProbability);
    }

    boolean revealsNothing() {
        return samplingProbability == 0;
    }

    /** Orders by z, then by q. */
    @Override
    public int compareTo(PrivacyEvent other) {
        return ORDER.compare(this, other);
    }
}
