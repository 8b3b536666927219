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

/**
 * A selector around one that keeps learning.
 *
 * @param inner learns
 * @param view selects, by way of it
 */
record ViewOfInformedSelector(ClientSelector.Informed inner, ClientSelector view) implements ClientSelector.Informed {

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        return view.select(context);
    }

    @Override
    public Optional<Duration> next(Duration time) {
        return view.next(time);
    }

    @Override
    public boolean overSelects() {
        return view.overSelects();
    }

    @Override
    public boolean fillsPlaces() {
        return view.fillsPlaces();
    }

    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        return view.fill(context, places, taken);
    }

    @Override
    public SamplingScheme scheme() {
        return view.scheme();
    }

    @Override
    public ComponentState observe(ComponentState state, List<ClientOutcome<ClientUpdate.Receipt>> outcomes) {
        return inner.observe(state, outcomes);
    }
}
