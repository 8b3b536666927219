package org.fl4j.privacy.accounting;

import java.util.Map;
import org.fl4j.internal.Check;

/**
 * One release of a Laplace mechanism, over a Poisson sample or over everybody: noise of density e^(-|x|/s) / (2 s) on a number whose
 * sensitivity is D, with b = s / D. Of a vector whose L1 sensitivity is D it is the worst case as well: contributions to one coordinate.
 *
 * <pre>
 *   q = 1:  (alpha - 1) rdp(alpha) = ln( alpha/(2 alpha - 1) e^((alpha - 1)/b) + (alpha - 1)/(2 alpha - 1) e^(-alpha/b) )
 *   q &lt; 1:  (alpha - 1) rdp(alpha) = ln( sum over k of binomial(alpha, k) q^k (1 - q)^(alpha - k) e^((k - 1) rdp_1(k)) )   for whole alpha
 * </pre>
 *
 * <p>with rdp_1 that of q = 1, and the chord between whole orders, as (alpha - 1) rdp is convex; never above the largest loss, ln(1 - q + q e^(1/b)).
 *
 * <ul>
 *   <li>q = 0: nothing is revealed.
 *   <li>b = 0: no noise; every accountant answers infinity unless q = 0.
 *   <li>privacyDelta = 0: epsilon is finite, the largest loss.
 * </ul>
 *
 * <p>Source: Dwork, McSherry, Nissim, Smith, TCC 2006; Mironov, "Renyi Differential Privacy", CSF 2017, proposition 6; Mironov, Talwar,
 * Zhang 2019, theorem 5 (which direction is larger) and section 3.3 (whole orders).
 *
 * @param noiseMultiplier b, at least 0 and finite
 * @param samplingProbability q, in [0, 1]
 */
public record Laplace(double noiseMultiplier, double samplingProbability) implements PrivacyEvent {

    /** Above, the chord would take a sum of as many terms. */
    private static final int LARGEST_ORDER = 4096;

    /**
     * Checks the ranges. {@link #unsampled} and {@link #poisson} say which number is which.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public Laplace {
        noiseMultiplier = Check.notNegative("noiseMultiplier", noiseMultiplier);
        samplingProbability = Check.probability("samplingProbability", samplingProbability);
    }

    /**
     * A release to which every client contributes.
     *
     * @param noiseMultiplier b, at least 0 and finite
     * @throws IllegalArgumentException if b is out of its range
     */
    public static Laplace unsampled(double noiseMultiplier) {
        return new Laplace(noiseMultiplier, 1);
    }

    @Override
    public Laplace poisson(double newProbability) {
        return new Laplace(noiseMultiplier, newProbability);
    }

    @Override
    public Laplace withoutSampling() {
        return unsampled(noiseMultiplier);
    }

    @Override
    public boolean revealsNothing() {
        return samplingProbability == 0;
    }

    @Override
    public Adjacency adjacency() {
        return samplingProbability > 0 && samplingProbability < 1 ? Adjacency.ZERO_OUT : Adjacency.EITHER;
    }

    @Override
    public double pureEpsilon() {
        if (revealsNothing()) {
            return 0;
        }
        double loss = 1 / noiseMultiplier;
        return loss > 30
                ? loss + Math.log(samplingProbability + (1 - samplingProbability) * Math.exp(-loss))
                : Math.log1p(samplingProbability * Math.expm1(loss));
    }

    @Override
    public double rdp(double order) {
        double alpha = RenyiAccountant.order(order);
        double most = pureEpsilon();
        if (revealsNothing() || Double.isInfinite(most) || alpha >= LARGEST_ORDER) {
            return most;
        }
        if (samplingProbability == 1) {
            return Math.min(most, logOnePlus(logExcess(alpha)) / (alpha - 1));
        }
        double below = Math.floor(alpha);
        double share = alpha - below;
        double chord = (1 - share) * logMoment((int) below) + (share == 0 ? 0 : share * logMoment((int) below + 1));
        return Math.min(most, chord / (alpha - 1));
    }

    /** ln of the moment minus 1, of the unsampled mechanism. */
    private double logExcess(double alpha) {
        double up = (alpha - 1) / noiseMultiplier;
        if (up > 30) {
            return up + Math.log(alpha / (2 * alpha - 1));
        }
        double excess = alpha * beyondLinear(up) + (alpha - 1) * beyondLinear(-alpha / noiseMultiplier);
        return Math.log(excess / (2 * alpha - 1));
    }

    /** e^y - 1 - y, for small y by its series. */
    private static double beyondLinear(double y) {
        if (Math.abs(y) > 0.1) {
            return Math.expm1(y) - y;
        }
        double sum = 0;
        for (int k = 14; k >= 2; k--) {
            sum = (1 + sum) * y / k;
        }
        return sum * y;
    }

    private static double logOnePlus(double log) {
        return log > 30 ? log : Math.log1p(Math.exp(log));
    }

    /** ln of the sampled moment at a whole order: 1 and the sum over k of at least 2 of weights times what the unsampled moments exceed 1 by. */
    private double logMoment(int order) {
        double[] log = new double[order + 1];
        double binomial = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = 1; k <= order; k++) {
            binomial += Math.log((order - k + 1.0) / k);
            log[k] = k < 2
                    ? Double.NEGATIVE_INFINITY
                    : binomial
                            + k * Math.log(samplingProbability)
                            + (order - k) * Math.log1p(-samplingProbability)
                            + logExcess(k);
            largest = Math.max(largest, log[k]);
        }
        if (largest == Double.NEGATIVE_INFINITY) {
            return 0;
        }
        double sum = 0;
        for (int k = 2; k <= order; k++) {
            sum += Math.exp(log[k] - largest);
        }
        return logOnePlus(largest + Math.log(sum));
    }

    @Override
    public String kind() {
        return "laplace";
    }

    @Override
    public Map<String, Double> figures() {
        return EventFigures.of("noiseMultiplier", noiseMultiplier)
                .and("samplingProbability", samplingProbability)
                .inOrder();
    }

    @Override
    public String text() {
        return "Laplace noise of multiplier " + noiseMultiplier + ", " + EventFigures.sampling(samplingProbability);
    }
}
