package org.fl4j.aggregation.objective;

import java.util.List;
import org.fl4j.client.LocalObjective;

/**
 * The objectives of this package, for clients in another JVM than the server, which have no rule to get them from:
 *
 * <pre>{@code
 * PlainSession session = PlainSession.of(LocalClient.of(id, data, models).withObjectives(StandardObjectives.all()));
 * }</pre>
 */
public final class StandardObjectives {

    private StandardObjectives() {}

    /**
     * The objectives of {@link FedProx}, {@link QFedAvg}, {@link Scaffold} and {@link FedDyn}. The last two remember, so a
     * client elsewhere rejects their tasks, and says why.
     */
    public static List<LocalObjective> all() {
        return List.of(
                new ProximalObjective(), new GlobalLossObjective(), new ScaffoldObjective(), new DynamicObjective());
    }
}
