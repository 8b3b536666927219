package org.fl4j.server.selection;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.internal.Check;
import org.fl4j.state.ComponentState;

/**
 * Turns by position in the population. Its state is the last round that advanced and the position after that round's
 * cohort. An abandoned round leaves no state, but the round counter tells how many there were since: they are taken to
 * have had their turns, so that a cohort that never answers is not asked for ever.
 */
record RoundRobinSelector(int size) implements ClientSelector {

    private static final String KIND = "round-robin";
    private static final int VERSION = 1;

    RoundRobinSelector {
        Check.atLeast("size", size, 1);
    }

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        return fill(context, size, client -> false);
    }

    @Override
    public boolean fillsPlaces() {
        return true;
    }

    /** Whose turn comes while they are taken are passed over: their next turn is as near. */
    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        List<ClientId> population = context.population();
        int n = population.size();
        int start = n == 0 ? 0 : start(context, n);
        List<ClientId> cohort = new ArrayList<>(Math.min(places, n));
        int turns = 0;
        while (turns < n && cohort.size() < places) {
            ClientId client = population.get((int) (((long) start + turns++) % n));
            if (!taken.test(client)) {
                cohort.add(client);
            }
        }
        long end = (long) start + turns;
        // The end itself stays: should the population grow, its new clients are next.
        long next = end > n ? end - n : end;
        ComponentState state =
                ComponentState.of(KIND, VERSION).with("round", context.round()).with("next", next);
        return new ClientSelector.Selection(cohort, Integer.MAX_VALUE, state);
    }

    private int start(ClientSelector.Context context, int n) {
        ComponentState state = context.state().expect(KIND, VERSION);
        long next = state.isEmpty() ? 0 : state.longValue("next");
        long last = state.isEmpty() ? 0 : state.longValue("round");
        // Below the last where several selections are of one round.
        long abandoned = Math.max(0, context.round() - 1 - last);
        return Math.floorMod(next + abandoned * Math.min(size, n), n);
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.Other("round-robin of " + size);
    }
}
