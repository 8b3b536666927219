package org.fl4j.aggregation.robust;

import java.util.Map;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.weights.ModelDelta;

/**
 * Replaces each update by the mean of its nearest, before another rule sees them (NNM):
 *
 * <pre>  y_i = 1/(n - f) sum of the n - f deltas x_j closest to x_i, itself included,</pre>
 *
 * <p>over the clients' deltas x_i, {@code [d]}; among equally close ones the first in the order of the cohort. Honest
 * clients of heterogeneous data thereby move together, which makes the wrapped rule's guarantee of optimal order. What
 * else an update says (who, how many examples, scalars, vectors) is that of client i, unmixed.
 *
 * <p>Needs n &gt; 2f updates, of which f may be Byzantine, and as many as the wrapped rule needs; else the round is
 * abandoned. FP64, each y_i rounded once to the layout's dtype. Memory: the updates, a chunk of them for each thread,
 * 10 n^2 values, 8 FP64 vectors, and what the wrapped rule holds of the mixed ones. Time O(n^2 d). Immutable and thread-safe.
 *
 * <p>Privacy: the server sees each update in the clear, so a rule that promises privacy cannot be wrapped.
 *
 * <p>Source: Allouah, Farhadkhani, Guerraoui, Gupta, Pinot, Stephan, "Fixing by Mixing: A Recipe for Optimal Byzantine ML
 * under Heterogeneity", AISTATS 2023, the mechanism NNM.
 */
public final class NearestNeighbourMixing implements DirectAggregator {

    private final DirectAggregator rule;
    private final Tolerance tolerance;
    private final UpdateStorage storage;

    private NearestNeighbourMixing(DirectAggregator rule, Tolerance tolerance, UpdateStorage storage) {
        this.rule = rule;
        this.tolerance = tolerance;
        this.storage = storage;
    }

    /**
     * Mixes for another rule.
     *
     * @param rule what takes the mixed updates, such as {@link CoordinateMedian}; its storage is its own
     * @param f how many updates may be Byzantine, at least 0; the wrapped rule's f should be the same
     * @return the rule
     * @throws IllegalArgumentException if f is negative or the rule has a guard
     */
    public static NearestNeighbourMixing before(DirectAggregator rule, int f) {
        if (rule.guard().isPresent()) {
            throw new IllegalArgumentException(
                    "the rule must not have a guard: mixing moves one client's data into other"
                            + " clients' updates, beyond what it accounts for, but was " + rule);
        }
        return new NearestNeighbourMixing(rule, new Tolerance("NearestNeighbourMixing", f), UpdateStorage.onHeap());
    }

    /**
     * Returns a copy with another place for the round's updates before they are mixed.
     *
     * @param place where to
     * @return a copy
     */
    public NearestNeighbourMixing storedIn(UpdateStorage place) {
        return new NearestNeighbourMixing(rule, tolerance, place);
    }

    @Override
    public ObjectiveSpec objective() {
        return rule.objective();
    }

    @Override
    public DirectRound begin(RoundContext context) {
        DirectRound inner = DirectRound.guarded(rule, context);
        return new DirectRound() {
            @Override
            public Map<String, ModelDelta> taskVectors() {
                return inner.taskVectors();
            }

            @Override
            public Aggregation aggregation() {
                return new MixedRound(tolerance, new HeldUpdates(storage, context.layout()), inner.aggregation());
            }
        };
    }

    @Override
    public String toString() {
        return "NearestNeighbourMixing.before(" + rule + ", " + tolerance.f() + ")";
    }
}
