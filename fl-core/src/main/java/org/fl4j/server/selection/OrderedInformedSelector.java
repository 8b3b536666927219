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

/** As {@link OrderedSelector}, around one that keeps learning. */
record OrderedInformedSelector(ClientSelector.Informed inner, OrderedSelector ordered)
        implements ClientSelector.Informed {

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        return ordered.select(context);
    }

    @Override
    public Optional<Duration> next(Duration time) {
        return ordered.next(time);
    }

    @Override
    public boolean overSelects() {
        return ordered.overSelects();
    }

    @Override
    public boolean fillsPlaces() {
        return ordered.fillsPlaces();
    }

    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        return ordered.fill(context, places, taken);
    }

    @Override
    public SamplingScheme scheme() {
        return ordered.scheme();
    }

    @Override
    public ComponentState observe(ComponentState state, List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        return inner.observe(state, outcomes);
    }
}
