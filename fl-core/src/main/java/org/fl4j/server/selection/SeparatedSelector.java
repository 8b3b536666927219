package org.fl4j.server.selection;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.internal.Check;
import org.fl4j.random.Seeds;

/** Groups in turn. A client's group is a function of its id and never changes; that is all the separation rests on. */
record SeparatedSelector(int rounds) implements ClientSelector {

    private static final String PURPOSE = "group";

    SeparatedSelector {
        Check.atLeast("rounds", rounds, 1);
    }

    @Override
    public ClientSelector.Selection select(ClientSelector.Context context) {
        int turn = Math.floorMod(context.round() - 1, rounds);
        List<ClientId> cohort = context.population().stream()
                .filter(client -> group(client) == turn)
                .toList();
        return ClientSelector.Selection.of(cohort);
    }

    private int group(ClientId client) {
        return Math.floorMod(Seeds.derive(0, 0, client.value(), PURPOSE), rounds);
    }

    @Override
    public SamplingScheme scheme() {
        return new SamplingScheme.Separated(rounds);
    }
}
