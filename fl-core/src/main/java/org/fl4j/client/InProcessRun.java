package org.fl4j.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
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
 * <p>Work that begins and leaves its thread is pending until its answer is there; then a worker does the rest, before it claims another
 * position. On the thread that brings the answer it is only put into a queue.
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
    private final Crew crew;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<ClientCall<R>> underWay = new LinkedHashSet<>();
    private final Set<ClientCall<R>> pending = new LinkedHashSet<>();
    private final Deque<ClientCall<R>> answered = new ArrayDeque<>();
    private final Breakage broken = new Breakage();
    private int claimed;
    private int delivered;
    private int kept;
    private int completed;
    private boolean closed;

    InProcessRun(
            List<ClientId> cohort,
            ClientRunner.Work<R> work,
            ClientRunner.Limits limits,
            int window,
            int lane,
            LostThreads lost,
            ExecutorService executor,
            int threads) {
        this.cohort = cohort;
        this.work = work;
        this.limits = limits;
        this.window = window;
        this.lost = lost;
        long time = (limits.deadline().compareTo(LONGEST) > 0 ? LONGEST : limits.deadline()).toNanos();
        this.deadline = System.nanoTime() + time;
        this.patience = new Patience(time);
        this.lanes = new Lanes<>(cohort.size(), lane);
        this.crew = new Crew(executor, threads, this::workLoop);
    }

    void deliver(Sink<R> sink) {
        try {
            begin();
            while (delivered < cohort.size()) {
                int position = await();
                keep(sink.accept(position, take(position)));
            }
        } finally {
            close();
            abandonCalls();
        }
    }

    private void begin() {
        locked(crew::begin);
    }

    private void locked(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the run from another thread: what broke is thrown where the outcomes are delivered. */
    void breakOff(Throwable cause) {
        locked(() -> {
            broken.by(cause);
            close();
        });
    }

    /** Whatever escapes here would leave a position that never arrives, and the caller waiting for it. */
    private void workLoop() {
        try {
            ClientCall<R> call = claim();
            while (call != null) {
                call = perform(call) ? claim() : null;
            }
        } catch (Throwable t) {
            Throwable cause = t instanceof ClientRunner.ServerFailureException ? t.getCause() : t;
            breakOffUnlessOver(Objects.requireNonNullElse(cause, t));
        }
    }

    /** Whether the thread is there for the next client. */
    private boolean perform(ClientCall<R> call) {
        ClientOutcome<R> outcome = null;
        boolean isPending = false;
        boolean stays;
        try {
            outcome = outcome(call);
            isPending = outcome == null;
        } finally {
            stays = end(call, outcome, isPending);
        }
        if (isPending) {
            await(call);
        }
        return stays;
    }

    /** Null while the client is at work without a thread. */
    private @Nullable ClientOutcome<R> outcome(ClientCall<R> call) {
        ClientId client = cohort.get(call.position);
        try {
            if (!call.isRest()) {
                if (!call.begin(work, client)) {
                    return null;
                }
                hold(call);
            }
            return call.rest(client);
        } catch (Throwable t) {
            return ClientRunner.ServerFailureException.failed(client, t);
        }
    }

    /** The whole work is done on this thread. */
    private void hold(ClientCall<R> call) {
        locked(() -> {
            call.holds = !call.lost;
            if (call.holds) {
                crew.holds(!isOver() && isMore());
            }
        });
    }

    private void await(ClientCall<R> call) {
        CompletableFuture<?> unused = call.answer().whenComplete((rest, thrown) -> answered(call));
        if (call.dropped) {
            call.answer().cancel(true);
        }
    }

    /** On a thread of somebody else's. */
    private void answered(ClientCall<R> call) {
        locked(() -> {
            if (pending.remove(call) && !isOver()) {
                answered.add(call);
                crew.reinforce();
                changed.signalAll();
            }
        });
    }

    private @Nullable ClientCall<R> claim() {
        lock.lock();
        try {
            while (!isOver() && !isMore() && (claimed < cohort.size() || !pending.isEmpty())) {
                changed.awaitUninterruptibly();
            }
            if (isOver() || !isMore()) {
                crew.leaves();
                return null;
            }
            clearInterrupt();
            ClientCall<R> call = answered.isEmpty()
                    ? new ClientCall<>(claimed++, null)
                    : answered.remove().again();
            underWay.add(call);
            return call;
        } finally {
            lock.unlock();
        }
    }

    /** Whether there is something to do for a worker. */
    private boolean isMore() {
        return !answered.isEmpty() || (claimed < cohort.size() && !isFull());
    }

    private boolean isFull() {
        return claimed - delivered + kept >= window;
    }

    /** Our own interrupts follow the closing of the run, so this one was left by the client before. */
    @SuppressWarnings("ResultOfMethodCallIgnored")
    private static void clearInterrupt() {
        Thread.interrupted();
    }

    private boolean end(ClientCall<R> call, @Nullable ClientOutcome<R> outcome, boolean isPending) {
        lock.lock();
        try {
            underWay.remove(call);
            if (call.lost) {
                lost.returned();
            } else if (call.holds) {
                crew.returns();
            }
            call.dropped = isOver();
            if (!call.dropped) {
                if (isPending) {
                    pending.add(call);
                } else if (outcome != null) {
                    arrive(call, outcome);
                }
            }
            return !call.lost;
        } finally {
            lock.unlock();
        }
    }

    private void arrive(ClientCall<R> call, ClientOutcome<R> outcome) {
        lanes.arrive(call.position, outcome);
        if (outcome instanceof ClientOutcome.Completed) {
            if (call.holds || call.lost) {
                patience.completedIn(System.nanoTime() - call.started);
            }
            closed = ++completed == limits.enough();
        }
        changed.signalAll();
    }

    /** Also while the calling thread is busy with an outcome and waits for none. Under the lock. */
    private boolean isOver() {
        if (!closed && deadline - System.nanoTime() <= 0) {
            close();
        }
        return closed;
    }

    private void close() {
        locked(() -> {
            closed = true;
            changed.signalAll();
        });
    }

    /** A client that is late cannot break a run that has ended without it. */
    private void breakOffUnlessOver(Throwable cause) {
        locked(() -> {
            if (!isOver()) {
                breakOff(cause);
            }
        });
    }

    /** What is cancelled may run code of the client's, so not under the lock. */
    private void abandonCalls() {
        List<ClientCall<R>> waitedFor;
        lock.lock();
        try {
            for (ClientCall<R> call : underWay) {
                if (!call.lost) {
                    call.lost = true;
                    lost.add();
                }
            }
            waitedFor = List.copyOf(pending);
            pending.clear();
            answered.clear();
            crew.interrupt();
        } finally {
            lock.unlock();
        }
        waitedFor.forEach(call -> call.answer().cancel(true));
    }

    /** The next position to deliver: one that has arrived, or any once nothing more will. */
    private int await() {
        lock.lock();
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            while (!isOver() && lanes.ready() < 0) {
                changed.awaitNanos(Math.min(deadline - System.nanoTime(), replaceSlowThreads()));
            }
            broken.throwIfAny();
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
    private long replaceSlowThreads() {
        if (limits.equals(ClientRunner.Limits.NONE) || !isMore()) {
            return Long.MAX_VALUE;
        }
        long limit = patience.nanos();
        long now = System.nanoTime();
        long soonest = limit;
        for (ClientCall<R> call : underWay) {
            long left = limit - (now - call.started);
            if (!call.lost && left > 0) {
                soonest = Math.min(soonest, left);
            } else if (!call.lost && lost.tryAdd()) {
                call.lost = true;
                crew.replace(call.holds);
            }
        }
        return soonest;
    }

    private ClientOutcome<R> take(int position) {
        lock.lock();
        try {
            ClientOutcome<R> outcome = lanes.take(position);
            delivered++;
            makeRoom();
            return outcome != null ? outcome : missing(position);
        } finally {
            lock.unlock();
        }
    }

    private void keep(int updates) {
        locked(() -> {
            kept = updates;
            makeRoom();
        });
    }

    private void makeRoom() {
        if (!isOver() && isMore()) {
            crew.reinforce();
        }
        changed.signalAll();
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
