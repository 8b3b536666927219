package org.fl4j.client;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.internal.Check;

/**
 * Runs clients on threads of this JVM.
 *
 * <p><b>Memory.</b> At most {@link #withWindow window} updates are in flight, running or finished but not yet handed to the
 * sink, so memory does not grow with the cohort. Where outcomes are delivered in the order of the cohort
 * ({@link #run}), a straggler holds back those that finish after it once the window is full. Where they are collected in
 * blocks ({@link #runBlocks}), it holds back its own block only; each later block is kept as one sum, which counts as two
 * updates. The default window is twice the number of threads, so that a thread trains the next client while its last update
 * waits its turn; where stragglers are expected (a deadline, over-selection, remote clients), let it be larger.
 *
 * <p><b>Hung clients.</b> A client that misses the deadline is interrupted and abandoned: native code cannot be stopped, so
 * its thread serves no other client until it returns, and a new one replaces it. Under a deadline or over-selection that
 * happens within a run as well: a client that is at work for 8 times the mean time of those that have completed, but for no
 * less than 1 % and no more than half of the deadline, no longer counts as one of the {@code threads}; another thread goes on
 * with the next client, and the slow one may still complete. At most {@value #MOST_ABANDONED} threads are held like that,
 * see {@link #abandoned}; with more, none is replaced within a run, and once no thread is left a run throws.
 *
 * <p><b>Clients without threads.</b> A {@link NonBlockingClient} holds none while it is at work, and counts in the window. A run
 * begins with a thread a processor and adds one for each that a client holds, up to {@code threads}.
 *
 * <p>Threads are daemons, made when needed and gone after a minute without work or on {@link #close}. Thread-safe; runs
 * may overlap, each with its own threads. None of this changes what a run delivers for the same set of completed clients.
 */
public final class InProcessRunner implements ClientRunner, AutoCloseable {

    /** How many threads, beside a runner's own number, clients that do not return may hold before none is replaced: {@value}. */
    public static final int MOST_ABANDONED = 64;

    private static final int SMALL_WINDOW = 64;
    private static final long SMALL_MEGABYTES = 1;

    private final int threads;
    private final int window;
    private final ExecutorService executor;
    private final Set<InProcessRun<?>> underWay;
    private final Set<InProcessTasks<?>> streams;
    private final LostThreads lost;

    private InProcessRunner(
            int threads,
            int window,
            ExecutorService executor,
            Set<InProcessRun<?>> underWay,
            Set<InProcessTasks<?>> streams,
            LostThreads lost) {
        this.threads = threads;
        this.window = window;
        this.executor = executor;
        this.underWay = underWay;
        this.streams = streams;
        this.lost = lost;
    }

    /**
     * A runner with some threads.
     *
     * @param threads how many clients at a time, at least 1
     * @return the runner
     * @throws IllegalArgumentException if there is no thread
     */
    public static InProcessRunner of(int threads) {
        Check.atLeast("threads", threads, 1);
        AtomicInteger count = new AtomicInteger();
        ExecutorService executor = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "fl4j-client-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        return new InProcessRunner(
                threads,
                2 * threads,
                executor,
                ConcurrentHashMap.newKeySet(),
                ConcurrentHashMap.newKeySet(),
                new LostThreads());
    }

    /**
     * This runner, on the same threads, with another window.
     *
     * @param updates how many may be running or waiting for delivery, at least 1; fewer than the threads leave some idle
     * @return the runner
     * @throws IllegalArgumentException if there is no room for any
     */
    public InProcessRunner withWindow(int updates) {
        Check.atLeast("the window", updates, 1);
        return new InProcessRunner(threads, updates, executor, underWay, streams, lost);
    }

    /**
     * This runner, on the same threads, with a window for small updates: as many as fit into {@value #SMALL_MEGABYTES} MB, up to
     * {@value #SMALL_WINDOW}. Threads then hand over several at a time, which is what a round of clients that take
     * microseconds spends most of its time on.
     *
     * @param bytes of an update, at least 1
     * @return the runner; its window is no smaller than this one's
     */
    public InProcessRunner forUpdatesOf(long bytes) {
        Check.atLeast("bytes", bytes, 1);
        long fit = Math.min(SMALL_WINDOW, (SMALL_MEGABYTES << 20) / bytes);
        return withWindow((int) Math.max(window, fit));
    }

    /**
     * How many threads are held by clients that are no longer waited for. Each has what it borrowed, such as a pooled model,
     * until it returns.
     *
     * <p>Privacy: it is a count of clients, which a private rule keeps out of every report.
     *
     * @return at least 0; of all runners that share threads with this one
     */
    public int abandoned() {
        return lost.count();
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if this runner is closed, before the run or during it, or if every thread is held by a
     *     client that did not return
     */
    @Override
    public <R> void run(
            List<ClientId> cohort,
            ClientRunner.Work<R> work,
            ClientRunner.Limits limits,
            Consumer<? super ClientOutcome<R>> sink) {
        run(cohort, work, limits, Math.max(1, cohort.size()), delivered(sink));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException as {@link #run}
     */
    @Override
    public <R> void runInAnyOrder(
            List<ClientId> cohort,
            ClientRunner.Work<R> work,
            ClientRunner.Limits limits,
            Consumer<? super ClientOutcome<R>> sink) {
        run(cohort, work, limits, 1, delivered(sink));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException as {@link #run}
     */
    @Override
    public <R, A, B> void runBlocks(BlockWork<R, A, B> work, ClientRunner.Limits limits, Consumer<? super B> sink) {
        BlockFold<R, A, B> fold = new BlockFold<>(work, sink);
        run(work.cohort(), work, limits, work.blockSize(), fold::accept);
    }

    private static <R> InProcessRun.Sink<R> delivered(Consumer<? super ClientOutcome<R>> sink) {
        return (position, outcome) -> {
            sink.accept(outcome);
            return 0;
        };
    }

    private <R> void run(
            List<ClientId> cohort,
            ClientRunner.Work<R> work,
            ClientRunner.Limits limits,
            int lane,
            InProcessRun.Sink<R> sink) {
        int free = lost.left(threads);
        if (free < 1) {
            throw lost.all();
        }
        InProcessRun<R> run = new InProcessRun<>(
                cohort, work, limits, window, lane, lost, executor, Math.min(Math.min(free, window), cohort.size()));
        underWay.add(run);
        try {
            run.deliver(sink);
        } finally {
            underWay.remove(run);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>A task's deadline counts from when a thread takes it up. A client that misses it is interrupted and its thread
     * replaced, as in a run.
     */
    @Override
    public <R> TaskStream<R> open(Start start, Duration deadline, int ahead) {
        InProcessTasks<R> tasks = new InProcessTasks<>(executor, threads, deadline, lost, streams::remove);
        streams.add(tasks);
        return tasks;
    }

    /** Ends the threads, of every runner that shares them. Runs under way end with an exception, their clients are interrupted. */
    @Override
    public void close() {
        // In this order no run slips through: one that is not under way yet gets no thread.
        executor.shutdown();
        IllegalStateException cause = new IllegalStateException("the runner was closed during a run");
        underWay.forEach(run -> run.breakOff(cause));
        streams.forEach(stream -> stream.breakOff(cause));
        executor.shutdownNow();
    }

    @Override
    public String toString() {
        return "InProcessRunner[threads=" + threads + ", window=" + window + "]";
    }
}
