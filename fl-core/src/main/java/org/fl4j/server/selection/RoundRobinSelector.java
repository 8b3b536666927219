package org.fl4j.server.selection;

import java.util.ArrayList;
import java.util.List;
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
        List<ClientId> population = context.population();
        int n = population.size();
        int start = n == 0 ? 0 : start(context, n);
        int taken = Math.min(size, n);
        List<ClientId> cohort = new ArrayList<>(taken);
        for (int i = 0; i < taken; i++) {
            cohort.add(population.get((int) (((long) start + i) % n)));
        }
        long end = (long) start + taken;
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
        long abandoned = context.round() - 1 - last;
        return Math.floorMod(next + abandoned * Math.min(size, n), n);
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.Other("round-robin of " + size);
    }
}
