package org.fl4j.spark;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collector;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blocks of one round as jobs: some blocks a job and two jobs at a time, so that executors are busy, and no more than a window
 * of answers waits for its turn. Blocks are delivered in order on the calling thread; Spark's threads only hand over.
 *
 * <p>A client that ends its JVM each time has Spark give up the job that it is in, with the tasks beside it. Once no other job is under
 * way, each block that is left of it is tried alone, and where that fails, too, its clients one by one.
 */
final class BlockJobs<R, A, B> {

    private static final Logger LOG = LoggerFactory.getLogger(BlockJobs.class);

    /** Executors keep the deadline themselves; their jobs are cancelled if they are not back by then. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final ClientRunner.BlockWork<R, A, B> work;
    private final ClientRunner.Limits limits;
    private final Consumer<? super B> sink;
    private final RoundOnSpark spark;
    private final RoundClock clock;
    private final int blocks;

    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Map<Integer, SparkJobs.Job> underWay = new HashMap<>();
    private final Map<Integer, byte[]> arrived = new HashMap<>();
    private final Deque<Integer> toTryAlone = new ArrayDeque<>();
    private final Set<Integer> oneByOne = new HashSet<>();
    private int submitted;
    private int jobs;
    private int delivered;

    /** What Spark's threads, and the one that closes the runner, hand over. */
    private sealed interface Event {
        record Ended(int job, List<Integer> blocks, Optional<Throwable> why) implements Event {}

        record Closed() implements Event {}
    }

    private static final class Answered implements Event {

        private final List<Integer> blocks;
        private final byte[] answer;

        Answered(List<Integer> blocks, byte[] answer) {
            this.blocks = blocks;
            this.answer = answer;
        }
    }

    BlockJobs(
            ClientRunner.BlockWork<R, A, B> work,
            ClientRunner.Limits limits,
            Consumer<? super B> sink,
            RoundOnSpark spark,
            RoundClock clock) {
        this.work = work;
        this.limits = limits;
        this.sink = sink;
        this.spark = spark;
        this.clock = clock;
        this.blocks = (work.cohort().size() + work.blockSize() - 1) / work.blockSize();
    }

    /** Plays the round. */
    void run() {
        try {
            while (delivered < blocks) {
                if (clock.isPast(GRACE)) {
                    giveUp();
                    return;
                }
                if (!deliver()) {
                    submit();
                    await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunInterruptedException("interrupted while blocks train on executors; the state before is valid");
        } finally {
            endJobs();
        }
    }

    /** What they have in common may be let go of when they have ended, and not before. */
    private void endJobs() {
        underWay.values().forEach(SparkJobs.Job::cancel);
        boolean interrupted = Thread.interrupted();
        try {
            while (!underWay.isEmpty()) {
                Event event = events.poll(GRACE.toMillis(), TimeUnit.MILLISECONDS);
                if (event == null) {
                    return;
                }
                if (event instanceof Event.Ended ended) {
                    underWay.remove(ended.job());
                }
            }
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the round from another thread. */
    void close() {
        events.add(new Event.Closed());
    }

    /** The next block, if it is there or need not be waited for. */
    private boolean deliver() {
        byte[] answer = arrived.remove(delivered);
        if (answer != null) {
            sink.accept(work.result(delivered, answer));
        } else if (oneByOne.contains(delivered) && underWay.isEmpty()) {
            sink.accept(byClient(delivered, 1));
        } else if (delivered == submitted && !spark.placement().isOnePlace(clientsOf(delivered))) {
            submitted++;
            sink.accept(byClient(delivered, Integer.MAX_VALUE));
        } else if (delivered == submitted && clock.isPast(Duration.ZERO)) {
            submitted++;
            sink.accept(late(delivered));
        } else {
            return false;
        }
        delivered++;
        return true;
    }

    private void submit() {
        if (!toTryAlone.isEmpty() || !oneByOne.isEmpty()) {
            if (underWay.isEmpty() && !toTryAlone.isEmpty()) {
                submit(List.of(toTryAlone.poll()));
            }
            return;
        }
        int window = spark.window().blocks();
        int ofAJob = window / 2;
        while (submitted < blocks && submitted - delivered + ofAJob <= window) {
            List<Integer> ofJob = new ArrayList<>();
            while (submitted < blocks
                    && ofJob.size() < ofAJob
                    && spark.placement().isOnePlace(clientsOf(submitted))) {
                ofJob.add(submitted++);
            }
            if (ofJob.isEmpty()) {
                return;
            }
            submit(ofJob);
        }
    }

    private void submit(List<Integer> ofJob) {
        int job = jobs++;
        List<List<Integer>> ofTasks = spark.inTasks(ofJob, this::clientsOf);
        List<Placement.Task> tasks = ofTasks.stream()
                .map(ofTask -> spark.task(
                        Blocks.toBytes(ofTask.stream().map(work::task).toList()), clientsOf(ofTask)))
                .toList();
        underWay.put(job, spark.submit(tasks, new SparkJobs.Listener() {
            @Override
            public void answered(int partition, byte[] answer) {
                events.add(new Answered(ofTasks.get(partition), answer));
            }

            @Override
            public void ended(Optional<Throwable> why) {
                tasks.forEach(task -> Payload.destroy(task.payload()));
                events.add(new Event.Ended(job, ofJob, why));
            }
        }));
    }

    private void await() throws InterruptedException {
        Event event = events.poll(clock.millisUntil(GRACE), TimeUnit.MILLISECONDS);
        if (event instanceof Answered answered) {
            List<byte[]> each =
                    Blocks.fromBytes(spark.check().read(answered.answer).bytes());
            for (int i = 0; i < each.size(); i++) {
                arrived.put(answered.blocks.get(i), each.get(i));
                spark.window().answered(each.get(i).length);
            }
        } else if (event instanceof Event.Ended ended) {
            underWay.remove(ended.job());
            ended.why().ifPresent(why -> lookInto(ended.blocks(), why));
        } else if (event instanceof Event.Closed) {
            throw new IllegalStateException("the runner was closed during a run");
        }
    }

    private void lookInto(List<Integer> ofJob, Throwable why) {
        if (!LostExecutor.isWhy(why)) {
            throw LostExecutor.gaveUp(why);
        }
        List<Integer> left = ofJob.stream()
                .filter(block -> block >= delivered && !arrived.containsKey(block))
                .toList();
        LOG.warn(
                "{}: executors were lost each time that a job was tried; {}",
                spark.description(),
                ofJob.size() == 1 ? "its clients go on one by one" : "its blocks that are left go on alone");
        if (ofJob.size() == 1) {
            oneByOne.addAll(left);
        } else {
            toTryAlone.addAll(left);
        }
    }

    /** Collects here what its clients send. */
    private B byClient(int block, int atATime) {
        oneByOne.remove(block);
        Collected collected = new Collected();
        List<ClientId> clients = clientsOf(block);
        if (clock.isPast(Duration.ZERO)) {
            return late(block);
        }
        spark.byClient()
                .run(clients, work, clock.left(limits), atATime, outcome -> collected.add(clock.asOf(limits, outcome)));
        return collected.finish();
    }

    /** Of a block that nobody has begun. */
    private B late(int block) {
        Collected collected = new Collected();
        clientsOf(block).forEach(client -> collected.add(new ClientOutcome.NotStarted<>(client, limits.deadline())));
        return collected.finish();
    }

    /** The executors did not keep the deadline: what has arrived counts. */
    private void giveUp() {
        LOG.warn(
                "{}: executors have not answered {} after the deadline; what has not arrived is given up",
                spark.description(),
                GRACE);
        for (; delivered < blocks; delivered++) {
            byte[] answer = arrived.remove(delivered);
            if (answer != null) {
                sink.accept(work.result(delivered, answer));
            } else if (delivered < submitted) {
                Collected collected = new Collected();
                clientsOf(delivered)
                        .forEach(client -> collected.add(new ClientOutcome.TimedOut<>(client, limits.deadline())));
                sink.accept(collected.finish());
            } else {
                sink.accept(late(delivered));
            }
        }
    }

    private List<ClientId> clientsOf(List<Integer> some) {
        return some.stream().flatMap(block -> clientsOf(block).stream()).toList();
    }

    private List<ClientId> clientsOf(int block) {
        int from = block * work.blockSize();
        return work.cohort()
                .subList(from, Math.min(from + work.blockSize(), work.cohort().size()));
    }

    /** A block that is collected here. */
    private final class Collected {

        private final Collector<? super ClientOutcome<R>, A, B> block = work.block();
        private final A container = block.supplier().get();

        void add(ClientOutcome<R> outcome) {
            block.accumulator().accept(container, outcome);
        }

        B finish() {
            return block.finisher().apply(container);
        }
    }
}
