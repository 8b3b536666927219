package org.fl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.InProcessRunner;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How many rounds federated averaging needs to reach a test accuracy, for a grid of learning rates: the measure of
 * McMahan et al. (AISTATS 2017), table 2.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart
 * -Dmain=org.fl4j.examples.RoundsToTarget -Dargs="--data ../mnist"}; it prints a table and writes a curve for each
 * learning rate, and fails with status 1 if no learning rate reaches the target.
 */
@Command(
        name = "rounds-to-target",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Counts the rounds of federated averaging to a target accuracy.")
public final class RoundsToTarget implements Callable<Integer> {

    @Mixin
    private final DigitOptions options = new DigitOptions();

    @Option(names = "--target", description = "The test accuracy to reach (default: ${DEFAULT-VALUE}).")
    private double target = 0.97;

    @Option(names = "--rounds", description = "Give up after these (default: ${DEFAULT-VALUE}).")
    private int rounds = 100;

    @Option(names = "--epochs", description = "Passes over a client's data in a round (default: ${DEFAULT-VALUE}).")
    private int epochs = 1;

    @Option(names = "--batch", description = "Examples in a mini-batch (default: ${DEFAULT-VALUE}).")
    private int batch = 10;

    @Option(
            names = "--learning-rates",
            split = ",",
            description = "The grid, separated by commas (default: ${DEFAULT-VALUE}).")
    private List<Double> learningRates = List.of(0.05, 0.1, 0.2);

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the curves are written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "rounds-to-target");

    private RoundsToTarget() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new RoundsToTarget(), args));
    }

    @Override
    public Integer call() throws IOException {
        DigitOptions.Federation federation = options.federation();
        Files.createDirectories(out);
        Map<String, AccuracyCurve> curves = new LinkedHashMap<>();
        System.out.printf("%s, cohort %d%n", federation.name(), options.cohort);
        System.out.println("learning rate | rounds to target | last accuracy | seconds");
        boolean reached = false;
        for (double rate : learningRates) {
            long start = System.nanoTime();
            AccuracyCurve curve = curve(federation, rate);
            OptionalInt needed = curve.roundsTo(target);
            reached |= needed.isPresent();
            System.out.printf(
                    Locale.ROOT,
                    "%13s | %16s | %13.4f | %.1f%n",
                    rate,
                    needed.isPresent() ? Integer.toString(needed.getAsInt()) : "more than " + rounds,
                    curve.lastAccuracy(),
                    (System.nanoTime() - start) / 1e9);
            curve.writeCsv(out.resolve("learning-rate-" + rate + ".csv"));
            curves.put("learning rate " + rate, curve);
        }
        AccuracyCurve.writePng(out.resolve("accuracy.png"), "FedAvg on " + federation.name(), curves);
        return reached ? 0 : 1;
    }

    /** Runs round by round, so that it can stop at the target; a run in pieces has the bits of one in a go. */
    private AccuracyCurve curve(DigitOptions.Federation federation, double rate) {
        ModelPool<Dl4jModel> models = ModelPool.of(() -> DigitNetwork.create(options.seed));
        AccuracyCurve curve = new AccuracyCurve();
        try (InProcessRunner runner = InProcessRunner.of(options.threads);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(federation.population().over(models))
                        .selector(ClientSelector.uniform(options.cohort))
                        .localTraining(LocalTraining.epochs(epochs)
                                .withBatchSize(batch)
                                .withLearningRate(rate))
                        .runner(runner)
                        .listeners(CentralEvaluation.every(1, models, federation.heldOut(), curve))
                        .build()) {
            ServerState state = ServerState.initial(models.initialWeights(), options.seed);
            while (state.round() < rounds && curve.roundsTo(target).isEmpty()) {
                RoundResult result = server.run(state, 1);
                state = result.state();
            }
        }
        return curve;
    }
}
