package org.fl4j.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.TaskStream;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;

/**
 * Runs clients in virtual time: they train as fast as the runner below can, while a {@link Latency} says when each of
 * them is done. Deadlines and over-selection go by that, so a run with stragglers is the same on any number of
 * threads and after any resume, and takes no longer than its training. How much time has passed is in {@code
 * ServerState.time}.
 *
 * <pre>{@code
 * try (InProcessRunner threads = InProcessRunner.of(2);
 *         FederatedServer server = FederatedServer.with(FedAvg.byExamples())
 *                 .runner(VirtualRunner.over(threads, Latency.pareto(Duration.ofSeconds(10), 1.2)))
 *                 .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMinutes(1)))
 * }</pre>
 *
 * <ul>
 *   <li>A client whose time exceeds the deadline is {@link ClientOutcome.TimedOut} and does not train.
 *   <li>Where some are enough, those that are done first train, at equal times by their position in the cohort. For
 *       each one that fails or is rejected, which is known when it would have been done, the next one trains. The
 *       others are {@link ClientOutcome.Surplus}. What those that trained answered is kept until enough have
 *       completed.
 *   <li>A round ends when enough have completed; where too few do, at its deadline if a client was late, and with the
 *       last client otherwise.
 *   <li>Asynchronous rounds take arrivals in the order of their times, at equal times in the order of their starts. Tasks
 *       are trained before they arrive, up to 16 side by side, with at most {@value VirtualTasks#MOST_KEPT} updates, or twice a
 *       larger buffer, waiting for their time.
 *   <li>A round for which nobody is available lasts until someone is, see {@link AvailabilityWindows}.
 *   <li>Under a secure rule each stage is a pass of its own, with latencies of its own.
 *   <li>Outside a round, as in an evaluation, it is the runner below.
 *   <li>Sums are collected on the calling thread, in the order of the cohort.
 *   <li>Under a private rule no time is counted: how long a round took would show who took part.
 * </ul>
 *
 * <p>Thread-safe, as far as the runner below is; a round's own runner is of one thread.
 */
public final class VirtualRunner implements ClientRunner {

    /** Three hundred years: that of an own model which answers "never" can still be added up. */
    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    private final ClientRunner runner;
    private final Latency latency;

    private VirtualRunner(ClientRunner runner, Latency latency) {
        this.runner = runner;
        this.latency = latency;
    }

    /**
     * A runner.
     *
     * @param runner trains; not closed by this one
     * @param latency when clients are done
     */
    public static VirtualRunner over(ClientRunner runner, Latency latency) {
        return new VirtualRunner(runner, latency);
    }

    @Override
    public Optional<String> objection(ClientProvider clients) {
        return runner.objection(clients);
    }

    @Override
    public ClientRunner startRound(Start start) {
        return new OfRound(runner, latency, start);
    }

    @Override
    public boolean countsTime() {
        return true;
    }

    @Override
    public <R> void run(List<ClientId> cohort, Work<R> work, Limits limits, Consumer<? super ClientOutcome<R>> sink) {
        runner.run(cohort, work, limits, sink);
    }

    @Override
    public <R> TaskStream<R> open(Start start, Duration deadline, int ahead) {
        return new VirtualTasks<>(runner, latency, start, deadline, ahead);
    }

    @Override
    public String toString() {
        return "VirtualRunner[" + runner + "]";
    }

    /** How long a client takes in a pass of a round; an asynchronous task is the first pass of the round that it started in. */
    static Duration time(Latency latency, ClientId client, long seed, int round, int attempt, int pass) {
        long its = latency.isPerClient()
                ? Seeds.derive(seed, 0, client.value(), "latency")
                : Seeds.derive(Seeds.ofAttempt(seed, round, attempt), round, client.value(), "latency " + pass);
        Duration time = latency.draw(client, new DeterministicRandom(its));
        if (time.isNegative()) {
            throw new IllegalStateException(
                    "round " + round + ": the latency of a client must not be negative, but was " + time);
        }
        return time.compareTo(LONGEST) > 0 ? LONGEST : time;
    }

    /** One round: its passes go one after another. */
    private static final class OfRound implements ClientRunner {

        private final ClientRunner runner;
        private final Latency latency;
        private final Start start;
        private int passes;
        private Duration elapsed = Duration.ZERO;

        OfRound(ClientRunner runner, Latency latency, Start start) {
            this.runner = runner.startRound(start);
            this.latency = latency;
            this.start = start;
        }

        @Override
        public Duration elapsed() {
            return elapsed;
        }

        /** Counts the time and returns at once. */
        @Override
        public void pause(Duration time) {
            elapsed = elapsed.plus(time);
        }

        @Override
        public boolean countsTime() {
            return true;
        }

        @Override
        public void passUntil(Duration time) {
            Duration wait = time.minus(start.time());
            elapsed = wait.compareTo(elapsed) > 0 ? wait : elapsed;
        }

        @Override
        public <R> void run(
                List<ClientId> cohort, Work<R> work, Limits limits, Consumer<? super ClientOutcome<R>> sink) {
            passes++;
            Duration[] times = new Duration[cohort.size()];
            Arrays.setAll(times, position -> time(cohort.get(position)));
            List<Integer> inTime = new ArrayList<>();
            for (int position = 0; position < times.length; position++) {
                if (times[position].compareTo(limits.deadline()) <= 0) {
                    inTime.add(position);
                }
            }
            Duration took = inTime.size() < limits.enough()
                    ? all(cohort, inTime, times, work, limits, sink)
                    : first(cohort, inTime, times, work, limits, sink);
            elapsed = elapsed.plus(took);
        }

        private Duration time(ClientId client) {
            return VirtualRunner.time(latency, client, start.seed(), start.round(), start.attempt(), passes);
        }

        /** All who are in time are needed: what they answer goes on as it comes. Returns how long it took. */
        private <R> Duration all(
                List<ClientId> cohort,
                List<Integer> inTime,
                Duration[] times,
                Work<R> work,
                Limits limits,
                Consumer<? super ClientOutcome<R>> sink) {
            int[] next = {0};
            runner.<R>run(clients(cohort, inTime), work, Limits.NONE, outcome -> {
                while (!cohort.get(next[0]).equals(outcome.client())) {
                    sink.accept(new ClientOutcome.TimedOut<>(cohort.get(next[0]++), limits.deadline()));
                }
                sink.accept(outcome);
                next[0]++;
            });
            while (next[0] < cohort.size()) {
                sink.accept(new ClientOutcome.TimedOut<>(cohort.get(next[0]++), limits.deadline()));
            }
            return inTime.size() < cohort.size()
                    ? limits.deadline()
                    : Arrays.stream(times).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
        }

        /** In the order of their times, until enough have completed. Returns how long it took. */
        private <R> Duration first(
                List<ClientId> cohort,
                List<Integer> inTime,
                Duration[] times,
                Work<R> work,
                Limits limits,
                Consumer<? super ClientOutcome<R>> sink) {
            inTime.sort(Comparator.comparing((Integer position) -> times[position])
                    .thenComparing(Comparator.naturalOrder()));
            Map<ClientId, ClientOutcome<R>> outcomes = new HashMap<>();
            int missing = limits.enough();
            int called = 0;
            while (missing > 0 && called < inTime.size()) {
                int end = Math.min(inTime.size(), called + missing);
                List<Integer> batch =
                        inTime.subList(called, end).stream().sorted().toList();
                runner.<R>run(
                        clients(cohort, batch), work, Limits.NONE, outcome -> outcomes.put(outcome.client(), outcome));
                for (int position : batch) {
                    missing -= outcomes.get(cohort.get(position)) instanceof ClientOutcome.Completed ? 1 : 0;
                }
                called = end;
            }
            // Where they were not enough, all in time were called.
            for (ClientId client : cohort) {
                sink.accept(outcomes.getOrDefault(
                        client,
                        missing == 0
                                ? new ClientOutcome.Surplus<>(client)
                                : new ClientOutcome.TimedOut<>(client, limits.deadline())));
            }
            return missing > 0 && inTime.size() < cohort.size() ? limits.deadline() : times[inTime.get(called - 1)];
        }

        private static List<ClientId> clients(List<ClientId> cohort, List<Integer> positions) {
            return positions.stream().map(cohort::get).toList();
        }
    }
}
