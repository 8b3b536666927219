package org.fl4j.privacy.accounting;

import java.util.Map;
import org.fl4j.internal.Check;

/**
 * A release whose output laws P and P', of any two neighbours, are each near a law of a Gaussian pair: with G and G' the laws of a
 * Gaussian mechanism of noise multiplier z on neighbours, or of anything computed from its output alone,
 *
 * <pre>  e^-r G(S) &lt;= P(S) &lt;= e^r G(S),   e^-r G'(S) &lt;= P'(S) &lt;= e^r G'(S)   for every event S.</pre>
 *
 * <p>So do sums of local discrete Gaussians stand to a Gaussian that is rounded to the grid (Kairouz, Liu, Steinke, ICML 2021).
 * Over several such releases, adaptive ones too, densities multiply, and so do the bounds: with R the sum of all r,
 *
 * <pre>
 *   P(S) - e^epsilon P'(S) &lt;= e^R (G(S) - e^(epsilon - 2R) G'(S)) &lt;= e^R delta_G(epsilon - 2R)
 *   epsilon(delta) &lt;= 2R + epsilon_G(delta e^-R),
 * </pre>
 *
 * <p>where G is the composition with the Gaussians in place of these releases, and other events as they are (r = 0). Likewise
 * {@code P^alpha P'^(1 - alpha) <= e^((2 alpha - 1) r) G^alpha G'^(1 - alpha)}, so
 *
 * <pre>  rdp(alpha) &lt;= alpha / (2 z^2) + (2 alpha - 1) / (alpha - 1) r.</pre>
 *
 * <ul>
 *   <li>r = 0: the Gaussian itself, to which every contributor contributes.
 *   <li>z = 0: no noise; every accountant answers infinity.
 *   <li>The lower end of a certified interval is that of the Gaussians, which are among the mechanisms that the event stands for.
 * </ul>
 *
 * <p>Neighbours differ in one contributor whose contribution is replaced by zero.
 *
 * @param noiseMultiplier z, at least 0 and finite
 * @param logRatio r, at least 0 and finite
 */
public record NearGaussian(double noiseMultiplier, double logRatio) implements PrivacyEvent {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public NearGaussian {
        noiseMultiplier = Check.notNegative("noiseMultiplier", noiseMultiplier);
        logRatio = Check.notNegative("logRatio", logRatio);
    }

    /** The Gaussian that this release is near. */
    SampledGaussian gaussian() {
        return PrivacyEvent.unsampled(noiseMultiplier);
    }

    /** Returns this event: nothing is claimed of its amplification. */
    @Override
    public NearGaussian poisson(double samplingProbability) {
        Check.probability("samplingProbability", samplingProbability);
        return this;
    }

    @Override
    public NearGaussian withoutSampling() {
        return this;
    }

    @Override
    public boolean revealsNothing() {
        return false;
    }

    @Override
    public double rdp(double order) {
        double alpha = RenyiAccountant.order(order);
        return gaussian().rdp(alpha) + (1 + alpha / (alpha - 1)) * logRatio;
    }

    @Override
    public String kind() {
        return "nearGaussian";
    }

    @Override
    public Map<String, Double> figures() {
        return EventFigures.of("noiseMultiplier", noiseMultiplier)
                .and("logRatio", logRatio)
                .inOrder();
    }

    @Override
    public String text() {
        return "noise multiplier " + noiseMultiplier + ", probabilities within a factor of e^" + logRatio
                + " of the Gaussian's, " + EventFigures.NO_AMPLIFICATION;
    }
}
