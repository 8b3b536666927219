package org.fl4j.spark;

import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.nd4j.NumericFingerprint;
import org.fl4j.server.BlockRound;
import org.fl4j.server.BlockSession;
import org.fl4j.state.ComponentState;
import org.fl4j.state.TravellingClientStates;

/**
 * What an executor's JVM keeps for one runner: the rule, the population with its pool of models and training plans, and what the
 * last rounds have in common. Made when the first task of the runner arrives. Thread-safe.
 */
final class Workshop {

    /** A session that makes runner after runner must not fill its executors: of those without a task, so many are kept. */
    private static final int MOST_IDLE = 2;

    /** One that trains and one that evaluates, and those that asynchronous tasks began with. */
    private static final int SHARED = 8;

    private static final Map<String, Workshop> BY_RUNNER = new LinkedHashMap<>();

    private final Aggregator rule;
    private final ClientProvider clients;
    private final Optional<BlockSession> blocks;
    private final InProcessRunner runner = InProcessRunner.of(1);
    private final PresentData data = new PresentData();
    private final AtWork atWork = new AtWork();
    private final Map<Long, SoftReference<Object>> shared = new LinkedHashMap<>();

    /** How many are under way; guarded by the map of all. */
    private int tasks;

    private Workshop(ExecutorCode code) throws Exception {
        rule = code.rule().make();
        ClientProvider made = code.clients().clients(List.of(), data);
        clients = rule.localObjective().map(made::withObjective).orElse(made);
        blocks = rule instanceof LinearAggregator linear
                ? Optional.of(BlockSession.of(linear, made, runner))
                : Optional.empty();
    }

    /** What a task does there. */
    @FunctionalInterface
    interface Work {
        Answer in(Workshop shop) throws Exception;
    }

    /** Does a task's work in that of a runner, which is made for the first. */
    static Answer answer(String runner, Broadcast<byte[]> code, Work work) throws Exception {
        Workshop shop = enter(runner, code);
        try {
            return work.in(shop);
        } finally {
            synchronized (BY_RUNNER) {
                shop.tasks--;
            }
        }
    }

    private static Workshop enter(String runner, Broadcast<byte[]> code) throws Exception {
        synchronized (BY_RUNNER) {
            Workshop there = BY_RUNNER.remove(runner);
            if (there == null) {
                there = new Workshop((ExecutorCode) SerializedCode.read(code.value()));
                closeIdle();
            }
            BY_RUNNER.put(runner, there);
            there.tasks++;
            return there;
        }
    }

    /** Those that have had no task for longest. */
    private static void closeIdle() {
        List<String> idle = new ArrayList<>();
        BY_RUNNER.forEach((runner, shop) -> {
            if (shop.tasks == 0) {
                idle.add(runner);
            }
        });
        for (String runner : idle.subList(0, Math.max(0, idle.size() - MOST_IDLE))) {
            close(runner);
        }
    }

    /** Of a runner that is done, in this JVM. */
    static void close(String runner) {
        synchronized (BY_RUNNER) {
            Workshop there = BY_RUNNER.remove(runner);
            if (there != null) {
                there.runner.close();
            }
        }
    }

    /** What several tasks have in common, read once as long as there is memory for it: it holds global weights. */
    @SuppressWarnings("unchecked") // what is under a broadcast's number was put there by the same kind of task
    <T> T shared(Broadcast<byte[]> broadcast, Function<byte[], T> read) {
        synchronized (shared) {
            SoftReference<Object> kept = shared.remove(broadcast.id());
            Object there = kept == null ? null : kept.get();
            if (there == null) {
                there = read.apply(broadcast.value());
                kept = new SoftReference<>(there);
            }
            shared.put(broadcast.id(), kept);
            if (shared.size() > SHARED) {
                shared.remove(shared.keySet().iterator().next());
            }
            return (T) there;
        }
    }

    BlockRound begin(byte[] terms) {
        return blocks.orElseThrow(() -> new IllegalStateException("the server's rule is linear, but the one made for"
                        + " executors is " + rule + "; give SparkRunner the server's rule"))
                .begin(terms);
    }

    /** Does one client's work on another thread, so that the thread of the task can be interrupted whatever the client does. */
    @SuppressWarnings("try") // the pin is held, not used
    Answer call(CallTask task, ClientCallable work) {
        TravellingClientStates states = new TravellingClientStates(Map.of(task.client(), task.remembered()));
        ClientProvider population = clients.rememberingIn(states);
        List<ClientOutcome<byte[]>> outcomes = new ArrayList<>();
        try (NativeThreads pinned = NativeThreads.pinToOne()) {
            runner.run(
                    List.of(task.client()),
                    client -> new ClientOutcome.Completed<>(
                            client,
                            NativeThreads.pinned(() -> atWork.call(client, () -> work.call(population, client)))),
                    ClientRunner.Limits.NONE,
                    outcomes::add);
        }
        ClientOutcome<byte[]> outcome = outcomes.get(0);
        if (outcome instanceof ClientOutcome.Completed<byte[]> completed) {
            ComponentState staged =
                    states.staged(List.of(task.client())).getOrDefault(task.client(), ComponentState.EMPTY);
            return answer(Answer.Kind.RESULT, new CallResult(completed.result(), staged).toBytes());
        }
        return outcome instanceof ClientOutcome.Rejected<byte[]> rejected
                ? answer(Answer.Kind.REJECTED, rejected.reason())
                : answer(Answer.Kind.FAILED, ((ClientOutcome.Failed<byte[]>) outcome).reason());
    }

    /** What a client is to do. */
    @FunctionalInterface
    interface ClientCallable {
        byte[] call(ClientProvider population, ClientId client) throws Exception;
    }

    /** With the data of keyed clients at hand. */
    <T> T with(Map<ClientId, Object> its, Callable<T> work) throws Exception {
        data.add(its);
        try {
            return work.call();
        } finally {
            data.remove(its.keySet());
        }
    }

    static Answer answer(Answer.Kind kind, String words) {
        return answer(kind, words.getBytes(StandardCharsets.UTF_8));
    }

    static Answer answer(Answer.Kind kind, byte[] bytes) {
        SparkEnv env = SparkEnv.get();
        return new Answer(
                "executor " + env.executorId() + " on "
                        + env.blockManager().blockManagerId().host(),
                NumericFingerprint.ofThisProcess(),
                kind,
                bytes);
    }
}
