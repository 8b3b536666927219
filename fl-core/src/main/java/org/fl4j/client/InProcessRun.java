package org.fl4j.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a cohort. Workers claim positions in order, at most a window ahead of what is delivered; the calling
 * thread delivers the outcomes in order. The run closes when all is claimed, enough have completed, the deadline has
 * passed or something broke; what a worker brings after that is dropped.
 */
final class InProcessRun<R> {

    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final List<ClientId> cohort;
    private final ClientWork<R> work;
    private final RunLimits limits;
    private final int window;
    private final List<@Nullable ClientOutcome<R>> arrived;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int claimed;
    private int delivered;
    private int completed;
    private boolean closed;
    private @Nullable Error error;

    InProcessRun(List<ClientId> cohort, ClientWork<R> work, RunLimits limits, int window) {
        this.cohort = cohort;
        this.work = work;
        this.limits = limits;
        this.window = window;
        this.arrived = new ArrayList<>(Collections.nCopies(cohort.size(), null));
    }

    void deliver(ExecutorService executor, int threads, Consumer<? super ClientOutcome<R>> sink) {
        long deadline =
                System.nanoTime() + (limits.deadline().compareTo(LONGEST) > 0 ? LONGEST : limits.deadline()).toNanos();
        List<Future<?>> workers = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                workers.add(executor.submit(this::workLoop));
            }
            for (int position = 0; position < cohort.size(); position++) {
                sink.accept(await(position, deadline));
            }
        } finally {
            close();
            workers.forEach(worker -> worker.cancel(true));
        }
    }

    private void workLoop() {
        int position = claim();
        while (position >= 0) {
            ClientOutcome<R> outcome = perform(cohort.get(position));
            if (outcome == null) {
                return;
            }
            arrive(position, outcome);
            position = claim();
        }
    }

    private @Nullable ClientOutcome<R> perform(ClientId client) {
        try {
            return work.perform(client);
        } catch (Exception e) {
            return new ClientOutcome.Failed<>(client, e);
        } catch (Error e) {
            fail(e);
            return null;
        }
    }

    private int claim() {
        lock.lock();
        try {
            while (!closed && claimed < cohort.size() && claimed - delivered >= window) {
                changed.awaitUninterruptibly();
            }
            return closed || claimed == cohort.size() ? -1 : claimed++;
        } finally {
            lock.unlock();
        }
    }

    private void arrive(int position, ClientOutcome<R> outcome) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            arrived.set(position, outcome);
            if (outcome instanceof ClientOutcome.Completed && ++completed == limits.enough()) {
                closed = true;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void fail(Error e) {
        lock.lock();
        try {
            error = error == null ? e : error;
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The outcome of the next position: what arrived, or why nothing did. */
    private ClientOutcome<R> await(int position, long deadline) {
        lock.lock();
        try {
            long left = deadline - System.nanoTime();
            while (arrived.get(position) == null && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (error != null) {
                throw error;
            }
            ClientOutcome<R> outcome = arrived.set(position, null);
            delivered++;
            if (outcome == null && !closed) {
                closed = true;
            }
            changed.signalAll();
            return outcome != null ? outcome : missing(cohort.get(position));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunInterruptedException(
                    "interrupted after " + delivered + " of " + cohort.size() + " clients; the state before is valid");
        } finally {
            lock.unlock();
        }
    }

    private ClientOutcome<R> missing(ClientId client) {
        return completed >= limits.enough()
                ? new ClientOutcome.Surplus<>(client)
                : new ClientOutcome.TimedOut<>(client, limits.deadline());
    }
}
