package org.fl4j.spark;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.NarrowDependency;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;

/** Tasks that run where partitions of the host's RDD are: each reads one. */
final class KeyedTasks extends RDD<Object> {

    private static final long serialVersionUID = 1L;

    private final transient List<Part> tasks;

    /**
     * One task.
     *
     * @param index of this partition
     * @param task its {@link Payload}
     * @param clients whose data it needs
     * @param parent the partition that these are in
     */
    record Part(int index, Object task, List<String> clients, Partition parent) implements Partition, Serializable {

        // Spark asks for hashes of partitions in its own collections; the index tells those of one RDD apart.
        @Override
        public int hashCode() {
            return index;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Part part && part.index == index && part.parent.equals(parent);
        }
    }

    private static final class OnePartition extends NarrowDependency<Tuple2<String, Object>> implements Serializable {

        private static final long serialVersionUID = 1L;

        private final int[] parents;

        OnePartition(RDD<Tuple2<String, Object>> data, int[] parents) {
            super(data);
            this.parents = parents;
        }

        @Override
        public Seq<Object> getParents(int partition) {
            return CollectionConverters.<Object>asScala(List.of((Object) parents[partition]))
                    .toSeq();
        }
    }

    KeyedTasks(RDD<Tuple2<String, Object>> data, List<Part> tasks) {
        super(
                data.sparkContext(),
                CollectionConverters.<Dependency<?>>asScala(List.of(new OnePartition(
                                data,
                                tasks.stream()
                                        .mapToInt(task -> task.parent().index())
                                        .toArray())))
                        .toSeq(),
                ClassTag.apply(Object.class));
        this.tasks = tasks;
    }

    @Override
    public Partition[] getPartitions() {
        return tasks.toArray(Partition[]::new);
    }

    @Override
    public Iterator<Object> compute(Partition partition, TaskContext context) {
        Part part = (Part) partition;
        RDD<Tuple2<String, Object>> data = this.<Tuple2<String, Object>>firstParent(ClassTag.apply(Tuple2.class));
        Object task = new KeyedTask(part.task(), part.clients(), data.iterator(part.parent(), context));
        return CollectionConverters.asScala(List.of(task)).iterator();
    }
}
