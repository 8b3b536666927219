package org.fl4j.server.selection;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;

/** Another selector, whose cohorts are put into the population's order. Who is in them is the same, and so is its scheme. */
record OrderedSelector(ClientSelector inner) implements ClientSelector {

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        ClientSelector.Selection selection = inner.select(context);
        Set<ClientId> chosen = new HashSet<>(selection.cohort());
        if (chosen.size() < selection.cohort().size()) {
            // A client that is there twice is for the server to find.
            return selection;
        }
        List<ClientId> inOrder =
                context.population().stream().filter(chosen::contains).toList();
        return new ClientSelector.Selection(inOrder, selection.enough(), selection.state());
    }

    @Override
    public boolean fillsPlaces() {
        return inner.fillsPlaces();
    }

    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        return inner.fill(context, places, taken);
    }

    @Override
    public Optional<Duration> next(Duration time) {
        return inner.next(time);
    }

    @Override
    public boolean overSelects() {
        return inner.overSelects();
    }

    @Override
    public SamplingScheme scheme() {
        return inner.scheme();
    }
}
