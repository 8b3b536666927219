package org.fl4j.aggregation.objective;

import org.fl4j.client.LocalObjectives;

/**
 * Everything that a client needs to honour the objectives of this package:
 *
 * <pre>{@code
 * ClientStateStore states = ClientStateStore.inMemory();
 * ... .clients(population.over(models, StandardObjectives.all().rememberingIn(states)))
 *     .clientStates(states)
 * }</pre>
 *
 * <p>The store is for the objectives that remember something: SCAFFOLD's and FedDyn's.
 */
public final class StandardObjectives {

    private StandardObjectives() {}

    /** The objectives of {@link FedProx}, {@link Scaffold}, {@link FedDyn} and {@link QFedAvg}. */
    public static LocalObjectives all() {
        return LocalObjectives.of(
                FedProx.localObjective(), Scaffold.localObjective(), FedDyn.localObjective(), QFedAvg.localObjective());
    }
}
