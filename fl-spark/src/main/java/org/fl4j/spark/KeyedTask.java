package org.fl4j.spark;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.fl4j.ClientId;
import scala.Tuple2;
import scala.collection.Iterator;

/**
 * A task beside the partition of the host's RDD that its clients are in. It exists on an executor only.
 *
 * @param task its {@link Payload}
 * @param clients whose data it needs
 * @param partition of keys and values
 */
record KeyedTask(Object task, List<String> clients, Iterator<Tuple2<String, Object>> partition) {

    /** The data of its clients; the partition is read to its end, so that a key that is in it twice is found. */
    Map<ClientId, Object> data() {
        Set<String> wanted = Set.copyOf(clients);
        Map<ClientId, Object> data = new HashMap<>();
        while (partition.hasNext()) {
            Tuple2<String, Object> pair = partition.next();
            if (wanted.contains(pair._1()) && data.put(new ClientId(pair._1()), pair._2()) != null) {
                throw new IllegalStateException("client '" + pair._1()
                        + "' is twice in its partition; give each client one value, as by groupByKey");
            }
        }
        return data;
    }
}
