package org.fl4j.data;

import java.util.HashSet;
import java.util.List;

/**
 * A partition whose clients have names: the keys that {@link Partition#byKey} grouped the examples by.
 *
 * <p>Immutable and thread-safe.
 *
 * @param keys the key of each client, all different; client k of the partition is {@code keys.get(k)}
 * @param partition the examples of each client
 */
public record KeyedPartition(List<String> keys, Partition partition) {

    /**
     * Checks that keys and clients belong together.
     *
     * @param keys the key of each client
     * @param partition the examples of each client
     * @throws IllegalArgumentException if there is not exactly one key for each client, or two are equal
     */
    public KeyedPartition {
        keys = List.copyOf(keys);
        if (keys.size() != partition.clients()) {
            throw new IllegalArgumentException("there must be one key for each of the " + partition.clients()
                    + " clients, but was " + keys.size() + " keys");
        }
        HashSet<String> seen = new HashSet<>();
        for (String key : keys) {
            if (!seen.add(key)) {
                throw new IllegalArgumentException("the clients' keys must differ, but was '" + key + "' twice");
            }
        }
    }
}
