package org.fl4j.server.selection;

import java.util.List;
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

    /** All that are not taken, in the population's order; where there are more of them than places, a uniform sample. */
    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        List<ClientId> free = context.population().stream()
                .filter(client -> !taken.test(client))
                .toList();
        return free.size() > places
                ? new UniformSelector(places).select(context.withPopulation(free))
                : ClientSelector.Selection.of(free);
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.EveryClient();
    }
}
