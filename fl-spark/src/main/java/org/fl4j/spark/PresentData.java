package org.fl4j.spark;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.fl4j.ClientId;

/** The data of keyed clients that tasks of this executor are at work on. Thread-safe. */
final class PresentData implements Function<ClientId, Object> {

    private final Map<ClientId, Present> byClient = new HashMap<>();

    /** @param tasks how many hold it: a block may run twice at a time, by speculation */
    private record Present(Object data, int tasks) {}

    synchronized void add(Map<ClientId, Object> data) {
        data.forEach((client, its) ->
                byClient.merge(client, new Present(its, 1), (there, more) -> new Present(there.data, there.tasks + 1)));
    }

    synchronized void remove(Iterable<ClientId> clients) {
        for (ClientId client : clients) {
            byClient.computeIfPresent(
                    client, (id, there) -> there.tasks == 1 ? null : new Present(there.data, there.tasks - 1));
        }
    }

    @Override
    public synchronized Object apply(ClientId client) {
        Present there = byClient.get(client);
        if (there == null) {
            throw new IllegalStateException(
                    "client '" + client
                            + "': its data are not here, but where its partition is; ask for them only while it trains or evaluates");
        }
        return there.data;
    }
}
