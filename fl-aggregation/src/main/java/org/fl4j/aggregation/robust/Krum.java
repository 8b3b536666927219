package org.fl4j.aggregation.robust;

import java.util.Optional;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.state.ComponentState;

/**
 * The one update that lies closest to its neighbours:
 *
 * <pre>  aggregate = x_i with the smallest score  s(i) = sum_{i -> j} |x_i - x_j|^2</pre>
 *
 * <p>over the clients' deltas x_i, {@code [d]}, where i -> j are the n - f - 2 others closest to x_i; among equal scores
 * the first in the order of the cohort. The aggregate is that client's delta to the last bit, so it has the variance of a
 * single client: {@link MultiKrum} averages several.
 *
 * <p>{@link #toleratingShare} takes weights w_i, 1 together, in place of counts:
 *
 * <pre>  s(i) = sum_j m_ij |x_i - x_j|^2</pre>
 *
 * <p>where m_ij is how much of j's weight is among the 1 - phi of the weight that is closest to i, its own included. An
 * update that weighs k times counts as k equal ones. Half the weight in one hand decides.
 *
 * <p>Needs n &gt;= 2f + 3 updates, of which f may be Byzantine, or one where it goes by weight; with fewer the round is
 * abandoned. Distances in FP64. Memory: the updates, a chunk of them for each thread, and 10 n^2 values. Time O(n^2
 * d). Immutable and thread-safe.
 *
 * <p>Privacy: the server sees each update in the clear, and the aggregate is the update of one client.
 *
 * <p>Source: Blanchard, El Mhamdi, Guerraoui, Stainer, "Machine Learning with Adversaries: Byzantine Tolerant Gradient
 * Descent", NeurIPS 2017, section 4.
 */
public final class Krum implements DirectAggregator {

    /** The best of a round's updates, and what to report of how it was found. */
    private interface Choice {

        Aggregation.Result among(HeldUpdates updates);

        Optional<String> shortfall(int n);
    }

    private final Choice choice;
    private final String title;
    private final UpdateStorage storage;

    private Krum(Choice choice, String title, UpdateStorage storage) {
        this.choice = choice;
        this.title = title;
        this.storage = storage;
    }

    /** Tolerates f Byzantine updates; throws IllegalArgumentException if f is negative. */
    public static Krum tolerating(int f) {
        return new Krum(
                new ByCount(new ByzantineTolerance("Krum", f)), "Krum.tolerating(" + f + ")", UpdateStorage.onHeap());
    }

    /**
     * Tolerates Byzantine updates with a share of the weight.
     *
     * @param phi in [0, 1/2)
     * @param weights of the updates
     * @throws IllegalArgumentException if the share is out of range
     */
    public static Krum toleratingShare(double phi, UpdateWeights weights) {
        if (!(phi >= 0 && phi < 0.5)) {
            throw new IllegalArgumentException("the tolerated share must be >= 0 and < 0.5, but was " + phi);
        }
        return new Krum(new ByWeight(phi, weights), "Krum.toleratingShare(" + phi + ")", UpdateStorage.onHeap());
    }

    /** Returns a copy with another place for the round's updates. */
    public Krum storedIn(UpdateStorage place) {
        return new Krum(choice, title, place);
    }

    @Override
    public DirectRound begin(RoundContext context) {
        return () -> new HeldRound(storage, context, choice::shortfall, choice::among);
    }

    @Override
    public String toString() {
        return title;
    }

    private record ByCount(ByzantineTolerance tolerance) implements Choice {

        @Override
        public Aggregation.Result among(HeldUpdates updates) {
            int best = new KrumScores(SquaredDistances.of(updates), tolerance.f()).removeBest();
            return Aggregation.Result.of(updates.delta(best));
        }

        @Override
        public Optional<String> shortfall(int n) {
            return tolerance.needs(n, 2, 3);
        }
    }

    private record ByWeight(double phi, UpdateWeights weights) implements Choice {

        @Override
        public Aggregation.Result among(HeldUpdates updates) {
            UpdateWeights.OfRound ofRound = weights.of("Krum", updates);
            double[][] squared = SquaredDistances.of(updates);
            int best = 0;
            double bestScore = Double.POSITIVE_INFINITY;
            for (int i = 0; i < squared.length; i++) {
                double score = score(squared[i], ofRound.shares());
                if (score < bestScore) {
                    best = i;
                    bestScore = score;
                }
            }
            return new Aggregation.Result(updates.delta(best), ComponentState.EMPTY, ofRound.metrics());
        }

        private double score(double[] squared, double[] shares) {
            double left = 1 - phi;
            double sum = 0;
            for (int other : Neighbours.ascending(squared)) {
                // What rounding leaves of the weight must not count a distance that may be anything.
                if (left <= WeightedColumns.ROUNDING) {
                    break;
                }
                double part = Math.min(left, shares[other]);
                sum += part * squared[other];
                left -= part;
            }
            return sum;
        }

        @Override
        public Optional<String> shortfall(int n) {
            return ByzantineTolerance.needsOne("Krum", n);
        }
    }
}
