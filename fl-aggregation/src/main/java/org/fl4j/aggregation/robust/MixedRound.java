package org.fl4j.aggregation.robust;

import java.util.Optional;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.AggregationResult;
import org.fl4j.client.ClientUpdate;
import org.fl4j.model.ModelDelta;

/** A round of {@link NearestNeighbourMixing}: the wrapped rule gets its updates when all are there. */
final class MixedRound implements Aggregation {

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
        double[][] squared = SquaredDistances.of(updates);
        int nearest = updates.size() - tolerance.f();
        for (int i = 0; i < squared.length; i++) {
            // before every other at no distance: an update is among its own nearest
            squared[i][i] = -1;
            ModelDelta mean = MeanOfUpdates.of(updates, Neighbours.smallest(squared[i], nearest));
            inner.add(updates.position(i), updates.envelope(i).around(mean));
        }
        updates.close();
    }
}
