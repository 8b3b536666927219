package org.fl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;
import org.fl4j.weights.ModelWeights;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Trains a DL4J network over 100 clients whose data never leave them, and plots how well it does.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart}; it ends with a line such as
 * {@code accuracy=0.9670 rounds=100 seconds=11.5}.
 */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Trains a network over many clients by federated averaging, without collecting their data.")
public final class Quickstart implements Callable<Integer> {

    @Mixin
    private final DigitOptions options = new DigitOptions();

    @Option(names = "--rounds", description = "How many rounds (default: ${DEFAULT-VALUE}).")
    private int rounds = 100;

    @Option(names = "--epochs", description = "Passes over a client's data in a round (default: ${DEFAULT-VALUE}).")
    private int epochs = 1;

    @Option(names = "--batch", description = "Examples in a mini-batch (default: ${DEFAULT-VALUE}).")
    private int batch = 10;

    @Option(names = "--learning-rate", description = "Of the clients' SGD (default: ${DEFAULT-VALUE}).")
    private double learningRate = 0.3;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where accuracy.csv, accuracy.png and model.fl4j are written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "quickstart-results");

    Quickstart() {}

    /**
     * Starts the quickstart.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new Quickstart(), args));
    }

    @Override
    public Integer call() throws IOException {
        long start = System.nanoTime();
        DigitOptions.Federation federation = options.federation();
        Files.createDirectories(out);
        ModelPool<Dl4jModel> models = ModelPool.of(() -> DigitNetwork.create(options.seed));

        AccuracyCurve curve = new AccuracyCurve();
        ClientFigures figures = new ClientFigures();
        try (RoundProgress progress = new RoundProgress()) {
            RoundListener evaluation = CentralEvaluation.every(1, models, federation.heldOut(), (round, result) -> {
                curve.evaluated(round, result);
                progress.evaluated(round, result);
            });
            ModelWeights trained = train(federation.population(), models, figures, evaluation, progress);
            trained.save(out.resolve("model.fl4j"));
        }
        curve.writeCsv(out.resolve("accuracy.csv"));
        AccuracyCurve.writePng(out.resolve("accuracy.png"), "FedAvg on " + federation.name(), Map.of("FedAvg", curve));
        System.out.printf("%s: model, curve and plot in %s%n", federation.name(), out);
        System.out.print(figures.text());
        System.out.printf(
                Locale.ROOT,
                "accuracy=%.4f rounds=%d seconds=%.1f%n",
                curve.lastAccuracy(),
                rounds,
                (System.nanoTime() - start) / 1e9);
        return 0;
    }

    /** All that an application does: a population, a rule, how to train; then rounds. */
    private ModelWeights train(
            Population population, ModelPool<Dl4jModel> models, ClientFigures figures, RoundListener... listeners) {
        ClientProvider clients = population.over(models);
        try (InProcessRunner runner = InProcessRunner.of(options.threads);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(clients)
                        .selector(ClientSelector.uniform(options.cohort))
                        .localTraining(LocalTraining.epochs(epochs)
                                .withBatchSize(batch)
                                .withLearningRate(learningRate))
                        .runner(runner)
                        .listeners(listeners)
                        .listeners(figures, atTheEnd(clients, runner).withDistribution(figures))
                        .build()) {
            ServerState initial = ServerState.initial(models.initialWeights(), options.seed);
            RoundResult end = server.run(initial, rounds);
            if (end.state().weights().equals(initial.weights())) {
                throw new IllegalArgumentException(
                        "no round advanced; is the learning rate of " + learningRate + " too high?");
            }
            return end.state().weights();
        }
    }

    private static FederatedEvaluation atTheEnd(ClientProvider clients, ClientRunner runner) {
        return FederatedEvaluation.every(Integer.MAX_VALUE, clients, runner, (round, sum) -> {});
    }
}
