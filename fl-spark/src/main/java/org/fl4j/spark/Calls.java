package org.fl4j.spark;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
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
    private final boolean isPrivate;
    private final Map<Object, Shared> shared = new ConcurrentHashMap<>();
    private CompletableFuture<?> alone = CompletableFuture.completedFuture("");

    /** @param isPrivate whether nobody is told who is called: Spark keeps the descriptions of jobs in its event log */
    Calls(
            JavaSparkContext spark,
            Placement placement,
            AnswerCheck check,
            String runner,
            Broadcast<byte[]> code,
            boolean isPrivate) {
        this.isPrivate = isPrivate;
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
     * @return completes on a thread of the JVM's common pool; to be cancelled if nobody waits any more
     */
    CompletableFuture<CallResult> call(Object key, Supplier<byte[]> asked, CallTask task, String what) {
        Shared common = ClientRunner.ServerFailureException.ours(() -> share(key, asked));
        Object payload;
        try {
            payload = ClientRunner.ServerFailureException.ours(() -> Payload.of(task.toBytes(), spark));
        } catch (RuntimeException e) {
            common.calls.decrementAndGet();
            throw e;
        }
        Call call = new Call(
                new Placement.Task(payload, List.of(task.client())),
                new CallTasks(runner, code, common.broadcast),
                isPrivate ? what : what + ", client " + task.client(),
                () -> {
                    common.calls.decrementAndGet();
                    Payload.destroy(payload);
                });
        call.submit(this::again);
        return call.result;
    }

    /**
     * A client that ends its JVM takes the calls beside it along, each time that it is tried: those that were lost are tried once
     * more, one at a time.
     */
    private synchronized void again(Call call, Throwable lostBefore) {
        alone = alone.handle((value, thrown) -> "").thenCompose(before -> {
            call.submit(Call::fail);
            return call.result;
        });
    }

    /** One call, in one job after another. */
    private final class Call {

        private final Placement.Task task;
        private final CallTasks work;
        private final String what;
        private final Runnable letGo;
        private final CompletableFuture<CallResult> result = new CompletableFuture<>();

        /** @param letGo of what the job needs, once it has ended: Spark may still send it after it was cancelled */
        Call(Placement.Task task, CallTasks work, String what, Runnable letGo) {
            this.task = task;
            this.work = work;
            this.what = what;
            this.letGo = letGo;
        }

        void fail(Throwable lost) {
            result.completeExceptionally(LostExecutor.of(lost));
            letGo.run();
        }

        /** @param lost is told why, if the executor was lost each time */
        void submit(BiConsumer<Call, Throwable> lost) {
            if (result.isDone()) {
                letGo.run();
                return;
            }
            try {
                submitted(lost);
            } catch (RuntimeException e) {
                // Such as of a context that was stopped: no client's doing.
                result.completeExceptionally(serverFailure(e));
                letGo.run();
            }
        }

        private void submitted(BiConsumer<Call, Throwable> lost) {
            SparkJobs.Job job = jobs.submit(placement.place(List.of(task)), work, what, new SparkJobs.Listener() {
                @Override
                public void answered(int partition, byte[] answer) {
                    // Not here: what follows reads an update and writes to a store, and Spark has one thread for all
                    // jobs.
                    CompletableFuture<?> unused = CompletableFuture.runAsync(() -> complete(result, answer));
                }

                @Override
                public void ended(Optional<Throwable> why) {
                    if (why.isPresent() && LostExecutor.isWhy(why.get())) {
                        lost.accept(Call.this, why.get());
                        return;
                    }
                    why.ifPresent(cause -> result.completeExceptionally(serverFailure(LostExecutor.gaveUp(cause))));
                    letGo.run();
                }
            });
            CompletableFuture<?> unused = result.whenComplete((value, thrown) -> {
                if (result.isCancelled()) {
                    job.cancel();
                }
            });
        }
    }

    private void complete(CompletableFuture<CallResult> result, byte[] bytes) {
        try {
            Answer answer = ClientRunner.ServerFailureException.ours(() -> check.read(bytes));
            switch (answer.kind()) {
                case RESULT -> result.complete(CallResult.fromBytes(answer.bytes()));
                case REJECTED -> result.completeExceptionally(new UpdateRejectedException(answer.words()));
                default -> result.completeExceptionally(new FailureOnExecutor(answer.words()));
            }
        } catch (Throwable t) {
            result.completeExceptionally(t);
        }
    }

    private static Throwable serverFailure(RuntimeException ours) {
        try {
            return ClientRunner.ServerFailureException.<RuntimeException>ours(() -> {
                throw ours;
            });
        } catch (RuntimeException e) {
            return e;
        }
    }

    private synchronized Shared share(Object key, Supplier<byte[]> asked) {
        Shared there = shared.get(key);
        if (there == null) {
            letGo();
            there = new Shared(Broadcasts.of(asked.get(), spark), new AtomicInteger());
            shared.put(key, there);
        }
        there.calls.incrementAndGet();
        return there;
    }

    private void letGo() {
        shared.values().removeIf(old -> {
            boolean isOver = old.calls.get() == 0;
            if (isOver) {
                Broadcasts.destroy(old.broadcast);
            }
            return isOver;
        });
    }

    synchronized void close() {
        letGo();
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
