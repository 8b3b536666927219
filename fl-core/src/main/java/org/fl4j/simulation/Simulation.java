package org.fl4j.simulation;

import java.nio.file.Path;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.Examples;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.nd4j.NativeThreads;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.BestModel;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.jspecify.annotations.Nullable;

/**
 * A federation in this JVM in a few lines: the rule is named, all else has a default.
 *
 * <pre>{@code
 * Simulation.Result end = Simulation.with(FedAvg.byExamples())
 *         .over(population, () -> Dl4jModel.of(network()))
 *         .cohort(10)
 *         .evaluateOn(heldOut)
 *         .run(100);
 * }</pre>
 *
 * <p>Unless set otherwise, every client trains in every round, for {@value #DEFAULT_EPOCHS} epoch with batches of {@value
 * #DEFAULT_BATCH_SIZE} and a learning rate of {@value #DEFAULT_LEARNING_RATE}, from the seed {@value #DEFAULT_SEED}, nothing is
 * evaluated and nothing saved. How it goes is logged at level info.
 *
 * <p>It is the {@link FederatedServer} that the same settings make by hand, with the same bits, closed when the run ends; for
 * what is not here see {@link #configure}.
 *
 * <p>Not thread-safe. A simulation can run several times; each run starts afresh, unless there are {@link #checkpoints}.
 */
public final class Simulation {

    /** How many passes over its data a client makes in a round, unless set: {@value}. */
    public static final int DEFAULT_EPOCHS = 1;

    /** How many examples are in a mini-batch, unless set: {@value}. */
    public static final int DEFAULT_BATCH_SIZE = 10;

    /** The learning rate of local training, unless set: {@value}. */
    public static final double DEFAULT_LEARNING_RATE = 0.1;

    /** The seed of a run, unless set: {@value}. */
    public static final long DEFAULT_SEED = 42;

    private static final String SERVER = "server";
    private static final String CLIENTS = "clients";

    private final Supplier<ServerBuilder> builders;
    private @Nullable Population population;
    private @Nullable Supplier<? extends Model<Examples>> models;
    private ClientSelector selector = ClientSelector.all();
    private LocalTraining localTraining = LocalTraining.epochs(DEFAULT_EPOCHS)
            .withBatchSize(DEFAULT_BATCH_SIZE)
            .withLearningRate(DEFAULT_LEARNING_RATE);
    private ServerOptimizer optimizer = ServerOptimizer.plain();
    private long seed = DEFAULT_SEED;
    private @Nullable Examples heldOut;
    private StatisticsSpec statistics = StatisticsSpec.NONE;
    private Evaluation.Listener evaluations = (round, evaluation) -> {};
    private @Nullable Path folder;
    private @Nullable Latency latency;
    private UnaryOperator<ClientProvider> decorated = UnaryOperator.identity();
    private Consumer<? super ServerBuilder> configuration = builder -> {};

    private Simulation(Supplier<ServerBuilder> builders) {
        this.builders = builders;
    }

    /** A simulation whose rule sees each update in the clear, such as {@code FedAvg.byExamples()}. */
    public static Simulation with(DirectAggregator rule) {
        return new Simulation(() -> FederatedServer.with(rule));
    }

    /** A simulation whose rule sees only masked sums. */
    public static Simulation with(SecureAggregator rule) {
        return new Simulation(() -> FederatedServer.with(rule));
    }

    /**
     * Who trains, and on what model. Required.
     *
     * @param clients the population
     * @param factory makes a new model on every call, all of the same initial weights; see {@link ModelPool#of}
     */
    public Simulation over(Population clients, Supplier<? extends Model<Examples>> factory) {
        population = clients;
        models = factory;
        return this;
    }

    /**
     * A uniform sample of this many clients in each round; all of them unless set.
     *
     * @param clients at least 1
     */
    public Simulation cohort(int clients) {
        selector = ClientSelector.uniform(clients);
        return this;
    }

    /**
     * Sets who takes part in a round; all clients unless set.
     *
     * @param how in place of a {@link #cohort}
     */
    public Simulation selector(ClientSelector how) {
        selector = how;
        return this;
    }

    /**
     * Puts something around the population's clients, such as {@link Trouble}: {@code clients(trouble::around)}.
     *
     * @param decoration called for each run, with the clients of its pool of models and their memory
     */
    public Simulation clients(UnaryOperator<ClientProvider> decoration) {
        decorated = decoration;
        return this;
    }

    /** Sets how clients train in a round. */
    public Simulation localTraining(LocalTraining how) {
        localTraining = how;
        return this;
    }

    /** Sets how the server steps; {@link ServerOptimizer#plain} unless set. */
    public Simulation optimizer(ServerOptimizer step) {
        optimizer = step;
        return this;
    }

    /**
     * What cohorts, batches and all else that is random come from, {@value #DEFAULT_SEED} unless set; the models' factory has
     * a seed of its own.
     *
     * @param value any
     */
    public Simulation seed(long value) {
        seed = value;
        return this;
    }

    /**
     * Evaluates the global weights after every round.
     *
     * @param examples no client trains on them
     */
    public Simulation evaluateOn(Examples examples) {
        return evaluateOn(examples, (round, evaluation) -> {});
    }

    /**
     * Evaluates the global weights after every round, and tells of it.
     *
     * @param examples no client trains on them
     * @param told gets each evaluation after a round, beside the {@link Result}
     */
    public Simulation evaluateOn(Examples examples, Evaluation.Listener told) {
        heldOut = examples;
        evaluations = told;
        return this;
    }

    /**
     * Collects statistics in every evaluation.
     *
     * @param spec such as {@code StatisticsSpec.forMetrics(Metric.ROC_AUC)}
     */
    public Simulation collecting(StatisticsSpec spec) {
        statistics = spec;
        return this;
    }

    /**
     * Saves the state after every round, and what clients remember, and resumes from there: {@link #run} then counts from the
     * start of the training. A program that is stopped and started again ends with the bits of one that was not.
     *
     * @param directory of this training alone: a {@link CheckpointStore} in {@code server}, and a {@link ClientStateStore} in
     *     {@code clients}
     */
    public Simulation checkpoints(Path directory) {
        folder = directory;
        return this;
    }

    /**
     * Lets clients be done in virtual time: they train as fast as this machine can, and deadlines and over-selection go by
     * the model's word; see {@link VirtualRunner}. On the real clock unless set.
     *
     * @param model how long clients take
     */
    public Simulation latency(Latency model) {
        latency = model;
        return this;
    }

    /**
     * Sets anything else of the server's builder: a policy, a selector, listeners, a runner.
     *
     * @param settings called for each run, after the settings of this simulation, which it can replace
     */
    public Simulation configure(Consumer<? super ServerBuilder> settings) {
        configuration = settings;
        return this;
    }

    /**
     * Trains.
     *
     * @param rounds how many, at least 1; with {@link #checkpoints} the last round, counted from the start of the training
     * @return how it ended
     * @throws IllegalStateException if {@link #over} was not called, or settings exclude each other
     * @throws org.fl4j.server.FederatedServer.RunAbandonedException if clients failed in too many rounds in a row, or in all; see {@link
     *     FederatedServer#run}
     */
    public Result run(int rounds) {
        Check.atLeast("rounds", rounds, 1);
        if (population == null || models == null) {
            throw new IllegalStateException("over(population, models) was not called on the simulation");
        }
        ModelPool<Model<Examples>> pool = ModelPool.of(models);
        if (folder == null) {
            return run(rounds, pool, population.over(pool));
        }
        try (ClientStateStore states = ClientStateStore.inDirectory(folder.resolve(CLIENTS))) {
            return run(rounds, pool, population.over(pool, states));
        }
    }

    private Result run(int rounds, ModelPool<Model<Examples>> pool, ClientProvider clients) {
        SimulationProgress progress = new SimulationProgress();
        ServerState start = ServerState.initial(pool.initialWeights(), seed);
        ServerBuilder builder = builders.get()
                .clients(decorated.apply(clients))
                .selector(selector)
                .localTraining(localTraining)
                .optimizer(optimizer);
        if (heldOut != null) {
            // What cannot be evaluated ends here, and not as a warning of the first round.
            progress.evaluated(0, evaluation(pool, start.weights(), heldOut));
            Evaluation.Listener told = evaluations;
            builder.listeners(CentralEvaluation.every(1, pool, heldOut, (round, evaluation) -> {
                        progress.evaluated(round, evaluation);
                        told.evaluated(round, evaluation);
                    })
                    .collecting(statistics));
        }
        if (folder != null) {
            builder.checkpoints(CheckpointStore.in(folder.resolve(SERVER)));
        }
        if (latency == null) {
            return run(rounds, start, builder, progress);
        }
        ParameterLayout layout = start.weights().layout();
        long bytes = (long) layout.length() * layout.bytesPerValue();
        try (InProcessRunner threads = InProcessRunner.of(Runtime.getRuntime().availableProcessors())) {
            return run(
                    rounds, start, builder.runner(VirtualRunner.over(threads.forUpdatesOf(bytes), latency)), progress);
        }
    }

    private Result run(int rounds, ServerState start, ServerBuilder builder, SimulationProgress progress) {
        configuration.accept(builder.listeners(progress));
        try (FederatedServer server = builder.build()) {
            ServerState end = folder == null ? server.run(start, rounds).state() : server.runUntil(rounds, start);
            return new Result(end, progress.evaluations);
        }
    }

    @SuppressWarnings("try") // pinned while it evaluates, as in a round
    private Evaluation evaluation(ModelPool<Model<Examples>> pool, ModelWeights weights, Examples examples) {
        try (NativeThreads pinned = NativeThreads.pinToOne()) {
            return pool.with(model -> {
                model.load(weights);
                return model.evaluate(examples, statistics);
            });
        }
    }

    /**
     * How a simulation ended.
     *
     * @param state after its last round, which is an earlier one than asked for if the rule's budget was spent before
     * @param evaluations by round, 0 for the initial weights; of the rounds that this run played, none unless asked for
     */
    public record Result(ServerState state, NavigableMap<Integer, Evaluation> evaluations) {

        /** Copies the map. */
        public Result {
            evaluations = Collections.unmodifiableNavigableMap(new TreeMap<>(evaluations));
        }

        /** The trained weights. */
        public ModelWeights weights() {
            return state.weights();
        }

        /** The best weights, if a {@linkplain ServerBuilder#validation validation} was configured that keeps them. */
        public Optional<BestModel> best() {
            return BestModel.of(state);
        }
    }
}
