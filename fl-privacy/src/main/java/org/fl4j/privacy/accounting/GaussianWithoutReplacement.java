package org.fl4j.privacy.accounting;

import java.util.Map;
import org.fl4j.internal.Check;

/**
 * One release of a Gaussian mechanism over a batch of fixed size m, drawn uniformly and without replacement from N contributors.
 *
 * <p>Neighbours differ in one contributor whose contribution is replaced by any other ({@link Adjacency#SUBSTITUTION}); z is the noise over the sensitivity
 * to that, which is twice a clip norm. With gamma = m / N and delta_z that of the unsampled mechanism,
 *
 * <pre>  delta(epsilon) = gamma delta_z( ln(1 + (e^epsilon - 1) / gamma) )</pre>
 *
 * <p>which is that of ((1 - gamma) Q + gamma P, Q), Q = N(0, 1) and P = N(1/z, 1). Replacing works both ways, so at negative epsilon it is
 * {@code 1 - e^epsilon (1 - delta(-epsilon))}: the loss distribution has the losses above 0 of that pair, those below 0 of the pair exchanged, and the rest,
 * (1 - gamma) P(|N(0, 1)| &lt; 1/(2z)), at 0. Both directions are the same.
 *
 * <p>Renyi: moments of a loss, less 1, are the mean of the convex {@code g(x) = x^alpha - 1 - alpha (x - 1)} at x = e^loss under Q, of which losses above 0 have no more
 * than the one pair and those below no more than the other, each at most A - 1 of the Poisson sample of probability gamma:
 *
 * <pre>  (alpha - 1) rdp(alpha) &lt;= min( ln(1 + 2 (A(alpha) - 1)),  alpha (alpha - 1) / (2 z^2) )</pre>
 *
 * <ul>
 *   <li>m = 0: nothing is revealed. m = N: the unsampled Gaussian.
 *   <li>z = 0: no noise; every accountant answers infinity unless m = 0.
 * </ul>
 *
 * <p>Source: Balle, Barthe, Gaboardi, "Privacy Amplification by Subsampling", NeurIPS 2018, theorems 9 and 11; Zhu, Dong, Wang, AISTATS 2022 (dominating pairs).
 *
 * @param noiseMultiplier z, at least 0 and finite
 * @param batch m, from 0 to N
 * @param population N, from 1 to 2^53
 */
public record GaussianWithoutReplacement(double noiseMultiplier, long batch, long population) implements PrivacyEvent {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public GaussianWithoutReplacement {
        noiseMultiplier = Check.notNegative("noiseMultiplier", noiseMultiplier);
        if (population < 1 || population > 1L << 53 || batch < 0 || batch > population) {
            throw new IllegalArgumentException("batch and population must satisfy 0 <= batch <= population <= 2^53 and"
                    + " population >= 1, but were " + batch + " and " + population);
        }
    }

    /** The probability that a contributor is in the batch. */
    double rate() {
        return (double) batch / population;
    }

    /** The same release over a Poisson sample. */
    SampledGaussian ofPoisson() {
        return PrivacyEvent.unsampled(noiseMultiplier).poisson(rate());
    }

    /** Returns this event, which is sampled already. */
    @Override
    public GaussianWithoutReplacement poisson(double samplingProbability) {
        Check.probability("samplingProbability", samplingProbability);
        return this;
    }

    @Override
    public SampledGaussian withoutSampling() {
        return PrivacyEvent.unsampled(noiseMultiplier);
    }

    @Override
    public Adjacency adjacency() {
        return Adjacency.SUBSTITUTION;
    }

    @Override
    public boolean revealsNothing() {
        return batch == 0;
    }

    @Override
    public double rdp(double order) {
        double alpha = RenyiAccountant.order(order);
        if (revealsNothing()) {
            return 0;
        }
        double unsampled = withoutSampling().rdp(alpha);
        if (batch == population) {
            return unsampled;
        }
        double log = (alpha - 1) * ofPoisson().rdp(alpha);
        double twice = log > 30 ? log + Math.log(2) : Math.log1p(2 * Math.expm1(log));
        return Math.min(unsampled, twice / (alpha - 1));
    }

    @Override
    public String kind() {
        return "gaussianWithoutReplacement";
    }

    @Override
    public Map<String, Double> figures() {
        return EventFigures.of("noiseMultiplier", noiseMultiplier)
                .and("batch", (double) batch)
                .and("population", (double) population)
                .inOrder();
    }

    @Override
    public String text() {
        return "noise multiplier " + noiseMultiplier + ", secret batches of " + batch + " of " + population
                + " without replacement, one contributor replaced by another";
    }
}
