package org.fl4j.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.TaskStream;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that arrive when the model of latencies says. What a task computes depends on nothing that happens after its start,
 * so the ones that arrive next are trained ahead, side by side, and wait for their time.
 */
final class VirtualTasks<R> implements TaskStream<R> {

    /** How many are trained side by side, unless more arrivals are needed at once. */
    private static final int LEAST_AHEAD = 16;

    /** How many updates wait for their time, unless more arrivals are needed at once. */
    static final int MOST_KEPT = 2 * LEAST_AHEAD;

    private static final Comparator<Call<?>> ORDER =
            Comparator.comparing((Call<?> call) -> call.task.arrival()).thenComparing(call -> call.task.number());

    private final ClientRunner runner;
    private final Latency latency;
    private final long seed;
    private final Duration deadline;
    private final int ahead;

    private final PriorityQueue<Call<R>> queue = new PriorityQueue<>(ORDER);
    private final Set<ClientId> atWork = new HashSet<>();
    private Duration now;
    private int kept;

    VirtualTasks(ClientRunner runner, Latency latency, ClientRunner.Start start, Duration deadline, int ahead) {
        this.runner = runner;
        this.latency = latency;
        this.seed = start.seed();
        this.deadline = deadline;
        this.ahead = Math.max(LEAST_AHEAD, ahead);
        this.now = start.time();
    }

    @Override
    public Task start(Task task, ClientRunner.Work<R> work) {
        if (!atWork.add(task.client())) {
            throw new IllegalStateException(task + " cannot be started: its client has another under way");
        }
        Duration takes = VirtualRunner.time(latency, task.client(), seed, task.round(), 0, 1);
        boolean isLate = takes.compareTo(deadline) > 0;
        Task timed = task.isTimed() ? task : arrivingAt(task, now.plus(isLate ? deadline : takes));
        queue.add(new Call<>(timed, isLate, work));
        return timed;
    }

    private static Task arrivingAt(Task task, Duration arrival) {
        return new Task(task.number(), task.client(), task.round(), arrival);
    }

    @Override
    public boolean hasArrived() {
        Call<R> first = queue.peek();
        return first != null && first.task.arrival().compareTo(now) <= 0;
    }

    @Override
    public Arrival<R> next() {
        Call<R> call = queue.peek();
        if (call == null) {
            throw new IllegalStateException("no task is under way");
        }
        if (!call.isLate && call.outcome == null) {
            train();
        }
        queue.remove();
        atWork.remove(call.task.client());
        passUntil(call.task.arrival());
        if (call.outcome == null) {
            return new Arrival<>(call.task, new ClientOutcome.TimedOut<>(call.task.client(), deadline));
        }
        kept--;
        return new Arrival<>(call.task, call.outcome);
    }

    /** The next ones that have not been. */
    private void train() {
        int many = Math.max(1, Math.min(ahead, 2 * ahead - kept));
        List<Call<R>> batch = new ArrayList<>(many);
        queue.stream()
                .filter(call -> !call.isLate && call.outcome == null)
                .sorted(ORDER)
                .limit(many)
                .forEach(batch::add);
        Map<ClientId, Call<R>> byClient = new HashMap<>();
        batch.forEach(call -> byClient.put(call.task.client(), call));
        runner.<R>run(
                batch.stream().map(call -> call.task.client()).toList(),
                new Batch<>(byClient),
                ClientRunner.Limits.NONE,
                outcome -> {
                    call(byClient, outcome.client()).outcome = outcome;
                    kept++;
                });
    }

    private static <R> Call<R> call(Map<ClientId, Call<R>> byClient, ClientId client) {
        return Objects.requireNonNull(byClient.get(client));
    }

    /** Each client's own work. */
    private record Batch<R>(Map<ClientId, Call<R>> byClient) implements ClientRunner.Work<R> {

        @Override
        public ClientOutcome<R> perform(ClientId client) throws Exception {
            return call(byClient, client).work.perform(client);
        }

        @Override
        public CompletionStage<Callable<ClientOutcome<R>>> start(ClientId client) throws Exception {
            return call(byClient, client).work.start(client);
        }
    }

    @Override
    public void abandon(Task task) {
        queue.removeIf(call -> {
            boolean found = call.task.number() == task.number();
            if (found) {
                atWork.remove(call.task.client());
                kept -= call.outcome == null ? 0 : 1;
            }
            return found;
        });
    }

    @Override
    public Duration now() {
        return now;
    }

    @Override
    public void passUntil(Duration time) {
        now = time.compareTo(now) > 0 ? time : now;
    }

    @Override
    public void close() {
        queue.clear();
        atWork.clear();
        kept = 0;
    }

    private static final class Call<R> {

        private final Task task;
        private final boolean isLate;
        private final ClientRunner.Work<R> work;
        private @Nullable ClientOutcome<R> outcome;

        Call(Task task, boolean isLate, ClientRunner.Work<R> work) {
            this.task = task;
            this.isLate = isLate;
            this.work = work;
        }
    }
}
