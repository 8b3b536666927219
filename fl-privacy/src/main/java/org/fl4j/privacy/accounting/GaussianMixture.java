package org.fl4j.privacy.accounting;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.fl4j.internal.Check;

/**
 * One release of a Gaussian mechanism whose sensitivity is drawn at random, which nobody learns: with probability p_i a contributor moves the result by c_i
 * times a fixed vector of L2 norm at most 1, under noise of standard deviation z in each coordinate.
 *
 * <pre>  P = sum over i of p_i N(c_i, z^2),   Q = N(0, z^2)</pre>
 *
 * <p>So takes part who may be in several batches that one release covers, or in none. A Poisson-subsampled Gaussian is the mixture of 0 and 1. The loss
 * distribution is that of the mixture itself, in both directions; Renyi's bound is by convexity, in both directions too, and loose:
 *
 * <pre>  (alpha - 1) rdp(alpha) &lt;= ln( sum over i of p_i e^(alpha (alpha - 1) c_i^2 / (2 z^2)) )</pre>
 *
 * <ul>
 *   <li>No c_i above 0 with p_i above 0: nothing is revealed.
 *   <li>z = 0: no noise; every accountant answers infinity.
 *   <li>z below 2^-6 of the largest c_i: the Renyi bound above, 0 below.
 * </ul>
 *
 * <p>Neighbours differ in one contributor whose contribution is replaced by zero.
 *
 * <p>Source: Choquette-Choo, Ganesh, Steinke, Thakurta, "Privacy Amplification for Matrix Mechanisms", ICLR 2024 (MoG).
 *
 * @param noiseMultiplier z, at least 0 and finite
 * @param probabilities p_i by c_i; c_i at least 0 and finite, p_i in [0, 1] with the sum 1 to 1e-9; made to sum to 1
 */
public record GaussianMixture(double noiseMultiplier, SortedMap<Double, Double> probabilities) implements PrivacyEvent {

    private static final double SUM_PRECISION = 1e-9;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public GaussianMixture {
        noiseMultiplier = Check.notNegative("noiseMultiplier", noiseMultiplier);
        double sum = 0;
        for (var part : probabilities.entrySet()) {
            Check.notNegative("sensitivity", part.getKey());
            sum += Check.probability("probability", part.getValue());
        }
        if (!(Math.abs(sum - 1) <= SUM_PRECISION)) {
            throw new IllegalArgumentException("probabilities must sum to 1, but their sum was " + sum);
        }
        SortedMap<Double, Double> copy = new TreeMap<>();
        for (var part : probabilities.entrySet()) {
            if (part.getValue() > 0) {
                copy.merge(part.getKey() + 0.0, part.getValue() / sum, Double::sum);
            }
        }
        probabilities = Collections.unmodifiableSortedMap(copy);
    }

    /**
     * The mixture of sensitivities.
     *
     * @param noiseMultiplier z, at least 0 and finite
     * @param probabilities p_i by c_i
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static GaussianMixture of(double noiseMultiplier, Map<Double, Double> probabilities) {
        return new GaussianMixture(noiseMultiplier, new TreeMap<>(probabilities));
    }

    double largest() {
        return probabilities.lastKey();
    }

    /** Returns this event: nothing is claimed of more sampling. */
    @Override
    public GaussianMixture poisson(double samplingProbability) {
        Check.probability("samplingProbability", samplingProbability);
        return this;
    }

    /** The Gaussian of the largest sensitivity. */
    @Override
    public PrivacyEvent withoutSampling() {
        return revealsNothing() ? this : PrivacyEvent.unsampled(noiseMultiplier / largest());
    }

    @Override
    public Adjacency adjacency() {
        return Adjacency.ZERO_OUT;
    }

    @Override
    public boolean revealsNothing() {
        return largest() == 0;
    }

    @Override
    public double rdp(double order) {
        double alpha = RenyiAccountant.order(order);
        if (revealsNothing()) {
            return 0;
        }
        double top = exponent(alpha, largest());
        if (Double.isInfinite(top)) {
            return top;
        }
        double sum = 0;
        for (var part : probabilities.entrySet()) {
            double exponent = exponent(alpha, part.getKey());
            sum += part.getValue() * (top < 30 ? Math.expm1(exponent) : Math.exp(exponent - top));
        }
        return (top < 30 ? Math.log1p(sum) : top + Math.log(sum)) / (alpha - 1);
    }

    private double exponent(double alpha, double sensitivity) {
        double shift = sensitivity == 0 ? 0 : sensitivity / noiseMultiplier;
        return alpha * (alpha - 1) / 2 * shift * shift;
    }

    @Override
    public String kind() {
        return "gaussianMixture";
    }

    @Override
    public Map<String, Double> figures() {
        EventFigures figures = EventFigures.of("noiseMultiplier", noiseMultiplier);
        int i = 1;
        for (var part : probabilities.entrySet()) {
            figures.and("sensitivity" + i, part.getKey()).and("probability" + i, part.getValue());
            i++;
        }
        return figures.inOrder();
    }

    @Override
    public String text() {
        return "noise multiplier " + noiseMultiplier + ", sensitivities drawn with probabilities " + probabilities
                + ", as long as the draws stay secret";
    }
}
