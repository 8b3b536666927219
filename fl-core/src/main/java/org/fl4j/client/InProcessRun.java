package org.fl4j.client;

import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
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
    private final long deadline;
    private final List<@Nullable ClientOutcome<R>> arrived;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int claimed;
    private int delivered;
    private int completed;
    private boolean closed;
    private @Nullable Throwable broken;

    InProcessRun(List<ClientId> cohort, ClientWork<R> work, RunLimits limits, int window) {
        this.cohort = cohort;
        this.work = work;
        this.limits = limits;
        this.window = window;
        this.deadline =
                System.nanoTime() + (limits.deadline().compareTo(LONGEST) > 0 ? LONGEST : limits.deadline()).toNanos();
        this.arrived = new ArrayList<>(Collections.nCopies(cohort.size(), null));
    }

    void deliver(ExecutorService executor, int threads, Consumer<? super ClientOutcome<R>> sink) {
        List<Future<?>> workers = new ArrayList<>();
        try {
            for (int i = 0; i < threads; i++) {
                workers.add(start(executor));
            }
            for (int position = 0; position < cohort.size(); position++) {
                sink.accept(await(position));
            }
        } finally {
            close();
            workers.forEach(worker -> worker.cancel(true));
        }
    }

    private Future<?> start(ExecutorService executor) {
        try {
            return executor.submit(this::workLoop);
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("the runner is closed", e);
        }
    }

    /** Ends the run from another thread: what broke is thrown where the outcomes are delivered. */
    void breakOff(Throwable cause) {
        lock.lock();
        try {
            broken = broken == null ? cause : broken;
            close();
        } finally {
            lock.unlock();
        }
    }

    /** Whatever escapes here would leave a position that never arrives, and the caller waiting for it. */
    private void workLoop() {
        try {
            for (int position = claim(); position >= 0; position = claim()) {
                arrive(position, perform(cohort.get(position)));
            }
        } catch (ServerFailureException e) {
            breakOff(Objects.requireNonNullElse(e.getCause(), e));
        } catch (Throwable t) {
            breakOff(t);
        }
    }

    private ClientOutcome<R> perform(ClientId client) {
        try {
            ClientOutcome<R> outcome = work.perform(client);
            Objects.requireNonNull(outcome, () -> "the work for client '" + client + "' returned no outcome");
            if (!outcome.client().equals(client)) {
                throw new IllegalStateException("the work for client '" + client + "' returned an outcome of client '"
                        + outcome.client() + "'");
            }
            return outcome;
        } catch (Throwable t) {
            return ServerFailureException.failed(client, t);
        }
    }

    private int claim() {
        lock.lock();
        try {
            while (!isOver() && claimed < cohort.size() && claimed - delivered >= window) {
                changed.awaitUninterruptibly();
            }
            if (isOver() || claimed == cohort.size()) {
                return -1;
            }
            clearInterrupt();
            return claimed++;
        } finally {
            lock.unlock();
        }
    }

    /** Our own interrupts follow the closing of the run, so this one was left by the client before. */
    @SuppressWarnings("ResultOfMethodCallIgnored")
    private static void clearInterrupt() {
        Thread.interrupted();
    }

    private void arrive(int position, ClientOutcome<R> outcome) {
        lock.lock();
        try {
            if (isOver()) {
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

    /** Also while the calling thread is busy with an outcome and waits for none. Under the lock. */
    private boolean isOver() {
        if (!closed && deadline - System.nanoTime() <= 0) {
            close();
        }
        return closed;
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
    private ClientOutcome<R> await(int position) {
        lock.lock();
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            while (arrived.get(position) == null && !isOver()) {
                changed.awaitNanos(deadline - System.nanoTime());
            }
            throwIfBroken();
            ClientOutcome<R> outcome = arrived.set(position, null);
            delivered++;
            changed.signalAll();
            return outcome != null ? outcome : missing(position);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunInterruptedException(
                    "interrupted after " + delivered + " of " + cohort.size() + " clients; the state before is valid");
        } finally {
            lock.unlock();
        }
    }

    private void throwIfBroken() {
        if (broken instanceof Error error) {
            throw error;
        }
        if (broken instanceof RuntimeException exception) {
            throw exception;
        }
        if (broken != null) {
            throw new UndeclaredThrowableException(broken);
        }
    }

    /** Positions are claimed in order. */
    private ClientOutcome<R> missing(int position) {
        ClientId client = cohort.get(position);
        if (completed >= limits.enough()) {
            return new ClientOutcome.Surplus<>(client);
        }
        return position < claimed
                ? new ClientOutcome.TimedOut<>(client, limits.deadline())
                : new ClientOutcome.NotStarted<>(client, limits.deadline());
    }
}
