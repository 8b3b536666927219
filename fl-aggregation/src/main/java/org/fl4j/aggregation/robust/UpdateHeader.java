package org.fl4j.aggregation.robust;

import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.weights.ModelDelta;

/** What an update says besides its delta. */
record UpdateHeader(
        ClientId client,
        int round,
        long numExamples,
        Map<String, ModelDelta> vectors,
        Map<String, Double> scalars,
        ObjectiveSpec objective) {

    static UpdateHeader of(ClientUpdate update) {
        return new UpdateHeader(
                update.client(),
                update.round(),
                update.numExamples(),
                update.vectors(),
                update.scalars(),
                update.objective());
    }

    ClientUpdate around(ModelDelta delta) {
        return new ClientUpdate(client, round, delta, numExamples, vectors, scalars, objective);
    }
}
