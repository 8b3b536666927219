package org.fl4j.spark;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/**
 * Tasks that run anywhere. Spark sends partitions by Java serialisation, where the elements of a parallelised list go by
 * the serialiser that the host has set, which may know no broadcast.
 */
final class FreeTasks extends RDD<Object> {

    private static final long serialVersionUID = 1L;

    private final transient List<Part> tasks;

    private record Part(int index, Object task) implements Partition, Serializable {

        // Spark asks for hashes of partitions in its own collections; the index tells those of one RDD apart.
        @Override
        public int hashCode() {
            return index;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Part part && part.index == index;
        }
    }

    /** @param payloads of the tasks, in order, as {@link Payload} carries them */
    FreeTasks(JavaSparkContext spark, List<Object> payloads) {
        super(spark.sc(), CollectionConverters.<Dependency<?>>asScala(List.of()).toSeq(), ClassTag.apply(Object.class));
        tasks = IntStream.range(0, payloads.size())
                .mapToObj(i -> new Part(i, payloads.get(i)))
                .toList();
    }

    @Override
    public Partition[] getPartitions() {
        return tasks.toArray(Partition[]::new);
    }

    @Override
    public Iterator<Object> compute(Partition partition, TaskContext context) {
        return CollectionConverters.asScala(List.of(((Part) partition).task())).iterator();
    }
}
