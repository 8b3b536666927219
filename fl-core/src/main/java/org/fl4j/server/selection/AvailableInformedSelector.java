package org.fl4j.server.selection;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientUpdate;
import org.fl4j.state.ComponentState;

/** As {@link AvailableSelector}, around one that keeps learning. */
record AvailableInformedSelector(ClientSelector.Informed inner, AvailableSelector available)
        implements ClientSelector.Informed {

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        return available.select(context);
    }

    @Override
    public Optional<Duration> next(Duration time) {
        return available.next(time);
    }

    @Override
    public boolean overSelects() {
        return available.overSelects();
    }

    @Override
    public boolean fillsPlaces() {
        return available.fillsPlaces();
    }

    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        return available.fill(context, places, taken);
    }

    @Override
    public SamplingScheme scheme() {
        return available.scheme();
    }

    @Override
    public ComponentState observe(ComponentState state, List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        return inner.observe(state, outcomes);
    }
}
