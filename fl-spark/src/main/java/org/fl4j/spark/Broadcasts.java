package org.fl4j.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.fl4j.RunInterruptedException;

/** Broadcasts on threads that may be interrupted: Spark waits for its own processes meanwhile, and throws what it does not declare. */
final class Broadcasts {

    private Broadcasts() {}

    static Broadcast<byte[]> of(byte[] bytes, JavaSparkContext spark) {
        try {
            return spark.broadcast(bytes);
        } catch (Exception e) {
            if (isInterrupt(e)) {
                Thread.currentThread().interrupt();
                throw new RunInterruptedException("interrupted while a round was sent to executors");
            }
            throw e;
        }
    }

    /** Also where the thread was told to stop, which is when much is let go of. */
    static void destroy(Broadcast<?> broadcast) {
        boolean interrupted = Thread.interrupted();
        try {
            broadcast.destroy();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings("ConstantValue") // Scala throws it undeclared
    private static boolean isInterrupt(Exception e) {
        return (Object) e instanceof InterruptedException
                || Thread.currentThread().isInterrupted();
    }
}
