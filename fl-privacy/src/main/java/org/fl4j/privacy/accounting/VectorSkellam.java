package org.fl4j.privacy.accounting;

import java.util.Map;
import org.fl4j.internal.Check;

/**
 * One release of a vector of integers with independent Skellam noise in every coordinate of the sum: the difference of two Poisson
 * variables of mean mu/2. A contributor moves the sum by any vector of integers whose L1 norm is at most D1 and whose L2 norm is at
 * most D2, in any number of coordinates.
 *
 * <pre>
 *   rdp(alpha) &lt;= alpha D2^2 / (2 mu) + min( ((2 alpha - 1) D2^2 + 6 D1) / (4 mu^2), 3 D1 / (2 mu) )   for whole alpha above 1
 * </pre>
 *
 * <p>Of orders between whole ones: (alpha - 1) rdp(alpha) is a logarithm of moments and so convex in alpha, and 0 at alpha = 1; it is at
 * most the chord between the two whole orders beside it.
 *
 * <p>There is no loss distribution that is the worst one for all such vectors: certified intervals end at the Renyi bound of the whole
 * composition above, and begin below at what the other releases reveal alone.
 *
 * <ul>
 *   <li>D1 = 0 or D2 = 0: nothing is revealed.
 *   <li>mu = 0: no noise; every accountant answers infinity.
 * </ul>
 *
 * <p>Neighbours differ in one contributor whose contribution is replaced by zero. Skellam noise of several parties adds up: variances
 * do.
 *
 * <p>Source: Agarwal, Kairouz, Liu, "The Skellam Mechanism for Differentially Private Federated Learning", NeurIPS 2021, theorem 3.5
 * (one coordinate, whole alpha and shift) and corollary 3.6 (the sum over coordinates).
 *
 * @param variance mu of the noise in each coordinate of the sum, in squared grid steps, at least 0 and finite
 * @param l1 D1, in grid steps, at least 0 and finite
 * @param l2 D2, in grid steps, at least 0 and finite
 */
public record VectorSkellam(double variance, double l1, double l2) implements PrivacyEvent {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public VectorSkellam {
        variance = Check.notNegative("variance", variance);
        l1 = Check.notNegative("l1", l1);
        l2 = Check.notNegative("l2", l2);
    }

    /** Returns this event: nothing is claimed of its amplification. */
    @Override
    public VectorSkellam poisson(double samplingProbability) {
        Check.probability("samplingProbability", samplingProbability);
        return this;
    }

    @Override
    public VectorSkellam withoutSampling() {
        return this;
    }

    @Override
    public boolean revealsNothing() {
        return l1 == 0 || l2 == 0;
    }

    @Override
    public double rdp(double order) {
        double alpha = RenyiAccountant.order(order);
        if (revealsNothing()) {
            return 0;
        }
        double below = Math.floor(alpha);
        double share = alpha - below;
        double chord = below == 1 ? 0 : (1 - share) * (below - 1) * atWholeOrder(below);
        return share == 0 ? atWholeOrder(alpha) : (chord + share * below * atWholeOrder(below + 1)) / (alpha - 1);
    }

    private double atWholeOrder(double alpha) {
        double gaussian = alpha / 2 * l2 * (l2 / variance);
        double near = ((2 * alpha - 1) * (l2 / variance) * (l2 / variance) + 6 * (l1 / variance) / variance) / 4;
        return gaussian + Math.min(near, 1.5 * (l1 / variance));
    }

    @Override
    public String kind() {
        return "vectorSkellam";
    }

    @Override
    public Map<String, Double> figures() {
        return EventFigures.of("variance", variance).and("l1", l1).and("l2", l2).inOrder();
    }

    @Override
    public String text() {
        return "Skellam noise of variance " + variance + " in each coordinate, contributions of at most " + l1
                + " steps in the L1 norm and " + l2 + " in the L2 norm, " + EventFigures.NO_AMPLIFICATION;
    }
}
