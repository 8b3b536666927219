package org.fl4j.privacy.accounting;

import java.util.Map;
import org.fl4j.internal.Check;

/**
 * One randomised response: of k answers the true one is given with e^epsilon times the probability of each other,
 *
 * <pre>
 *   lie = 1 / (e^epsilon + k - 1),   truth = e^epsilon lie
 *   (alpha - 1) rdp(alpha) = ln( 1 + lie (e^(alpha epsilon) - 1) (1 - e^(-(alpha - 1) epsilon)) )
 * </pre>
 *
 * <p>Neighbours differ in the true answer of one contributor.
 *
 * <ul>
 *   <li>epsilon = 0: nothing is revealed.
 *   <li>privacyDelta = 0: epsilon is finite, the event's own.
 * </ul>
 *
 * <p>Source: Warner, JASA 60, 1965 (k = 2); Kairouz, Oh, Viswanath, "Extremal Mechanisms for Local Differential Privacy", JMLR 17, 2016.
 *
 * @param answers k, at least 2
 * @param epsilon at least 0 and finite
 */
public record RandomizedResponse(long answers, double epsilon) implements PrivacyEvent {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of its range
     */
    public RandomizedResponse {
        answers = Check.atLeast("answers", answers, 2);
        epsilon = Check.notNegative("epsilon", epsilon);
    }

    /** The probability of each answer that is not true. */
    double lie() {
        return 1 / (Math.exp(epsilon) + (double) (answers - 1));
    }

    /** Returns this event: nothing is claimed of its amplification. */
    @Override
    public RandomizedResponse poisson(double samplingProbability) {
        Check.probability("samplingProbability", samplingProbability);
        return this;
    }

    @Override
    public RandomizedResponse withoutSampling() {
        return this;
    }

    @Override
    public boolean revealsNothing() {
        return epsilon == 0;
    }

    @Override
    public double pureEpsilon() {
        return epsilon;
    }

    @Override
    public double rdp(double order) {
        double alpha = RenyiAccountant.order(order);
        if (revealsNothing() || alpha * epsilon > 700) {
            return epsilon;
        }
        double excess = lie() * Math.expm1(alpha * epsilon) * -Math.expm1(-(alpha - 1) * epsilon);
        return Math.min(epsilon, Math.log1p(excess) / (alpha - 1));
    }

    @Override
    public String kind() {
        return "randomizedResponse";
    }

    @Override
    public Map<String, Double> figures() {
        return EventFigures.of("answers", (double) answers)
                .and("epsilon", epsilon)
                .inOrder();
    }

    @Override
    public String text() {
        return "randomised response among " + answers + " answers of epsilon " + epsilon + ", "
                + EventFigures.NO_AMPLIFICATION;
    }
}
