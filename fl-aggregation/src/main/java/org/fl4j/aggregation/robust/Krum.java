package org.fl4j.aggregation.robust;

import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;

/**
 * The one update that lies closest to its neighbours:
 *
 * <pre>  aggregate = x_i with the smallest score  s(i) = sum_{i -> j} |x_i - x_j|^2</pre>
 *
 * <p>over the clients' deltas x_i, {@code [d]}, where i -> j are the n - f - 2 others closest to x_i; among equal scores
 * the first in the order of the cohort. The aggregate is that client's delta to the last bit, so it has the variance of a
 * single client: {@link MultiKrum} averages several.
 *
 * <p>Needs n &gt;= 2f + 3 updates, of which f may be Byzantine; with fewer the round is abandoned. Distances in FP64.
 * Memory: the updates, a chunk of them for each thread, and 10 n^2 values. Time O(n^2 d). Immutable and thread-safe.
 *
 * <p>Privacy: the server sees each update in the clear, and the aggregate is the update of one client.
 *
 * <p>Source: Blanchard, El Mhamdi, Guerraoui, Stainer, "Machine Learning with Adversaries: Byzantine Tolerant Gradient
 * Descent", NeurIPS 2017, section 4.
 */
public final class Krum implements DirectAggregator {

    private final ByzantineTolerance tolerance;
    private final UpdateStorage storage;

    private Krum(ByzantineTolerance tolerance, UpdateStorage storage) {
        this.tolerance = tolerance;
        this.storage = storage;
    }

    /** Tolerates f Byzantine updates; throws IllegalArgumentException if f is negative. */
    public static Krum tolerating(int f) {
        return new Krum(new ByzantineTolerance("Krum", f), UpdateStorage.onHeap());
    }

    /** Returns a copy with another place for the round's updates. */
    public Krum storedIn(UpdateStorage place) {
        return new Krum(tolerance, place);
    }

    @Override
    public DirectRound begin(RoundContext context) {
        return () -> new HeldRound(storage, context, n -> tolerance.needs(n, 2, 3), this::combine);
    }

    private Aggregation.Result combine(HeldUpdates updates) {
        int best = new KrumScores(SquaredDistances.of(updates), tolerance.f()).removeBest();
        return Aggregation.Result.of(updates.delta(best));
    }

    @Override
    public String toString() {
        return "Krum.tolerating(" + tolerance.f() + ")";
    }
}
