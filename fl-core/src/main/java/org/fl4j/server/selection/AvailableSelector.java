package org.fl4j.server.selection;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;

/** Another selector, shown only the clients that are available in the round, in the population's order. */
record AvailableSelector(ClientSelector inner, ClientSelector.Availability availability) implements ClientSelector {

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        List<ClientId> available = new ArrayList<>();
        for (ClientId client : context.population()) {
            if (isAvailable(context, client)) {
                available.add(client);
            }
        }
        return inner.select(context.withPopulation(available));
    }

    @Override
    public boolean fillsPlaces() {
        return inner.fillsPlaces();
    }

    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        return inner.fill(context, places, client -> taken.test(client) || !isAvailable(context, client));
    }

    private boolean isAvailable(ClientSelector.Context context, ClientId client) {
        return availability.isAvailable(context.round(), context.time(), client);
    }

    @Override
    public Optional<Duration> next(Duration time) {
        return Stream.of(inner.next(time), availability.next(time))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder());
    }

    @Override
    public boolean overSelects() {
        return inner.overSelects();
    }

    @Override
    public SamplingScheme scheme() {
        return scheme(inner, "among available clients");
    }

    /** Not the inner one's: who is available is no chance, so a client's probability is not what that says. */
    static SamplingScheme scheme(ClientSelector inner, String how) {
        SamplingScheme scheme = inner.scheme();
        String name = scheme instanceof SamplingScheme.Other other ? other.description() : scheme.toString();
        return new SamplingScheme.Other(name + " " + how);
    }
}
