package org.fl4j.spark;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.Partition;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.rdd.RDD;
import org.fl4j.ClientId;
import scala.Tuple2;

/** Tasks that run where the partitions of the host's RDD are. */
final class ByKey implements Placement {

    private final RDD<Tuple2<String, Object>> data;
    private final Partition[] partitions;
    private final Map<ClientId, Integer> partitionOf;

    private ByKey(RDD<Tuple2<String, Object>> data, Map<ClientId, Integer> partitionOf) {
        this.data = data;
        this.partitions = data.partitions();
        this.partitionOf = partitionOf;
    }

    /**
     * Looks up which client is in which partition, by a job over the keys.
     *
     * @throws IllegalArgumentException if a key is there twice
     */
    static <D> ByKey of(JavaPairRDD<String, D> pairs) {
        Map<ClientId, Integer> partitionOf = new LinkedHashMap<>();
        List<String[]> keys = pairs.mapPartitionsWithIndex(ByKey::keys, true).collect();
        for (String[] key : keys) {
            Integer partition = Integer.valueOf(key[0]);
            if (partitionOf.put(new ClientId(key[1]), partition) != null) {
                throw new IllegalArgumentException("the key '" + key[1]
                        + "' must be there once, as it is a client, but is there several times; give each client one value, as by"
                        + " groupByKey");
            }
        }
        @SuppressWarnings("unchecked") // the values are only handed through
        RDD<Tuple2<String, Object>> data = (RDD<Tuple2<String, Object>>) (RDD<?>) pairs.rdd();
        return new ByKey(data, partitionOf);
    }

    private static <D> Iterator<String[]> keys(Integer partition, Iterator<Tuple2<String, D>> pairs) {
        List<String[]> keys = new ArrayList<>();
        pairs.forEachRemaining(pair -> keys.add(new String[] {partition.toString(), pair._1()}));
        return keys.iterator();
    }

    /** In the order of partitions, so that clients that are beside each other are often in one. */
    List<ClientId> clients() {
        return List.copyOf(partitionOf.keySet());
    }

    @Override
    public boolean isOnePlace(List<ClientId> clients) {
        return clients.stream().map(this::partitionOf).distinct().count() == 1;
    }

    private Integer partitionOf(ClientId client) {
        Integer partition = partitionOf.get(client);
        if (partition == null) {
            throw new IllegalStateException("client '" + client + "' is none of the keys");
        }
        return partition;
    }

    @Override
    public RDD<Object> place(List<Task> tasks) {
        List<KeyedTasks.Part> parts = new ArrayList<>();
        for (Task task : tasks) {
            parts.add(new KeyedTasks.Part(
                    parts.size(),
                    task.payload(),
                    task.clients().stream().map(ClientId::value).toList(),
                    partitions[partitionOf(task.clients().get(0))]));
        }
        return new KeyedTasks(data, parts);
    }
}
