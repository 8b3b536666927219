package org.fl4j.aggregation.robust;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.AggregationResult;
import org.fl4j.client.ClientUpdate;
import org.fl4j.weights.ModelDelta;

/** A round of {@link NearestNeighbourMixing}: the wrapped rule gets its updates when all are there. */
final class MixedRound implements Aggregation {

    /** How many means are taken in one reading of the updates; each holds an FP64 vector. */
    static final int AT_ONCE = 8;

    private final Tolerance tolerance;
    private final HeldUpdates updates;
    private final Aggregation inner;
    private boolean mixed;

    MixedRound(Tolerance tolerance, HeldUpdates updates, Aggregation inner) {
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

    /** The wrapped rule tells by the updates it has taken whether they are enough, so they are mixed here. */
    @Override
    public Optional<String> shortfall() {
        return tolerance.needsMajority(updates.size()).or(() -> {
            mix();
            return inner.shortfall();
        });
    }

    @Override
    public AggregationResult finish() {
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
            List<ModelDelta> means = MeanOfUpdates.of(updates, nearest);
            for (int i = 0; i < means.size(); i++) {
                inner.add(updates.position(from + i), updates.header(from + i).around(means.get(i)));
            }
        }
        updates.close();
    }
}
