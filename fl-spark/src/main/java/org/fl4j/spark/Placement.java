package org.fl4j.spark;

import java.util.List;
import org.apache.spark.rdd.RDD;
import org.fl4j.ClientId;

/** Where the tasks of clients run. */
interface Placement {

    /**
     * A task before it is placed.
     *
     * @param payload what the executor reads, as {@link Payload} carries it
     * @param clients whose data it needs
     */
    record Task(Object payload, List<ClientId> clients) {}

    /** Whether one task may do the work of all these clients. */
    boolean isOnePlace(List<ClientId> clients);

    /** A partition for each task, in order; the clients of each are in one place. */
    RDD<Object> place(List<Task> tasks);
}
