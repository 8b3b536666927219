package org.fl4j.remote;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** When something is. Thread-safe. */
interface Timing {

    /** The clock of the machine, and the JDK's shared timer. */
    Timing REAL = new Timing() {
        @Override
        public Duration now() {
            return Duration.ofNanos(System.nanoTime());
        }

        @Override
        public void after(Duration wait, Runnable action) {
            CompletableFuture.delayedExecutor(wait.toNanos(), TimeUnit.NANOSECONDS)
                    .execute(action);
        }
    };

    /** Since an arbitrary start. */
    Duration now();

    /** Runs an action later, once, on some thread. */
    void after(Duration wait, Runnable action);
}
