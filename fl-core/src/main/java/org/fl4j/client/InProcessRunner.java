package org.fl4j.client;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs clients on threads of this JVM.
 *
 * <p>At most {@link #withWindow window} clients are in flight, running or finished but not yet handed to the sink, so
 * memory does not grow with the cohort. As delivery is in the order of the cohort, a straggler holds back those that finish after
 * it once the window is full. The default window is twice the number of threads, so that a thread trains the next client
 * while its last update waits its turn; where stragglers are expected (a deadline, over-selection, remote clients), let
 * it be the cohort's size.
 *
 * <p>A client that misses the deadline is interrupted and abandoned: native code cannot be stopped, so its thread goes
 * to nobody else until it returns, and a new one takes its place.
 *
 * <p>Threads are daemons, made when needed and gone after a minute without work or on {@link #close}. Thread-safe; runs
 * may overlap, each with its own threads.
 */
public final class InProcessRunner implements ClientRunner, AutoCloseable {

    private final int threads;
    private final int window;
    private final ExecutorService executor;
    private final Set<InProcessRun<?>> underWay;

    private InProcessRunner(int threads, int window, ExecutorService executor, Set<InProcessRun<?>> underWay) {
        this.threads = threads;
        this.window = window;
        this.executor = executor;
        this.underWay = underWay;
    }

    /**
     * A runner with some threads.
     *
     * @param threads how many clients at a time, at least 1
     * @return the runner
     * @throws IllegalArgumentException if there is no thread
     */
    public static InProcessRunner of(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1. Provided value: " + threads);
        }
        AtomicInteger count = new AtomicInteger();
        ExecutorService executor = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "fl4j-client-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        return new InProcessRunner(threads, 2 * threads, executor, ConcurrentHashMap.newKeySet());
    }

    /**
     * This runner, on the same threads, with another window.
     *
     * @param clients how many may be running or waiting for delivery, at least the number of threads
     * @return the runner
     * @throws IllegalArgumentException if that is fewer than the threads
     */
    public InProcessRunner withWindow(int clients) {
        if (clients < threads) {
            throw new IllegalArgumentException(
                    "the window must be at least the number of threads, " + threads + ". Provided value: " + clients);
        }
        return new InProcessRunner(threads, clients, executor, underWay);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if this runner is closed, before the run or during it
     */
    @Override
    public <R> void run(
            List<ClientId> cohort, ClientWork<R> work, RunLimits limits, Consumer<? super ClientOutcome<R>> sink) {
        InProcessRun<R> run = new InProcessRun<>(cohort, work, limits, window);
        underWay.add(run);
        try {
            run.deliver(executor, Math.min(threads, cohort.size()), sink);
        } finally {
            underWay.remove(run);
        }
    }

    /** Ends the threads, of every runner that shares them. Runs under way end with an exception, their clients are interrupted. */
    @Override
    public void close() {
        // In this order no run slips through: one that is not under way yet gets no thread.
        executor.shutdown();
        underWay.forEach(run -> run.breakOff(new IllegalStateException("the runner was closed during a run")));
        executor.shutdownNow();
    }

    @Override
    public String toString() {
        return "InProcessRunner[threads=" + threads + ", window=" + window + "]";
    }
}
