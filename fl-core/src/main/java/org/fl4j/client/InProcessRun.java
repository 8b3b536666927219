package org.fl4j.client;

import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a cohort. Workers claim positions in order, at most a window ahead of what is delivered; the calling
 * thread delivers the outcomes, in order within each {@linkplain Lanes lane}. The run closes when all is claimed, enough
 * have completed, the deadline has passed or something broke; what a worker brings after that is dropped.
 *
 * <p>Under a limit, a client that is at work for longer than the run's {@link Patience} has its thread to itself: another
 * takes the next clients. It may still complete in time.
 */
final class InProcessRun<R> {

    /** Receives the outcomes, on the calling thread. */
    @FunctionalInterface
    interface Sink<R> {

        /** Returns how many updates' memory is kept until others arrive. */
        int accept(int position, ClientOutcome<R> outcome);
    }

    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final List<ClientId> cohort;
    private final ClientRunner.Work<R> work;
    private final ClientRunner.Limits limits;
    private final int window;
    private final LostThreads lost;
    private final long deadline;
    private final Patience patience;
    private final Lanes<R> lanes;
    private final List<Future<?>> workers = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Call> underWay = new LinkedHashSet<>();
    private int claimed;
    private int delivered;
    private int kept;
    private int completed;
    private boolean closed;
    private @Nullable Throwable broken;

    InProcessRun(
            List<ClientId> cohort,
            ClientRunner.Work<R> work,
            ClientRunner.Limits limits,
            int window,
            int lane,
            LostThreads lost) {
        this.cohort = cohort;
        this.work = work;
        this.limits = limits;
        this.window = window;
        this.lost = lost;
        long time = (limits.deadline().compareTo(LONGEST) > 0 ? LONGEST : limits.deadline()).toNanos();
        this.deadline = System.nanoTime() + time;
        this.patience = new Patience(time);
        this.lanes = new Lanes<>(cohort.size(), lane);
    }

    void deliver(ExecutorService executor, int threads, Sink<R> sink) {
        try {
            for (int i = 0; i < threads; i++) {
                start(executor);
            }
            while (delivered < cohort.size()) {
                int position = await(executor);
                keep(sink.accept(position, take(position)));
            }
        } finally {
            close();
            abandonCalls();
            workers.forEach(worker -> worker.cancel(true));
        }
    }

    private void start(ExecutorService executor) {
        try {
            workers.add(executor.submit(this::workLoop));
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
            Call call = claim();
            while (call != null) {
                call = perform(call) ? claim() : null;
            }
        } catch (Throwable t) {
            Throwable cause = t instanceof ClientRunner.ServerFailureException ? t.getCause() : t;
            breakOffUnlessOver(Objects.requireNonNullElse(cause, t));
        }
    }

    /** Whether the thread is there for the next client. */
    private boolean perform(Call call) {
        ClientOutcome<R> outcome = null;
        boolean stays;
        try {
            outcome = outcome(cohort.get(call.position));
        } finally {
            stays = end(call, outcome);
        }
        return stays;
    }

    private ClientOutcome<R> outcome(ClientId client) {
        try {
            ClientOutcome<R> outcome = work.perform(client);
            Objects.requireNonNull(outcome, () -> "the work for client '" + client + "' returned no outcome");
            if (!outcome.client().equals(client)) {
                throw new IllegalStateException("the work for client '" + client + "' returned an outcome of client '"
                        + outcome.client() + "'");
            }
            return outcome;
        } catch (Throwable t) {
            return ClientRunner.ServerFailureException.failed(client, t);
        }
    }

    private @Nullable Call claim() {
        lock.lock();
        try {
            while (!isOver() && claimed < cohort.size() && isFull()) {
                changed.awaitUninterruptibly();
            }
            if (isOver() || claimed == cohort.size()) {
                return null;
            }
            clearInterrupt();
            Call call = new Call(claimed++, System.nanoTime());
            underWay.add(call);
            return call;
        } finally {
            lock.unlock();
        }
    }

    private boolean isFull() {
        return claimed - delivered + kept >= window;
    }

    /** Our own interrupts follow the closing of the run, so this one was left by the client before. */
    @SuppressWarnings("ResultOfMethodCallIgnored")
    private static void clearInterrupt() {
        Thread.interrupted();
    }

    private boolean end(Call call, @Nullable ClientOutcome<R> outcome) {
        lock.lock();
        try {
            underWay.remove(call);
            if (call.lost) {
                lost.returned();
            }
            if (outcome != null && !isOver()) {
                lanes.arrive(call.position, outcome);
                if (outcome instanceof ClientOutcome.Completed) {
                    patience.completedIn(System.nanoTime() - call.started);
                    closed = ++completed == limits.enough();
                }
                changed.signalAll();
            }
            return !call.lost;
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

    /** A client that is late cannot break a run that has ended without it. */
    private void breakOffUnlessOver(Throwable cause) {
        lock.lock();
        try {
            if (!isOver()) {
                breakOff(cause);
            }
        } finally {
            lock.unlock();
        }
    }

    private void abandonCalls() {
        lock.lock();
        try {
            for (Call call : underWay) {
                if (!call.lost) {
                    call.lost = true;
                    lost.add();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** The next position to deliver: one that has arrived, or any once nothing more will. */
    private int await(ExecutorService executor) {
        lock.lock();
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            while (!isOver() && lanes.ready() < 0) {
                changed.awaitNanos(Math.min(deadline - System.nanoTime(), replaceSlowThreads(executor)));
            }
            throwIfBroken();
            return closed ? lanes.first() : lanes.ready();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            // Without a count of clients: the message leaves a private run, too.
            throw new RunInterruptedException("interrupted; the state before is valid");
        } finally {
            lock.unlock();
        }
    }

    /** Returns after how many nanoseconds to look again. */
    private long replaceSlowThreads(ExecutorService executor) {
        if (limits.equals(ClientRunner.Limits.NONE) || claimed == cohort.size() || isFull()) {
            return Long.MAX_VALUE;
        }
        long limit = patience.nanos();
        long now = System.nanoTime();
        long soonest = limit;
        for (Call call : underWay) {
            long left = limit - (now - call.started);
            if (!call.lost && left > 0) {
                soonest = Math.min(soonest, left);
            } else if (!call.lost && lost.tryAdd()) {
                call.lost = true;
                start(executor);
            }
        }
        return soonest;
    }

    private ClientOutcome<R> take(int position) {
        lock.lock();
        try {
            ClientOutcome<R> outcome = lanes.take(position);
            delivered++;
            changed.signalAll();
            return outcome != null ? outcome : missing(position);
        } finally {
            lock.unlock();
        }
    }

    private void keep(int updates) {
        lock.lock();
        try {
            kept = updates;
            changed.signalAll();
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

    /** One client's turn on a thread. Guarded by the run's lock. */
    private static final class Call {

        private final int position;
        private final long started;
        private boolean lost;

        Call(int position, long started) {
            this.position = position;
            this.started = started;
        }
    }
}
