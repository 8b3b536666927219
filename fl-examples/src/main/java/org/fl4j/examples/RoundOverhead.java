package org.fl4j.examples;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.Examples;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What the framework itself costs, on one thread: the share of a round that is not DL4J's {@code fit}, and the time a
 * client update takes when training does nothing.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.RoundOverhead}.
 */
@Command(
        name = "round-overhead",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Measures what a round costs beside DL4J's own training.")
public final class RoundOverhead implements Callable<Integer> {

    private static final int IDLE_PARAMETERS = 1_600_000;
    private static final int IDLE_COHORT = 50;

    @Mixin
    private final DigitOptions options = new DigitOptions();

    @Option(names = "--rounds", description = "Measured rounds of a repetition (default: ${DEFAULT-VALUE}).")
    private int rounds = 5;

    @Option(names = "--repetitions", description = "Repetitions after one warm-up (default: ${DEFAULT-VALUE}).")
    private int repetitions = 5;

    private RoundOverhead() {}

    /**
     * Starts the measurement.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new RoundOverhead(), args));
    }

    @Override
    public Integer call() {
        trainingRounds();
        idleRounds();
        return 0;
    }

    private void trainingRounds() {
        long[] inFit = {0};
        ModelPool<Dl4jModel> models =
                ModelPool.of(() -> Dl4jModel.of(new TimedNetwork(DigitNetwork.configuration(1), inFit)));
        Population population = options.federation().population();
        ModelWeights initial = models.initialWeights();
        System.out.println("784-200-200-10, " + options.cohort + " clients a round: round ms | in fit ms | overhead %");
        for (int repetition = 0; repetition <= repetitions; repetition++) {
            inFit[0] = 0;
            double total = timeRounds(population.over(models), options.cohort, initial);
            double fit = inFit[0] / 1e6;
            if (repetition > 0) {
                System.out.printf(
                        Locale.ROOT, "%.1f | %.1f | %.2f%n", total / rounds, fit / rounds, 100 * (total - fit) / total);
            }
        }
    }

    private void idleRounds() {
        ModelPool<IdleModel> models = ModelPool.of(IdleModel::new);
        ClientProvider clients =
                Population.generated(IDLE_COHORT, client -> oneBlankImage()).over(models);
        ModelWeights initial = models.initialWeights();
        System.out.println("no-op model of " + IDLE_PARAMETERS + " parameters: ms a client update");
        for (int repetition = 0; repetition <= repetitions; repetition++) {
            double total = timeRounds(clients, IDLE_COHORT, initial);
            if (repetition > 0) {
                System.out.printf(Locale.ROOT, "%.2f%n", total / rounds / IDLE_COHORT);
            }
        }
    }

    private double timeRounds(ClientProvider clients, int cohort, ModelWeights initial) {
        try (InProcessRunner runner = InProcessRunner.of(1);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(clients)
                        .selector(ClientSelector.uniform(cohort))
                        .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
                        .runner(runner)
                        .build()) {
            long start = System.nanoTime();
            server.run(ServerState.initial(initial, options.seed), rounds);
            return (System.nanoTime() - start) / 1e6;
        }
    }

    private static Examples oneBlankImage() {
        return Examples.classified(new float[1], new int[1], 1, 1);
    }

    /** Adds up the time inside DL4J's own training call. */
    @SuppressWarnings({"overrides", "varargs"}) // DL4J declares a variable number of arguments in one place only.
    private static final class TimedNetwork extends MultiLayerNetwork {

        private static final long serialVersionUID = 1L;
        private final long[] nanos;

        TimedNetwork(MultiLayerConfiguration configuration, long[] nanos) {
            super(configuration);
            this.nanos = nanos;
            init();
        }

        @Override
        public void fit(INDArray features, INDArray labels) {
            long start = System.nanoTime();
            super.fit(features, labels);
            nanos[0] += System.nanoTime() - start;
        }
    }

    /** A model whose training does nothing: what is left is loading, differencing, checking and summing. */
    private static final class IdleModel implements Model<Examples> {

        private final ParameterLayout layout =
                new ParameterLayout(DataType.FLOAT, List.of(ParameterSpec.trainable("w", IDLE_PARAMETERS)));
        private final INDArray parameters = Nd4j.rand(DataType.FLOAT, 1, IDLE_PARAMETERS);

        @Override
        public ParameterLayout layout() {
            return layout;
        }

        @Override
        public ModelWeights weights() {
            return ModelWeights.copyOf(layout, parameters);
        }

        @Override
        public void load(ModelWeights weights) {
            weights.copyTo(parameters);
        }

        @Override
        public ModelDelta displacementFrom(ModelWeights base) {
            return base.displacementTo(parameters);
        }

        @Override
        public LocalTraining.Report train(Examples data, LocalTraining how, long seed) {
            return new LocalTraining.Report(data.size(), 0, OptionalDouble.of(0), 0);
        }

        @Override
        public Evaluation evaluate(Examples data) {
            return Evaluation.NONE;
        }
    }
}
