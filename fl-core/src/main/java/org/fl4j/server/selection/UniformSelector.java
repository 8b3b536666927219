package org.fl4j.server.selection;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.internal.Check;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.state.ComponentState;

/**
 * A uniform ordered sample: the first steps of a Fisher-Yates shuffle of the population's indices, of which only those
 * that moved are stored. Cost and memory are those of the cohort.
 */
record UniformSelector(int size) implements ClientSelector {

    UniformSelector {
        Check.atLeast("size", size, 1);
    }

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        List<ClientId> population = context.population();
        int drawn = wanted(context.overSelection())
                .min(BigDecimal.valueOf(population.size()))
                .intValueExact();
        DeterministicRandom random = new DeterministicRandom(context.seed());
        Map<Integer, Integer> moved = new HashMap<>();
        List<ClientId> cohort = new ArrayList<>(drawn);
        for (int i = 0; i < drawn; i++) {
            cohort.add(population.get(draw(i, population.size(), moved, random)));
        }
        return new ClientSelector.Selection(cohort, drawn > size ? size : Integer.MAX_VALUE, ComponentState.EMPTY);
    }

    @Override
    public boolean fillsPlaces() {
        return true;
    }

    /** The same shuffle, continued until there are enough that are not taken. */
    @Override
    public ClientSelector.Selection fill(
            ClientSelector.Context context, int places, Predicate<? super ClientId> taken) {
        List<ClientId> population = context.population();
        DeterministicRandom random = new DeterministicRandom(context.seed());
        Map<Integer, Integer> moved = new HashMap<>();
        List<ClientId> chosen = new ArrayList<>(places);
        for (int i = 0; i < population.size() && chosen.size() < places; i++) {
            ClientId client = population.get(draw(i, population.size(), moved, random));
            if (!taken.test(client)) {
                chosen.add(client);
            }
        }
        return ClientSelector.Selection.of(chosen);
    }

    /** The shuffle's next index. */
    private static int draw(int i, int n, Map<Integer, Integer> moved, DeterministicRandom random) {
        int j = i + random.nextInt(n - i);
        int drawn = moved.getOrDefault(j, j);
        moved.put(j, moved.getOrDefault(i, i));
        return drawn;
    }

    /** In decimal, as the share was written: 10 % of 100 are 10, where binary fractions would round up to 11. */
    private BigDecimal wanted(double overSelection) {
        BigDecimal more = BigDecimal.valueOf(overSelection).multiply(BigDecimal.valueOf(size));
        return more.setScale(0, RoundingMode.CEILING).add(BigDecimal.valueOf(size));
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.FixedSize(size);
    }
}
