package org.fl4j.aggregation.robust;

import java.util.Arrays;
import java.util.Map;
import org.fl4j.internal.Check;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What each update of a round weighs in a robust rule. A rule by weight breaks down at half the <em>weight</em>: one
 * client with half of all examples decides the aggregate alone, whatever it sends. A cap bounds what one client can
 * weigh.
 *
 * <p>Rules report the share of the heaviest update as {@value #HEAVIEST}, and warn in the log where it is a half or
 * more. With a cap they also report the number of examples beyond which an update counts no more, {@value #CAP}.
 *
 * <p>Immutable and thread-safe.
 */
public final class UpdateWeights {

    /** The metric of the heaviest update's share of the weight. */
    public static final String HEAVIEST = "heaviest share";

    /** The metric of the number of examples beyond which an update counts no more. */
    public static final String CAP = "examples at the cap";

    private static final Logger LOG = LoggerFactory.getLogger(UpdateWeights.class);
    private static final UpdateWeights EQUAL = new UpdateWeights(false, 1);

    private final boolean byExamples;
    private final double cap;

    private UpdateWeights(boolean byExamples, double cap) {
        this.byExamples = byExamples;
        this.cap = cap;
    }

    /** All the same. */
    public static UpdateWeights equal() {
        return EQUAL;
    }

    /** In proportion to the clients' numbers of examples, as they claim them. */
    public static UpdateWeights byExamples() {
        return new UpdateWeights(true, 1);
    }

    /**
     * Returns a copy by which no update has more than a share of the round's weight: larger numbers of examples count
     * as one number c, the largest for which that holds. Where fewer updates came than 1 / share, all weigh the same.
     *
     * @param share in (0, 1]
     * @throws IllegalArgumentException if the share is out of range
     */
    public UpdateWeights cappedAt(double share) {
        Check.positive("the largest share of the weight", share);
        Check.probability("the largest share of the weight", share);
        return new UpdateWeights(byExamples, share);
    }

    boolean areEqual() {
        return !byExamples;
    }

    /** The weights of a round. */
    OfRound of(String rule, HeldUpdates updates) {
        double[] examples = new double[updates.size()];
        Arrays.setAll(examples, i -> byExamples ? updates.header(i).numExamples() : 1);
        double limit = cap < 1 ? limit(examples) : Double.POSITIVE_INFINITY;
        double[] shares = new double[examples.length];
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            shares[i] = Math.min(examples[i], limit);
            sum += shares[i];
        }
        double heaviest = 0;
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
            heaviest = Math.max(heaviest, shares[i]);
        }
        if (heaviest >= 0.5 && shares.length > 1) {
            LOG.warn(
                    "{}, round {}: one update has {} of the weight and decides the aggregate alone; cap it with"
                            + " UpdateWeights.cappedAt",
                    rule,
                    updates.header(0).round(),
                    heaviest);
        }
        return new OfRound(shares, cap < 1 ? Map.of(HEAVIEST, heaviest, CAP, limit) : Map.of(HEAVIEST, heaviest));
    }

    /**
     * {@code c = cap * sum_i min(n_i, c)}: with the k largest at c that is {@code cap * rest / (1 - k cap)}. The sums
     * of the rest are added from the smallest on: what is left of a difference would be the rounding of the largest
     * claim.
     */
    private double limit(double[] examples) {
        double[] sorted = examples.clone();
        Arrays.sort(sorted);
        double[] upTo = new double[sorted.length + 1];
        for (int i = 0; i < sorted.length; i++) {
            upTo[i + 1] = upTo[i] + sorted[i];
        }
        for (int k = 0; k < sorted.length; k++) {
            double largest = sorted[sorted.length - 1 - k];
            double rest = upTo[sorted.length - k];
            double left = 1 - k * cap;
            if (left > 0 && largest * left <= cap * rest) {
                // The largest that is not capped fits: those before it are at the c that k of them make.
                return k == 0 ? largest : cap * rest / left;
            }
        }
        return sorted[0];
    }

    /** The weights of one round, and what the rule reports of them. */
    static final class OfRound {

        private final double[] shares;
        private final Map<String, Double> metrics;

        private OfRound(double[] shares, Map<String, Double> metrics) {
            this.shares = shares;
            this.metrics = metrics;
        }

        /** Of each update, 1 together; not to be changed. */
        double[] shares() {
            return shares;
        }

        Map<String, Double> metrics() {
            return metrics;
        }
    }
}
