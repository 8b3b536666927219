package org.fl4j.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The bytes of one task on their way to an executor: beside the task if they are small; by a broadcast of their own if they are large, as
 * what sixteen clients remember may be more than Spark sends with a task.
 */
final class Payload {

    /** Spark advises against larger tasks than a thousand KiB, and refuses those beyond spark.rpc.message.maxSize. */
    private static final int LARGE = 256 << 10;

    private Payload() {}

    /** As an element of an RDD. */
    static Object of(byte[] bytes, JavaSparkContext spark) {
        return bytes.length < LARGE ? bytes : Broadcasts.of(bytes, spark);
    }

    /** On the executor. */
    @SuppressWarnings("unchecked") // as it was made above
    static byte[] read(Object payload) {
        return payload instanceof byte[] bytes ? bytes : ((Broadcast<byte[]>) payload).value();
    }

    /** Once no task needs it. */
    static void destroy(Object payload) {
        if (payload instanceof Broadcast<?> broadcast) {
            Broadcasts.destroy(broadcast);
        }
    }
}
