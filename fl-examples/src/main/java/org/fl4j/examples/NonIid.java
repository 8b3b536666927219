package org.fl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVPrinter;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.mean.FedNova;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.aggregation.optimizer.FedYogi;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.selection.ClientSelector;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How many rounds the algorithms need to a test accuracy where clients differ: classes divided by Dirichlet(0.1), and
 * Synthetic(1, 1), several seeds each. Softmax regression, 100 clients, ten a round.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.NonIid
 * -Dargs="--data ../mnist"}; it prints a table for each federation and writes both as CSV with a plot of the first seed's
 * curves. Without {@code --data} it draws digits.
 */
@Command(
        name = "non-iid",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Counts rounds to a target accuracy on clients that differ.")
public final class NonIid implements Callable<Integer> {

    private static final int FEDERATIONS = 2;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Read real MNIST (IDX files, plain or gzip) from DIR instead of drawing digits.")
    private @Nullable Path data;

    @Option(
            names = "--targets",
            split = ",",
            description = "The test accuracies to reach, on digits and on Synthetic (default: ${DEFAULT-VALUE}).")
    private List<Double> targets = List.of(0.9, 0.65);

    @Option(names = "--rounds", description = "Give up after these (default: ${DEFAULT-VALUE}).")
    private int rounds = 200;

    @Option(names = "--cohort", description = "How many clients train in a round (default: ${DEFAULT-VALUE}).")
    private int cohort = 10;

    @Option(names = "--seeds", split = ",", description = "One run each (default: ${DEFAULT-VALUE}).")
    private List<Long> seeds = List.of(1L, 2L, 3L);

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where tables and plots are written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "non-iid");

    NonIid() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new NonIid(), args));
    }

    private static List<Contender> contenders() {
        return List.of(
                Contender.of("FedAvg", FedAvg.byExamples()),
                Contender.of("FedProx, mu 0.1", FedProx.of(0.1)),
                Contender.of("SCAFFOLD", Scaffold.on(FedAvg.byExamples())),
                Contender.of("FedNova", FedNova.byExamples()),
                new Contender("FedAdam", FedAvg.byExamples(), FedAdam.withLearningRate(0.01)),
                new Contender("FedYogi", FedAvg.byExamples(), FedYogi.withLearningRate(0.01)));
    }

    @Override
    public Integer call() throws IOException {
        if (rounds < 1 || cohort < 1 || targets.size() != FEDERATIONS) {
            throw new IllegalArgumentException("--rounds and --cohort must be at least 1, and --targets two accuracies,"
                    + " but were " + rounds + ", " + cohort + " and " + targets);
        }
        Files.createDirectories(out);
        compare("digits", targets.get(0), seed -> Setting.digits(Optional.ofNullable(data), seed));
        compare("synthetic", targets.get(1), Setting::synthetic);
        return 0;
    }

    private interface Settings {
        Setting of(long seed);
    }

    private void compare(String file, double target, Settings settings) throws IOException {
        Map<String, List<AccuracyCurve>> curves = new LinkedHashMap<>();
        String name = "";
        for (long seed : seeds) {
            Setting setting = settings.of(seed);
            name = setting.name();
            for (Contender contender : contenders()) {
                curves.computeIfAbsent(contender.name(), n -> new ArrayList<>()).add(curve(setting, contender, seed));
            }
        }
        System.out.printf(Locale.ROOT, "%n%s: rounds to %.2f, %d clients a round%n", name, target, cohort);
        System.out.printf("%-18s | rounds with seeds %s | best accuracy%n", "", seeds);
        curves.forEach((contender, each) -> System.out.printf("%-18s | %s%n", contender, row(each, target)));
        write(out.resolve(file + ".csv"), curves, target);
        Map<String, AccuracyCurve> first = new LinkedHashMap<>();
        curves.forEach((contender, each) -> first.put(contender, each.get(0)));
        AccuracyCurve.writePng(out.resolve(file + ".png"), name + ", seed " + seeds.get(0), first);
    }

    private String row(List<AccuracyCurve> curves, double target) {
        StringBuilder row = new StringBuilder();
        for (AccuracyCurve curve : curves) {
            OptionalInt needed = curve.roundsTo(target);
            row.append(String.format("%6s", needed.isPresent() ? needed.getAsInt() : "> " + rounds));
        }
        row.append(" |");
        for (AccuracyCurve curve : curves) {
            row.append(String.format(Locale.ROOT, " %.4f", curve.bestAccuracy()));
        }
        return row.toString();
    }

    private void write(Path file, Map<String, List<AccuracyCurve>> curves, double target) throws IOException {
        try (CSVPrinter csv = Csv.to(file, "algorithm", "seed", "target", "rounds", "best")) {
            for (Map.Entry<String, List<AccuracyCurve>> row : curves.entrySet()) {
                for (int i = 0; i < seeds.size(); i++) {
                    AccuracyCurve curve = row.getValue().get(i);
                    OptionalInt needed = curve.roundsTo(target);
                    String count = needed.isPresent() ? Integer.toString(needed.getAsInt()) : "";
                    csv.printRecord(row.getKey(), seeds.get(i), target, count, curve.bestAccuracy());
                }
            }
        }
    }

    /** All rounds, also after the target: the curve is half of the story. */
    private AccuracyCurve curve(Setting setting, Contender contender, long seed) {
        int features = setting.heldOut().featureLength();
        int classes = setting.heldOut().labelLength();
        ModelPool<SoftmaxRegression> models = ModelPool.of(() -> new SoftmaxRegression(features, classes));
        AccuracyCurve curve = new AccuracyCurve();
        try (InProcessRunner runner = InProcessRunner.of(Runtime.getRuntime().availableProcessors());
                FederatedServer server = FederatedServer.with(contender.rule())
                        .clients(setting.population().over(models))
                        .selector(ClientSelector.uniform(cohort))
                        .optimizer(contender.optimizer())
                        .localTraining(setting.localTraining())
                        .runner(runner)
                        .listeners(CentralEvaluation.every(1, models, setting.heldOut(), curve), new RoundProgress())
                        .build()) {
            server.run(ServerState.initial(models.with(SoftmaxRegression::weights), seed), rounds);
        }
        return curve;
    }
}
