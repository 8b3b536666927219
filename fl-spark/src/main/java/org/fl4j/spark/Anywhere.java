package org.fl4j.spark;

import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.fl4j.ClientId;

/** Tasks of clients that every executor can make. */
record Anywhere(JavaSparkContext spark) implements Placement {

    @Override
    public boolean isOnePlace(List<ClientId> clients) {
        return true;
    }

    @Override
    public RDD<Object> place(List<Task> tasks) {
        return new FreeTasks(spark, tasks.stream().map(Task::payload).toList());
    }
}
