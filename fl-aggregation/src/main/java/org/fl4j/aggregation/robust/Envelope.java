package org.fl4j.aggregation.robust;

import java.util.Map;
import org.fl4j.client.ClientId;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.ObjectiveId;
import org.fl4j.model.ModelDelta;

/** What an update says besides its delta. */
record Envelope(
        ClientId client,
        int round,
        long numExamples,
        Map<String, ModelDelta> vectors,
        Map<String, Double> scalars,
        ObjectiveId honoured) {

    static Envelope of(ClientUpdate update) {
        return new Envelope(
                update.client(),
                update.round(),
                update.numExamples(),
                update.vectors(),
                update.scalars(),
                update.honoured());
    }

    ClientUpdate around(ModelDelta delta) {
        return new ClientUpdate(client, round, delta, numExamples, vectors, scalars, honoured);
    }
}
