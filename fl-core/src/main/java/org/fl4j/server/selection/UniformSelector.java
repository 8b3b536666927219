package org.fl4j.server.selection;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
            int j = i + random.nextInt(population.size() - i);
            cohort.add(population.get(moved.getOrDefault(j, j)));
            moved.put(j, moved.getOrDefault(i, i));
        }
        return new ClientSelector.Selection(cohort, drawn > size ? size : Integer.MAX_VALUE, ComponentState.EMPTY);
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
