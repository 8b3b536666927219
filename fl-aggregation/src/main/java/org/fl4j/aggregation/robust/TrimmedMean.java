package org.fl4j.aggregation.robust;

import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.state.ComponentState;

/**
 * The mean of each coordinate by itself without its smallest and its largest values,
 *
 * <pre>  aggregate_j = mean of { x_ij : i = 1..n } without the b smallest and the b largest,   b = floor(beta n),</pre>
 *
 * <p>over the clients' deltas x_i, {@code [d]}. All updates have equal weight, whatever their number of examples,
 * unless {@link #weighing} says otherwise. With at most b Byzantine updates each value of the mean lies between two
 * honest ones; beta should be at least their share.
 *
 * <ul>
 *   <li>FP64 rounding is corrected: 0.29 of 100 updates is 29 and 2.0 / 7 of 7 is 2, where the products may fall short;
 *   <li>where beta n is below 1 nothing is removed: a share of 0.1 needs ten updates to guard against one.
 * </ul>
 *
 * <p>FP64, rounded once to the layout's dtype. Translating or stretching all updates does the same to the aggregate.
 * Memory: the updates, and a chunk of them for each thread. Immutable and thread-safe.
 *
 * <p>Privacy: the server sees each update in the clear.
 *
 * <p>Source: Yin, Chen, Ramchandran, Bartlett, "Byzantine-Robust Distributed Learning: Towards Optimal Statistical
 * Rates", ICML 2018, definition 2 and algorithm 1, option II.
 *
 * @implNote the definition removes beta n values and is silent on fractions; here they are rounded down.
 */
public final class TrimmedMean implements DirectAggregator {

    private final double share;
    private final UpdateWeights weights;
    private final UpdateStorage storage;

    private TrimmedMean(double share, UpdateWeights weights, UpdateStorage storage) {
        this.share = share;
        this.weights = weights;
        this.storage = storage;
    }

    /**
     * Removes a share of the values on either side.
     *
     * @param beta in [0, 1/2); with 0 the rule is the mean
     * @throws IllegalArgumentException if beta is out of range
     */
    public static TrimmedMean share(double beta) {
        if (!(beta >= 0 && beta < 0.5)) {
            throw new IllegalArgumentException("share must be >= 0 and < 0.5, but was " + beta);
        }
        return new TrimmedMean(beta, UpdateWeights.equal(), UpdateStorage.onHeap());
    }

    /**
     * Returns a copy that removes the share of the weight on either side and takes the weighted mean of the rest; of
     * a value at the edge the part within counts, so nothing is rounded down. It holds as long as Byzantine updates
     * have at most that share of the weight.
     */
    public TrimmedMean weighing(UpdateWeights by) {
        return new TrimmedMean(share, by, storage);
    }

    /** Returns a copy with another place for the round's updates. */
    public TrimmedMean storedIn(UpdateStorage place) {
        return new TrimmedMean(share, weights, place);
    }

    @Override
    public DirectRound begin(RoundContext context) {
        return () -> new HeldRound(storage, context, n -> ByzantineTolerance.needsOne(toString(), n), this::combine);
    }

    private Aggregation.Result combine(HeldUpdates updates) {
        if (!weights.areEqual()) {
            UpdateWeights.OfRound ofRound = weights.of("TrimmedMean", updates);
            return new Aggregation.Result(
                    Columns.combineWeighted(
                            updates,
                            ofRound.shares(),
                            (rows, ofRows, width, into, at) ->
                                    WeightedColumns.trimmedMean(share, rows, ofRows, width, into, at)),
                    ComponentState.EMPTY,
                    ofRound.metrics());
        }
        int n = updates.size();
        int removed = removedPerSide(n);
        return Aggregation.Result.of(Columns.combineSorted(
                updates,
                Columns.all(updates),
                (rows, width, into, at) -> Columns.mean(rows, removed, n - removed, width, into, at)));
    }

    int removedPerSide(int n) {
        double exact = share * n;
        double nearest = Math.rint(exact);
        boolean whole = Math.abs(exact - nearest) <= 2 * Math.ulp(exact);
        return Math.min((int) (whole ? nearest : exact), (n - 1) / 2);
    }

    @Override
    public String toString() {
        return "TrimmedMean.share(" + share + ")";
    }
}
