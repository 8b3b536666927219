package org.fl4j.privacy.accounting;

import java.util.Comparator;
import java.util.Map;
import org.fl4j.internal.Check;

/**
 * One release of a Gaussian mechanism, over a Poisson sample or over everybody.
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
 * @param noiseMultiplier z, at least 0 and finite
 * @param samplingProbability q, in [0, 1]
 */
public record SampledGaussian(double noiseMultiplier, double samplingProbability) implements PrivacyEvent {

    private static final Comparator<SampledGaussian> ORDER = Comparator.comparingDouble(
                    SampledGaussian::noiseMultiplier)
            .thenComparingDouble(SampledGaussian::samplingProbability);

    /** The integral takes time in proportion to the root of the order. */
    private static final double LARGEST_INTEGRATED_ORDER = 0x1p16;

    /**
     * Checks the ranges. {@link PrivacyEvent#unsampled} and {@link #poisson} say which number is which.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public SampledGaussian {
        noiseMultiplier = Check.notNegative("noiseMultiplier", noiseMultiplier);
        samplingProbability = Check.probability("samplingProbability", samplingProbability);
    }

    @Override
    public SampledGaussian poisson(double newProbability) {
        return new SampledGaussian(noiseMultiplier, newProbability);
    }

    @Override
    public SampledGaussian withoutSampling() {
        return new SampledGaussian(noiseMultiplier, 1);
    }

    @Override
    public boolean revealsNothing() {
        return samplingProbability == 0;
    }

    @Override
    public Adjacency adjacency() {
        return isSampled() ? Adjacency.ZERO_OUT : Adjacency.EITHER;
    }

    /** Whether some contributors take part, and not all. */
    boolean isSampled() {
        return samplingProbability > 0 && samplingProbability < 1;
    }

    @Override
    public double rdp(double order) {
        double alpha = RenyiAccountant.order(order);
        double z = noiseMultiplier;
        double q = samplingProbability;
        if (revealsNothing()) {
            return 0;
        }
        if (q == 1 || z < SampledGaussianMoment.SMALLEST_NOISE_MULTIPLIER) {
            return alpha / 2 / z / z;
        }
        if (alpha > LARGEST_INTEGRATED_ORDER) {
            return byTriangleInequality(z, q, alpha);
        }
        return SampledGaussianMoment.log(z, q, alpha) / (alpha - 1);
    }

    /** The norm of 1 - q + q e^t in L_alpha is at most the sum of the norms, and that of e^t is e^((alpha - 1) / (2 z^2)). */
    private static double byTriangleInequality(double z, double q, double alpha) {
        double exponent = (alpha - 1) / 2 / z / z;
        double log = exponent > 30
                ? exponent + Math.log(q + (1 - q) * Math.exp(-exponent))
                : Math.log1p(q * Math.expm1(exponent));
        return Math.max(0, alpha / (alpha - 1) * log);
    }

    @Override
    public String kind() {
        return "sampledGaussian";
    }

    @Override
    public Map<String, Double> figures() {
        return EventFigures.of("noiseMultiplier", noiseMultiplier)
                .and("samplingProbability", samplingProbability)
                .inOrder();
    }

    @Override
    public String text() {
        return "noise multiplier " + noiseMultiplier + ", " + EventFigures.sampling(samplingProbability);
    }

    /** Orders by z, then by q; other kinds by their names. */
    @Override
    public int compareTo(PrivacyEvent other) {
        return other instanceof SampledGaussian same ? ORDER.compare(this, same) : PrivacyEvent.super.compareTo(other);
    }
}
