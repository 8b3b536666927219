package org.fl4j.server.selection;

import java.util.function.Predicate;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;

/** Every client in every round. */
record EveryClientSelector() implements ClientSelector {

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        return ClientSelector.Selection.of(context.population());
    }

    @Override
    public boolean fillsPlaces() {
        return true;
    }

    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        return ClientSelector.Selection.of(context.population().stream()
                .filter(client -> !taken.test(client))
                .limit(places)
                .toList());
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.EveryClient();
    }
}
