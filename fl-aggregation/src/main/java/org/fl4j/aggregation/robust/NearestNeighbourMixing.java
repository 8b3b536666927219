package org.fl4j.aggregation.robust;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ClientUpdate;
import org.fl4j.weights.ModelDelta;

/**
 * Replaces each update by the mean of its nearest, before another rule sees them (NNM):
 *
 * <pre>  y_i = 1/(n - f) sum of the n - f deltas x_j closest to x_i, itself included,</pre>
 *
 * <p>over the clients' deltas x_i, {@code [d]}; among equally close ones the first in the order of the cohort. Honest
 * clients of heterogeneous data thereby move together, which makes the wrapped rule's guarantee of optimal order. An
 * update's other values (client, number of examples, scalars, vectors) are those of client i, unmixed.
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
public final class NearestNeighbourMixing implements DirectAggregator.Forwarding {

    private final DirectAggregator rule;
    private final ByzantineTolerance tolerance;
    private final UpdateStorage storage;

    private NearestNeighbourMixing(DirectAggregator rule, ByzantineTolerance tolerance, UpdateStorage storage) {
        this.rule = rule;
        this.tolerance = tolerance;
        this.storage = storage;
    }

    /**
     * Mixes updates for another rule.
     *
     * @param rule combines the mixed updates, such as {@link CoordinateMedian}; it has a storage of its own
     * @param f how many updates may be Byzantine, at least 0; the wrapped rule's f should be the same
     * @throws IllegalArgumentException if f is negative or the rule has a guard
     */
    public static NearestNeighbourMixing on(DirectAggregator rule, int f) {
        if (rule.isPrivate()) {
            throw new IllegalArgumentException("the rule must not have a guard, but was " + rule
                    + "; mixing moves one client's data into other clients' updates, beyond what it accounts for");
        }
        return new NearestNeighbourMixing(
                rule, new ByzantineTolerance("NearestNeighbourMixing", f), UpdateStorage.onHeap());
    }

    /** Returns a copy with another place for the round's updates before they are mixed. */
    public NearestNeighbourMixing storedIn(UpdateStorage place) {
        return new NearestNeighbourMixing(rule, tolerance, place);
    }

    @Override
    public DirectAggregator inner() {
        return rule;
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
        return "NearestNeighbourMixing.on(" + rule + ", " + tolerance.f() + ")";
    }

    /** Adds the updates, mixed, to the wrapped rule's round once all have arrived. */
    private static final class MixedRound implements Aggregation {

        /** How many means are computed in one reading of the updates; each needs an FP64 vector. */
        private static final int AT_ONCE = 8;

        private final ByzantineTolerance tolerance;
        private final HeldUpdates updates;
        private final Aggregation inner;
        private boolean mixed;

        MixedRound(ByzantineTolerance tolerance, HeldUpdates updates, Aggregation inner) {
            this.tolerance = tolerance;
            this.updates = updates;
            this.inner = inner;
        }

        @Override
        public Optional<String> refusal(ClientUpdate update) {
            return NormLimit.refusal(update).or(() -> inner.refusal(update));
        }

        @Override
        public void add(int position, ClientUpdate update) {
            updates.add(position, update);
        }

        /** Mixes, as the wrapped rule decides by the updates added to it whether they are enough. */
        @Override
        public Optional<String> shortfall() {
            return tolerance.needsMajority(updates.size()).or(() -> {
                mix();
                return inner.shortfall();
            });
        }

        @Override
        public Aggregation.Result finish() {
            mix();
            return inner.finish();
        }

        @Override
        public void close() {
            try {
                updates.close();
            } finally {
                inner.close();
            }
        }

        private void mix() {
            if (mixed) {
                return;
            }
            mixed = true;
            // an update has no distance from itself, so it is among its own nearest, or equal ones are
            double[][] squared = SquaredDistances.of(updates);
            int n = squared.length;
            for (int from = 0; from < n; from += AT_ONCE) {
                List<int[]> nearest = IntStream.range(from, Math.min(from + AT_ONCE, n))
                        .mapToObj(i -> Neighbours.smallest(squared[i], n - tolerance.f()))
                        .toList();
                List<ModelDelta> means = Columns.means(updates, nearest);
                for (int i = 0; i < means.size(); i++) {
                    inner.add(
                            updates.position(from + i), updates.header(from + i).with(means.get(i)));
                }
            }
            updates.close();
        }
    }
}
