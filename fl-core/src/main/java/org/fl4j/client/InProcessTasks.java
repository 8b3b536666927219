package org.fl4j.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.jspecify.annotations.Nullable;

/**
 * Tasks on threads of this JVM, in the order in which they are done. At most so many threads are at work; the others wait
 * their turn in the order of their start. A {@link NonBlockingClient} holds no thread while it is at work. One that misses its deadline loses its thread, which another replaces.
 */
final class InProcessTasks<R> implements TaskStream<R> {

    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 2);

    private final ExecutorService executor;
    private final int threads;
    private final Duration deadline;
    private final long patience;
    private final LostThreads lost;
    private final Consumer<InProcessTasks<R>> whenClosed;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Long, Call> underWay = new LinkedHashMap<>();
    /** Of all tasks that have not been taken. */
    private final Set<ClientId> clients = new HashSet<>();

    private final Deque<Call> waiting = new ArrayDeque<>();
    private final Deque<Arrival<R>> arrived = new ArrayDeque<>();
    private final Breakage broken = new Breakage();
    private int working;

    InProcessTasks(
            ExecutorService executor,
            int threads,
            Duration deadline,
            LostThreads lost,
            Consumer<InProcessTasks<R>> whenClosed) {
        this.executor = executor;
        this.threads = threads;
        this.deadline = deadline;
        this.patience = (deadline.compareTo(LONGEST) > 0 ? LONGEST : deadline).toNanos();
        this.lost = lost;
        this.whenClosed = whenClosed;
    }

    @Override
    public Task start(Task task, ClientRunner.Work<R> work) {
        Task started = new Task(task.number(), task.client(), task.round());
        Call call = new Call(started, work);
        lock.lock();
        try {
            if (!clients.add(task.client())) {
                throw new IllegalStateException(task + " cannot be started: its client has another under way");
            }
            underWay.put(task.number(), call);
            waiting.add(call);
            giveThreads();
        } finally {
            lock.unlock();
        }
        return started;
    }

    /** Under the lock. */
    private void giveThreads() {
        while (!waiting.isEmpty() && working < lost.left(threads)) {
            Call call = waiting.remove();
            working++;
            try {
                call.future = executor.submit(() -> perform(call));
            } catch (RejectedExecutionException e) {
                throw new IllegalStateException("the runner is closed", e);
            }
        }
    }

    private void perform(Call call) {
        ClientOutcome<R> outcome = null;
        Throwable ours = null;
        boolean isPending = false;
        if (!begin(call)) {
            return;
        }
        try {
            outcome = outcome(call);
            isPending = outcome == null;
        } catch (ClientRunner.ServerFailureException e) {
            ours = Objects.requireNonNullElse(e.getCause(), e);
        } catch (Throwable t) {
            ours = t;
        } finally {
            end(call, outcome, ours);
        }
        if (isPending) {
            await(call);
        }
    }

    private void await(Call call) {
        CompletableFuture<?> answer = call.turn.answer();
        if (isUnderWay(call)) {
            CompletableFuture<?> unused = answer.whenComplete((rest, thrown) -> answered(call));
        } else {
            answer.cancel(true);
        }
    }

    private boolean isUnderWay(Call call) {
        lock.lock();
        try {
            return underWay.get(call.task.number()) == call;
        } finally {
            lock.unlock();
        }
    }

    /** On a thread of somebody else's: what is left to do waits for a thread of the runner's. */
    private void answered(Call call) {
        lock.lock();
        try {
            if (underWay.get(call.task.number()) == call) {
                call.turn = call.turn.again();
                waiting.add(call);
                giveThreads();
            }
        } catch (IllegalStateException e) {
            broken.by(e);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether it is still wanted: one that was abandoned before its thread came to it holds none. */
    private boolean begin(Call call) {
        lock.lock();
        try {
            if (underWay.get(call.task.number()) != call) {
                return false;
            }
            call.isAtWork = true;
            call.started = call.turn.isRest() ? call.started : System.nanoTime();
            call.isStarted = true;
            // The deadline counts from now.
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Null while the client is at work without a thread. */
    private @Nullable ClientOutcome<R> outcome(Call call) {
        ClientId client = call.task.client();
        try {
            return call.turn.isRest() || call.turn.begin(call.work, client) ? call.turn.rest(client) : null;
        } catch (Throwable t) {
            return ClientRunner.ServerFailureException.failed(client, t);
        }
    }

    private void end(Call call, @Nullable ClientOutcome<R> outcome, @Nullable Throwable ours) {
        lock.lock();
        try {
            if (call.lost) {
                lost.returned();
                // A thread that was missing is there again.
                giveThreads();
                return;
            }
            working--;
            call.future = null;
            call.isAtWork = false;
            if (ours != null) {
                broken.by(ours);
            } else if (outcome != null) {
                underWay.remove(call.task.number());
                arrived.add(new Arrival<>(call.task, outcome));
            }
            giveThreads();
        } catch (IllegalStateException e) {
            broken.by(e);
        } finally {
            changed.signalAll();
            lock.unlock();
        }
    }

    /** Ends the stream from another thread: what broke is thrown by {@link #next}. */
    void breakOff(Throwable cause) {
        lock.lock();
        try {
            broken.by(cause);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean hasArrived() {
        lock.lock();
        try {
            return !arrived.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Arrival<R> next() {
        lock.lock();
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            while (!broken.isAny() && arrived.isEmpty()) {
                if (underWay.isEmpty()) {
                    throw new IllegalStateException("no task is under way");
                }
                long wait = timeOut();
                if (arrived.isEmpty()) {
                    changed.awaitNanos(wait);
                }
            }
            broken.throwIfAny();
            Arrival<R> first = arrived.remove();
            clients.remove(first.task().client());
            return first;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunInterruptedException("interrupted; the state before is valid");
        } finally {
            lock.unlock();
        }
    }

    /** Lets those that are late arrive as such. Returns after how many nanoseconds to look again. */
    private long timeOut() {
        long now = System.nanoTime();
        long soonest = Long.MAX_VALUE;
        for (Call call : new ArrayList<>(underWay.values())) {
            long left = !call.isStarted ? Long.MAX_VALUE : patience - (now - call.started);
            if (left <= 0) {
                abandon(call);
                arrived.add(new Arrival<>(call.task, new ClientOutcome.TimedOut<>(call.task.client(), deadline)));
            } else {
                soonest = Math.min(soonest, left);
            }
        }
        if (arrived.isEmpty() && working == 0 && lost.left(threads) < 1) {
            throw lost.all();
        }
        return soonest;
    }

    @Override
    public void abandon(Task task) {
        lock.lock();
        try {
            Call call = underWay.get(task.number());
            if (call != null) {
                abandon(call);
                clients.remove(task.client());
            } else if (arrived.removeIf(arrival -> arrival.task().number() == task.number())) {
                clients.remove(task.client());
            }
        } finally {
            lock.unlock();
        }
    }

    private void abandon(Call call) {
        underWay.remove(call.task.number());
        waiting.remove(call);
        if (call.future != null) {
            working--;
            if (call.isAtWork) {
                // Its thread counts as lost until the client returns: native code cannot be stopped.
                call.lost = true;
                lost.add();
            }
            call.future.cancel(true);
            giveThreads();
        } else if (call.turn.isRest()) {
            cancel(call.turn.answer());
        }
    }

    /** It may run code of the client's, so not under the lock. */
    private void cancel(Future<?> answer) {
        try {
            executor.execute(() -> answer.cancel(true));
        } catch (RejectedExecutionException e) {
            answer.cancel(true);
        }
    }

    @Override
    public Duration now() {
        return Duration.ZERO;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            waiting.clear();
            List<Call> all = new ArrayList<>(underWay.values());
            all.forEach(this::abandon);
            arrived.clear();
            clients.clear();
        } finally {
            lock.unlock();
            whenClosed.accept(this);
        }
    }

    /** One task's turn. Guarded by the lock. */
    private final class Call {

        private final Task task;
        private final ClientRunner.Work<R> work;
        private ClientCall<R> turn = new ClientCall<>(0, null);
        private @Nullable Future<?> future;
        private boolean isStarted;
        private long started;
        private boolean isAtWork;
        private boolean lost;

        Call(Task task, ClientRunner.Work<R> work) {
            this.task = task;
            this.work = work;
        }
    }
}
