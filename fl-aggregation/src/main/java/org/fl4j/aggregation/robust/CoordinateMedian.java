package org.fl4j.aggregation.robust;

import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.state.ComponentState;

/**
 * The median of each coordinate by itself,
 *
 * <pre>  aggregate_j = med { x_ij : i = 1..n },   j = 1..d,</pre>
 *
 * <p>over the clients' deltas x_i, {@code [d]}; of an even number the mean of the two middle values. All updates have
 * equal weight, whatever their number of examples, unless {@link #weighing} says otherwise. As long as fewer than
 * half of the updates are Byzantine, or with weights less than half the weight, each coordinate lies between two
 * honest values.
 *
 * <p>FP64, rounded once to the layout's dtype. Translating or stretching all updates does the same to the aggregate.
 * Memory: the updates, and a chunk of them for each thread. Immutable and thread-safe.
 *
 * <p>Privacy: the server sees each update in the clear.
 *
 * <p>Source: Yin, Chen, Ramchandran, Bartlett, "Byzantine-Robust Distributed Learning: Towards Optimal Statistical
 * Rates", ICML 2018, definition 1 and algorithm 1, option I.
 */
public final class CoordinateMedian implements DirectAggregator {

    private final ByzantineTolerance tolerance;
    private final UpdateWeights weights;
    private final UpdateStorage storage;

    private CoordinateMedian(ByzantineTolerance tolerance, UpdateWeights weights, UpdateStorage storage) {
        this.tolerance = tolerance;
        this.weights = weights;
        this.storage = storage;
    }

    /** The median of any number of updates. */
    public static CoordinateMedian of() {
        return tolerating(0);
    }

    /** Tolerates f Byzantine updates: a round with n &lt;= 2f is abandoned. Throws IllegalArgumentException if f is negative. */
    public static CoordinateMedian tolerating(int f) {
        return new CoordinateMedian(
                new ByzantineTolerance("CoordinateMedian", f), UpdateWeights.equal(), UpdateStorage.onHeap());
    }

    /**
     * Returns a copy that takes the weighted median: the value at which the weight of those up to it passes a half,
     * or the mean with the next where it is exactly a half.
     */
    public CoordinateMedian weighing(UpdateWeights by) {
        return new CoordinateMedian(tolerance, by, storage);
    }

    /** Returns a copy with another place for the round's updates. */
    public CoordinateMedian storedIn(UpdateStorage place) {
        return new CoordinateMedian(tolerance, weights, place);
    }

    @Override
    public DirectRound begin(RoundContext context) {
        return () -> new HeldRound(storage, context, tolerance::needsMajority, this::combine);
    }

    private Aggregation.Result combine(HeldUpdates updates) {
        if (!weights.areEqual()) {
            UpdateWeights.OfRound ofRound = weights.of("CoordinateMedian", updates);
            return new Aggregation.Result(
                    Columns.combineWeighted(updates, ofRound.shares(), WeightedColumns::median),
                    ComponentState.EMPTY,
                    ofRound.metrics());
        }
        return Aggregation.Result.of(Columns.combineSorted(updates, Columns.all(updates), CoordinateMedian::median));
    }

    private static void median(double[][] rows, int width, double[] into, int at) {
        int half = rows.length / 2;
        Columns.mean(rows, rows.length % 2 == 0 ? half - 1 : half, half + 1, width, into, at);
    }

    @Override
    public String toString() {
        return "CoordinateMedian.tolerating(" + tolerance.f() + ")";
    }
}
