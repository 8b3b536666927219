package org.fl4j.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * The threads of one run: a thread a processor to begin with, and one more for each that a client holds, up to the run's number. So clients
 * that hold none take no more threads than there are processors. Guarded by the run's lock.
 */
final class Crew {

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final ExecutorService executor;
    private final int most;
    private final Runnable work;
    private final List<Future<?>> workers = new ArrayList<>();
    private int counted;
    private int held;

    Crew(ExecutorService executor, int most, Runnable work) {
        this.executor = executor;
        this.most = most;
        this.work = work;
    }

    /** Those that the run begins with. */
    void begin() {
        for (int i = 0; i < Math.min(most, PROCESSORS); i++) {
            start();
        }
    }

    /** A client holds one of the threads from now on; there is more to do, or not. */
    void holds(boolean more) {
        held++;
        if (more) {
            reinforce();
        }
    }

    /** The thread that a client held is back. */
    void returns() {
        held--;
    }

    /** There is something to do: another thread, if those that are not held are too few. */
    void reinforce() {
        if (counted < most && counted - held < PROCESSORS) {
            try {
                start();
            } catch (IllegalStateException e) {
                // Closing the runner breaks off the run, where its outcomes are delivered.
                return;
            }
        }
    }

    /** A thread no longer counts, and another takes its place. */
    void replace(boolean isHeld) {
        counted--;
        held -= isHeld ? 1 : 0;
        start();
    }

    /** A thread has nothing to do any more. */
    void leaves() {
        counted--;
    }

    void interrupt() {
        workers.forEach(worker -> worker.cancel(true));
    }

    private void start() {
        try {
            workers.removeIf(Future::isDone);
            workers.add(executor.submit(work));
            counted++;
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the runner is closed", e);
        }
    }
}
