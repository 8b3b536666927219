package org.fl4j.spark;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.fl4j.ClientId;
import org.fl4j.FederatedLearningException;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TaskStream;
import org.fl4j.nd4j.NumericFingerprint;
import org.fl4j.secure.SecureAggregator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes work to clients on the executors of an Apache Spark cluster:
 *
 * <pre>{@code
 * try (SparkRunner runner = SparkRunner.over(spark, FedAvg::byExamples, () -> Hospitals.under("hdfs:///hospitals"));
 *         FederatedServer server = FederatedServer.with(FedAvg.byExamples())
 *                 .clients(runner.clients())
 *                 .runner(runner)
 *                 ...
 * }</pre>
 *
 * <p>Under a linear rule a block of clients trains and is summed on an executor, one task a block, and one sum comes back; the
 * bits are those of one JVM, whatever the number of executors, and after the loss of any. Under every other rule, under over-selection,
 * in evaluations and in secure rounds each client is a task of its own, and its update or evaluation comes to the driver.
 *
 * <p>The context is the host's: it is never made, configured or stopped here. What clients remember stays in the driver's store.
 *
 * <p><b>Failures.</b> What a client throws is its outcome. A lost executor is Spark's to retry. A client that ends its JVM each time costs its
 * block two further tries, each of as many executors as {@code spark.task.maxFailures} says, is {@link ClientOutcome.Failed}, and the round goes
 * on; cluster managers end an application that loses too many executors, see {@code docs/spark.md}. Executors keep the deadline, by the clocks of their
 * machines; those that are not back some seconds after it have their jobs cancelled.
 *
 * <p><b>Bits.</b> Each executor says how it computes ({@link NumericFingerprint}); one that differs from the driver ends the run.
 *
 * <p><b>Privacy.</b> Executors and the driver see the updates. A rule that masks or adds noise is simulated, which does not protect
 * clients from whoever runs these processes; the log says so.
 *
 * <p>Thread-safe; runs may overlap.
 */
public final class SparkRunner implements ClientRunner, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SparkRunner.class);

    /** Calls in flight for each core of the cluster: one runs, the others wait for it or for their turn. */
    private static final int CALLS_A_SLOT = 4;

    /** Tasks of a round for each core, where blocks are many: enough to balance, few enough to cost little. */
    private static final int TASKS_A_SLOT = 8;

    /** Jobs that fill a window. */
    private static final int JOBS = 2;

    private static final int MOST_BLOCKS_A_TASK = 16;

    private static final int MOST_THREADS = 256;

    /** Shares of a job's result limit and of the driver's heap that a window's answers may fill. */
    private static final int SHARE = 4;

    private final JavaSparkContext spark;
    private final Placement placement;
    private final AnswerCheck check;
    private final String id;
    private final Broadcast<byte[]> code;
    private final Calls calls;
    private final SparkClients clients;
    private final boolean isPrivate;
    private final InProcessRunner threads;
    private final Set<BlockJobs<?, ?, ?>> underWay;
    private final Set<Calls> callsOfAll;
    private final AtomicBoolean isClosed;
    private final AtomicLong largestAnswer = new AtomicLong();
    private volatile String round = "a round";

    private SparkRunner(
            JavaSparkContext spark,
            Placement placement,
            List<ClientId> ids,
            ClientProvider made,
            String id,
            Broadcast<byte[]> code,
            boolean isPrivate) {
        this.spark = spark;
        this.placement = placement;
        this.check = new AnswerCheck(false);
        this.id = id;
        this.code = code;
        this.isPrivate = isPrivate;
        this.calls = new Calls(spark, placement, check, id, code, isPrivate);
        this.clients = new SparkClients(ids, made, calls);
        this.threads = InProcessRunner.of(MOST_THREADS);
        this.underWay = ConcurrentHashMap.newKeySet();
        this.callsOfAll = ConcurrentHashMap.newKeySet();
        this.isClosed = new AtomicBoolean();
        callsOfAll.add(calls);
    }

    /** Another one over the same, by another check; they are closed together. */
    private SparkRunner(SparkRunner other, AnswerCheck check) {
        this.spark = other.spark;
        this.placement = other.placement;
        this.check = check;
        this.id = other.id;
        this.code = other.code;
        this.isPrivate = other.isPrivate;
        this.calls = new Calls(spark, placement, check, id, code, isPrivate);
        this.clients = new SparkClients(other.clients.ids(), other.clients.made(), calls);
        this.threads = other.threads;
        this.underWay = other.underWay;
        this.callsOfAll = other.callsOfAll;
        this.isClosed = other.isClosed;
        callsOfAll.add(calls);
    }

    /**
     * A runner whose executors make the clients.
     *
     * @param spark the host's context, stopped by the host after this is closed
     * @param rule makes the server's rule, configured alike
     * @param clients makes the population; the driver calls it, too, for the ids and for what clients remember
     * @return to be closed, after the server
     * @throws IllegalArgumentException if one of these cannot be serialised
     * @throws FederatedLearningException if one of these throws
     */
    public static SparkRunner over(
            JavaSparkContext spark,
            ExecutorSide<? extends Aggregator> rule,
            ExecutorSide<? extends ClientProvider> clients) {
        ExecutorCode code = new ExecutorCode(rule, new Unkeyed(clients));
        ClientProvider made = made(code, List.of());
        return of(spark, new Anywhere(spark), made.ids(), made, code);
    }

    /**
     * A runner whose clients are the keys of the host's data: each trains where its partition is, and nothing of it travels.
     *
     * <p>A block whose clients are in several partitions is done client by client, with an update each to the driver. Populations are
     * in the order of partitions, so let the selector keep that order where cohorts are large: {@code ClientSelector.inOrder()}.
     *
     * @param <D> the type of a client's data
     * @param data one value a client, the key being its id; persist them, or each round computes them anew
     * @param rule makes the server's rule, configured alike
     * @param clients makes the population
     * @return to be closed, after the server
     * @throws IllegalArgumentException if a key is there twice, or if one of these cannot be serialised
     * @throws FederatedLearningException if one of these throws
     */
    @SuppressWarnings("unchecked") // a client gets the value of its own key
    public static <D> SparkRunner overKeys(
            JavaPairRDD<String, D> data, ExecutorSide<? extends Aggregator> rule, KeyedClients<D> clients) {
        ByKey placement = ByKey.of(data);
        ExecutorCode code = new ExecutorCode(rule, (KeyedClients<Object>) clients);
        List<ClientId> ids = placement.clients();
        return of(JavaSparkContext.fromSparkContext(data.context()), placement, ids, made(code, ids), code);
    }

    /** As what travels, a population that is not keyed. */
    private record Unkeyed(ExecutorSide<? extends ClientProvider> clients) implements KeyedClients<Object> {
        @Override
        public ClientProvider clients(List<ClientId> ids, Function<ClientId, Object> data) throws Exception {
            return clients.make();
        }
    }

    private static ClientProvider made(ExecutorCode code, List<ClientId> ids) {
        try {
            return code.clients().clients(ids, new PresentData());
        } catch (Exception e) {
            throw new FederatedLearningException("the population could not be made on the driver: " + e, e);
        }
    }

    private static SparkRunner of(
            JavaSparkContext spark, Placement placement, List<ClientId> ids, ClientProvider made, ExecutorCode code) {
        Aggregator rule = made(code.rule());
        warnOf(rule);
        return new SparkRunner(
                spark,
                placement,
                ids,
                made,
                UUID.randomUUID().toString(),
                Broadcasts.of(SerializedCode.of(code), spark),
                rule.isPrivate());
    }

    private static Aggregator made(ExecutorSide<? extends Aggregator> side) {
        try {
            return side.make();
        } catch (Exception e) {
            throw new FederatedLearningException("the rule could not be made on the driver: " + e, e);
        }
    }

    private static void warnOf(Aggregator rule) {
        if (rule.isPrivate() || rule instanceof SecureAggregator) {
            LOG.warn(
                    "{} on Spark is a simulation: executors and driver see the clients' updates, and nothing protects clients"
                            + " from whoever runs these",
                    rule);
        }
    }

    /**
     * Returns this runner for clusters whose machines compute other bits than the driver: it warns once an executor, and runs
     * cannot be repeated bit for bit.
     *
     * @return with {@link #clients} of its own; closing either closes both
     */
    public SparkRunner acceptingOtherBits() {
        return new SparkRunner(this, new AnswerCheck(true));
    }

    /** The population, for {@link org.fl4j.server.ServerBuilder#clients} and for evaluations by this runner. */
    public ClientProvider clients() {
        return clients;
    }

    @Override
    public Optional<String> objection(ClientProvider those) {
        return those instanceof SparkClients mine && mine.calls() == calls
                ? Optional.empty()
                : Optional.of(
                        "they must be SparkRunner.clients() of this runner as they are; what decorates them belongs into what"
                                + " executors make, which would not see it");
    }

    @Override
    public ClientRunner startRound(Start start) {
        round = "round " + start.round();
        return this;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if this runner is closed, or an executor computes other bits than the driver
     * @throws FederatedLearningException if a rule or a population throws on an executor, or Spark gives up for another reason than
     *     a client
     */
    @Override
    public <R> void run(
            List<ClientId> cohort,
            ClientRunner.Work<R> work,
            ClientRunner.Limits limits,
            Consumer<? super ClientOutcome<R>> sink) {
        calls(Integer.MAX_VALUE).run(cohort, work, limits, sink);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException as {@link #run}
     * @throws FederatedLearningException as {@link #run}
     */
    @Override
    public <R> void runInAnyOrder(
            List<ClientId> cohort,
            ClientRunner.Work<R> work,
            ClientRunner.Limits limits,
            Consumer<? super ClientOutcome<R>> sink) {
        calls(Integer.MAX_VALUE).runInAnyOrder(cohort, work, limits, sink);
    }

    private InProcessRunner calls(int atATime) {
        requireOpen();
        NumericFingerprint.ofThisProcess();
        return threads.withWindow(Math.max(1, Math.min(atATime, CALLS_A_SLOT * slots())));
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException as {@link #run}
     * @throws FederatedLearningException as {@link #run}
     */
    @Override
    public <R, A, B> void runBlocks(BlockWork<R, A, B> work, ClientRunner.Limits limits, Consumer<? super B> sink) {
        if (limits.enough() < work.cohort().size()) {
            ClientRunner.super.runBlocks(work, limits, sink);
            return;
        }
        requireOpen();
        NumericFingerprint.ofThisProcess();
        if (Thread.currentThread().isInterrupted()) {
            throw new RunInterruptedException("interrupted before any block was sent to executors");
        }
        RoundClock clock = new RoundClock(limits);
        Broadcast<byte[]> shared = Broadcasts.of(work.shared(), spark);
        BlockJobs<R, A, B> jobs = new BlockJobs<>(work, limits, sink, onSpark(shared, work, clock), clock);
        underWay.add(jobs);
        try {
            requireOpen();
            jobs.run();
        } finally {
            underWay.remove(jobs);
            Broadcasts.destroy(shared);
        }
    }

    private RoundOnSpark onSpark(Broadcast<byte[]> shared, BlockWork<?, ?, ?> work, RoundClock clock) {
        int blocks = (work.cohort().size() + work.blockSize() - 1) / work.blockSize();
        int aTask = Math.max(1, Math.min(MOST_BLOCKS_A_TASK, blocks / (TASKS_A_SLOT * slots())));
        return new RoundOnSpark(
                new SparkJobs(spark),
                placement,
                check,
                new BlockTasks(id, code, shared, clock.onExecutors()),
                new RoundOnSpark.ByClient() {
                    @Override
                    public <R> void run(
                            List<ClientId> those,
                            ClientRunner.Work<R> work,
                            ClientRunner.Limits limits,
                            int atATime,
                            Consumer<? super ClientOutcome<R>> sink) {
                        calls(atATime).run(those, work, limits, sink);
                    }
                },
                aTask,
                window(shared.value().length, work.blockSize(), aTask),
                round);
    }

    /** A block's answer has FP64 where the weights have FP32, and what each of its clients remembers may be as large as the weights. */
    private Window window(long sharedBytes, int blockSize, int aTask) {
        long limit = spark.sc().conf().getSizeAsBytes("spark.driver.maxResultSize", "1g");
        long room = Math.min(
                        limit == 0 ? Long.MAX_VALUE : limit,
                        Runtime.getRuntime().maxMemory())
                / SHARE;
        int most = JOBS * TASKS_A_SLOT * aTask * slots();
        return new Window(most, room, (2L + blockSize) * sharedBytes + 1, largestAnswer);
    }

    private int slots() {
        return Math.max(1, spark.defaultParallelism());
    }

    @Override
    public <R> TaskStream<R> open(Start start, Duration deadline, int ahead) {
        return threads.open(start, deadline, ahead);
    }

    private void requireOpen() {
        if (isClosed.get()) {
            throw new IllegalStateException("the runner is closed");
        }
        if (spark.sc().isStopped()) {
            throw new IllegalStateException("the Spark context was stopped, but must outlive its runner");
        }
    }

    /**
     * Ends runs that are under way with an exception. Executors let go of what they keep for this runner when they need room for others; the context
     * is left as it is.
     */
    @Override
    public void close() {
        isClosed.set(true);
        underWay.forEach(BlockJobs::close);
        threads.close();
        callsOfAll.forEach(Calls::close);
        // Calls that end may still need the code, which is small: Spark lets go of it with this runner.
        Workshop.close(id);
    }

    @Override
    public String toString() {
        return "SparkRunner[" + spark.master() + ", application " + spark.sc().applicationId() + "]";
    }
}
