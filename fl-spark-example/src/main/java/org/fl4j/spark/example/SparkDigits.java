package org.fl4j.spark.example;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.models.DenseModel;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.spark.SparkRunner;
import org.fl4j.weights.ModelWeights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains a network over the digits of many writers, on the executors of a Spark cluster or on the cores of this machine.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=spark-digits}; it ends with a line such as
 * {@code accuracy=0.9670 rounds=100 seconds=11.5 sha256=...}. With {@code --compare} it trains in this process, too, and compares bits.
 */
@Command(
        name = "spark-digits",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Trains a network over many clients whose work is done by a Spark cluster.")
public final class SparkDigits implements Callable<Integer> {

    private static final int EVALUATIONS = 10;
    private static final LocalTraining TRAINING =
            LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.3);

    @Option(
            names = "--master",
            paramLabel = "URL",
            description =
                    "Spark's master, such as local[2] or spark://host:7077 (default: what spark-submit says, else local[*]).")
    @Nullable
    private String master;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Read real MNIST (IDX files, plain or gzip) from DIR, which every machine has, instead of drawing digits.")
    @Nullable
    private Path data;

    @Option(names = "--clients", description = "How many clients there are (default: ${DEFAULT-VALUE}).")
    private int clients = 1000;

    @Option(names = "--cohort", description = "How many clients train in a round (default: ${DEFAULT-VALUE}).")
    private int cohort = 64;

    @Option(names = "--rounds", description = "How many rounds (default: ${DEFAULT-VALUE}).")
    private int rounds = 20;

    @Option(
            names = "--rule",
            description = "How updates combine: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Rule rule = Rule.FEDAVG;

    @Option(names = "--seed", description = "Decides everything random (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(
            names = "--compare",
            description = "Train in this process, too, and exit with 1 if the final weights have other bits.")
    private boolean compares;

    SparkDigits() {}

    /** How a run ended. */
    private record Trained(ModelWeights weights, double accuracy) {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new SparkDigits(), args));
    }

    @Override
    public Integer call() {
        Commands.requirePositive("--clients", clients);
        Commands.requirePositive("--cohort", cohort);
        Commands.requirePositive("--rounds", rounds);
        long start = System.nanoTime();
        DigitFederation federation =
                new DigitFederation(data == null ? "" : data.toAbsolutePath().toString(), clients, seed);
        Trained trained = onSpark(federation);
        System.out.printf(
                Locale.ROOT,
                "accuracy=%.4f rounds=%d seconds=%.1f sha256=%s%n",
                trained.accuracy(),
                rounds,
                (System.nanoTime() - start) / 1e9,
                trained.weights().fingerprint());
        return !compares || hasTheSameBits(trained.weights(), here(federation).weights()) ? 0 : 1;
    }

    /** The context is the host's, here the example's; the runner is closed before it is stopped. */
    private Trained onSpark(DigitFederation federation) {
        SparkConf conf = new SparkConf().setAppName("spark-digits").setIfMissing("spark.ui.enabled", "false");
        if (master == null) {
            conf.setIfMissing("spark.master", "local[*]");
        } else {
            conf.setMaster(master);
        }
        try (JavaSparkContext spark = Commands.context(conf);
                SparkRunner runner = SparkRunner.over(spark, rule::aggregator, federation::population)) {
            System.out.printf("%s, %s on %s%n", federation, rule, spark.master());
            return train("on Spark", federation, runner.clients(), runner);
        }
    }

    private Trained here(DigitFederation federation) {
        try (InProcessRunner runner = InProcessRunner.of(Runtime.getRuntime().availableProcessors())) {
            return train("in process", federation, federation.population(), runner);
        }
    }

    /** The same on Spark as in one process, but for the runner and its clients. */
    private Trained train(String where, DigitFederation federation, ClientProvider population, ClientRunner runner) {
        ModelPool<DenseModel> models = federation.models();
        RoundProgress progress = new RoundProgress(where);
        try (FederatedServer server = FederatedServer.with(rule.aggregator())
                .clients(population)
                .selector(ClientSelector.uniform(cohort))
                .localTraining(TRAINING)
                .optimizer(rule.optimizer())
                .runner(runner)
                .listeners(
                        CentralEvaluation.every(
                                Math.max(1, rounds / EVALUATIONS), models, federation.heldOut(), progress),
                        progress)
                .build()) {
            ServerState end = server.run(ServerState.initial(models.initialWeights(), seed), rounds)
                    .state();
            return new Trained(end.weights(), progress.accuracy());
        }
    }

    private static boolean hasTheSameBits(ModelWeights onSpark, ModelWeights here) {
        boolean isSame = onSpark.fingerprint().equals(here.fingerprint());
        System.out.printf("%s bits in process: sha256=%s%n", isSame ? "the same" : "OTHER", here.fingerprint());
        return isSame;
    }
}
