package org.fl4j.spark;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.fl4j.FederatedLearningException;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.UpdateRejectedException;

/**
 * Calls of single clients, each a job of one task: under rules that need every update, in evaluations, in the stage of a secure
 * round that trains, and where a block has failed as a whole. What the calls of a round have in common is broadcast once. Thread-safe.
 */
final class Calls {

    private final JavaSparkContext spark;
    private final SparkJobs jobs;
    private final Placement placement;
    private final AnswerCheck check;
    private final String runner;
    private final Broadcast<byte[]> code;
    private final Map<Object, Shared> shared = new ConcurrentHashMap<>();

    Calls(JavaSparkContext spark, Placement placement, AnswerCheck check, String runner, Broadcast<byte[]> code) {
        this.spark = spark;
        this.jobs = new SparkJobs(spark);
        this.placement = placement;
        this.check = check;
        this.runner = runner;
        this.code = code;
    }

    /** A broadcast, and how many calls need it; the last one to end leaves it for the next, which replaces what nobody needs. */
    private record Shared(Broadcast<byte[]> broadcast, AtomicInteger calls) {}

    /**
     * Begins a call.
     *
     * @param key tells what is asked from everything else that is
     * @param asked the bytes of the task for no client in particular; made if they are not out yet
     * @param task the client's own
     * @param what for whoever watches Spark
     * @return completes on one of Spark's threads; to be cancelled if nobody waits any more
     */
    CompletableFuture<CallTask.Result> call(Object key, Supplier<byte[]> asked, CallTask task, String what) {
        Shared common = share(key, asked);
        Object payload = Payload.of(task.toBytes(), spark);
        CompletableFuture<CallTask.Result> result = new CompletableFuture<>();
        SparkJobs.Job job = jobs.submit(
                placement.place(List.of(new Placement.Task(payload, List.of(task.client())))),
                new CallTasks(runner, code, common.broadcast),
                what + ", client " + task.client(),
                new SparkJobs.Listener() {
                    @Override
                    public void answered(int partition, byte[] answer) {
                        complete(result, answer);
                    }

                    @Override
                    public void ended(Optional<Throwable> why) {
                        why.ifPresent(cause -> result.completeExceptionally(whatBecame(cause)));
                    }
                });
        CompletableFuture<?> unused = result.whenComplete((value, thrown) -> {
            common.calls.decrementAndGet();
            Payload.destroy(payload);
            if (result.isCancelled()) {
                job.cancel();
            }
        });
        return result;
    }

    private void complete(CompletableFuture<CallTask.Result> result, byte[] bytes) {
        try {
            Answer answer = ClientRunner.ServerFailureException.ours(() -> check.read(bytes));
            switch (answer.kind()) {
                case RESULT -> result.complete(CallTask.Result.fromBytes(answer.bytes()));
                case REJECTED -> result.completeExceptionally(
                        new UpdateRejectedException(AnswerCheck.words(answer)));
                default -> result.completeExceptionally(new FailureOnExecutor(AnswerCheck.words(answer)));
            }
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    /** A job that was cancelled because nobody waits any more has completed its result before. */
    private static Throwable whatBecame(Throwable cause) {
        return LostExecutor.isWhy(cause) ? LostExecutor.of(cause) : serverFailure(LostExecutor.gaveUp(cause));
    }

    private static Throwable serverFailure(RuntimeException ours) {
        try {
            return ClientRunner.ServerFailureException.<RuntimeException>ours(() -> {
                throw ours;
            });
        } catch (ClientRunner.ServerFailureException e) {
            return e;
        }
    }

    private synchronized Shared share(Object key, Supplier<byte[]> asked) {
        Shared there = shared.get(key);
        if (there == null) {
            shared.values().removeIf(old -> {
                boolean isOver = old.calls.get() == 0;
                if (isOver) {
                    old.broadcast.destroy();
                }
                return isOver;
            });
            there = new Shared(spark.broadcast(asked.get()), new AtomicInteger());
            shared.put(key, there);
        }
        there.calls.incrementAndGet();
        return there;
    }

    synchronized void close() {
        shared.values().forEach(common -> common.broadcast.destroy());
        shared.clear();
    }

    /** What a client threw on an executor: its words, which name the class. */
    private static final class FailureOnExecutor extends FederatedLearningException {

        private static final long serialVersionUID = 1L;

        FailureOnExecutor(String words) {
            super(words);
        }

        @Override
        @SuppressWarnings("OverrideThrowableToString")
        public String toString() {
            return getMessage() == null ? "" : getMessage();
        }
    }
}
