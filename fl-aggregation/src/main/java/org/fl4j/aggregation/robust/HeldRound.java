package org.fl4j.aggregation.robust;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ClientUpdate;

/** The round of a rule that needs all updates before it can combine them. */
final class HeldRound implements Aggregation {

    private final HeldUpdates updates;
    private final IntFunction<Optional<String>> shortfall;
    private final Function<HeldUpdates, Aggregation.Result> combine;

    /** Abandons the round where {@code shortfall}, of the number of updates, says why; else combines them. */
    HeldRound(
            UpdateStorage storage,
            RoundContext context,
            IntFunction<Optional<String>> shortfall,
            Function<HeldUpdates, Aggregation.Result> combine) {
        this.updates = new HeldUpdates(storage, context.layout());
        this.shortfall = shortfall;
        this.combine = combine;
    }

    @Override
    public Optional<String> refusal(ClientUpdate update) {
        return NormLimit.refusal(update);
    }

    @Override
    public void add(int position, ClientUpdate update) {
        updates.add(position, update);
    }

    @Override
    public Optional<String> shortfall() {
        return shortfall.apply(updates.size());
    }

    @Override
    public Aggregation.Result finish() {
        return combine.apply(updates);
    }

    @Override
    public void close() {
        updates.close();
    }
}
