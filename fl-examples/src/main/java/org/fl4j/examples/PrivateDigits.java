package org.fl4j.examples;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVPrinter;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.Examples;
import org.fl4j.data.IdxReader;
import org.fl4j.data.Partitioner;
import org.fl4j.data.StrokeDigits;
import org.fl4j.data.TrainTest;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.dp.PrivacyStatement;
import org.fl4j.random.Seeds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Population;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.style.Styler;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What differential privacy costs in accuracy: softmax regression over 2,000 clients of 30 digits each, for several
 * budgets, with noise of the server or of the clients. For every budget the noise is calibrated, the run books its rounds against
 * it, and the statement says what was spent.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.PrivateDigits
 * -Dargs="--data ../mnist"}; it prints a table and the statement of the last run, and writes CSV, plot and statement. Noise
 * and cohorts are fresh in every run, so accuracies differ a little from run to run, whatever the seed.
 */
@Command(
        name = "private-digits",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Accuracy against epsilon under differential privacy.")
public final class PrivateDigits implements Callable<Integer> {

    private static final int IMAGES = 30;
    private static final int PIXELS = 784;
    private static final int CLASSES = 10;
    private static final int HELD_OUT = 2_000;
    private static final int WIDTH = 900;
    private static final int HEIGHT = 540;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Read real MNIST (IDX files, plain or gzip) from DIR instead of drawing digits.")
    private @Nullable Path data;

    @Option(
            names = "--epsilons",
            split = ",",
            description = "The budgets; infinity is no noise (default: ${DEFAULT-VALUE}).")
    private List<Double> epsilons = List.of(Double.POSITIVE_INFINITY, 8.0, 4.0, 2.0, 1.0, 0.5, 0.25);

    @Option(names = "--delta", description = "Below one over the clients (default: ${DEFAULT-VALUE}).")
    private double privacyDelta = 1e-5;

    @Option(names = "--clients", description = "How many there are (default: ${DEFAULT-VALUE}).")
    private int clients = 2_000;

    @Option(
            names = "--noise",
            split = ",",
            description =
                    "Who adds it: ${COMPLETION-CANDIDATES} (default: server). The server over secret Poisson samples; the"
                            + " clients inside a masked sum; the server, correlated over the rounds, to groups in turn; the server to as many"
                            + " clients as under masks with as much noise.")
    private List<DigitNoise> noises = List.of(DigitNoise.SERVER);

    @Option(names = "--runs", description = "Accuracies are means over so many runs (default: ${DEFAULT-VALUE}).")
    private int runs = 1;

    @Option(names = "--probability", description = "Of each client in each round (default: ${DEFAULT-VALUE}).")
    private double probability = 0.1;

    @Option(names = "--rounds", description = "Rounds of each run (default: ${DEFAULT-VALUE}).")
    private int rounds = 100;

    @Option(names = "--clip", description = "The clip norm of a client's update (default: ${DEFAULT-VALUE}).")
    private double clip = 0.5;

    @Option(names = "--seed", description = "Decides data and local training (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where table, plot and statement are written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "private-digits");

    PrivateDigits() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new PrivateDigits(), args));
    }

    private record Federation(Population population, Examples heldOut, String name) {}

    /** The accuracy is the mean over the runs, the statement that of the last one. */
    private record Row(
            DigitNoise noise, double budget, double noiseMultiplier, PrivacyStatement statement, double accuracy) {}

    @Override
    public Integer call() throws IOException {
        if (clients < 1 || rounds < 1 || runs < 1) {
            throw new IllegalArgumentException("--clients, --rounds and --runs must be at least 1, but was " + clients
                    + ", " + rounds + " and " + runs);
        }
        Federation federation = Optional.ofNullable(data).map(this::mnist).orElseGet(this::drawn);
        Files.createDirectories(out);
        System.out.printf(
                Locale.ROOT,
                "%s, %d clients, each in a round with probability %s, %d rounds, clip %s, delta %s%n",
                federation.name(),
                clients,
                probability,
                rounds,
                clip,
                privacyDelta);
        System.out.println("noise of     | budget | noise multiplier | epsilon spent, certified | test accuracy");
        List<Row> rows = new ArrayList<>();
        for (DigitNoise noise : noises) {
            for (double epsilon : epsilons) {
                if (noise.needsBudget() && Double.isInfinite(epsilon)) {
                    continue;
                }
                Row row = run(federation, noise, epsilon);
                rows.add(row);
                System.out.printf(
                        Locale.ROOT,
                        "%-12s | %6s | %16.3f | %10.4f to %-10.4f | %.4f%n",
                        noise,
                        epsilon,
                        row.noiseMultiplier(),
                        row.statement().againstMembers().epsilon().lower(),
                        row.statement().againstMembers().epsilon().upper(),
                        row.accuracy());
            }
        }
        PrivacyStatement last = rows.get(rows.size() - 1).statement();
        System.out.printf("%n%s%n", last.text());
        Files.writeString(out.resolve("statement.json"), last.json() + "\n");
        write(rows);
        plot(rows, federation.name());
        return 0;
    }

    private Row run(Federation federation, DigitNoise noise, double epsilon) {
        DigitNoise.Plan plan = new DigitNoise.Plan(
                epsilon, privacyDelta, rounds, clip, (int) Math.round(clients * probability), probability);
        List<Row> repeated = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            repeated.add(row(federation, noise, noise.of(plan), epsilon));
        }
        double mean = repeated.stream().mapToDouble(Row::accuracy).average().orElseThrow();
        Row last = repeated.get(repeated.size() - 1);
        return new Row(noise, epsilon, last.noiseMultiplier(), last.statement(), mean);
    }

    private Row row(Federation federation, DigitNoise noise, DigitNoise.Mechanism mechanism, double epsilon) {
        ModelPool<SoftmaxRegression> models = ModelPool.of(() -> new SoftmaxRegression(PIXELS, CLASSES));
        try (InProcessRunner runner = InProcessRunner.of(Runtime.getRuntime().availableProcessors());
                FederatedServer server = mechanism
                        .server()
                        .clients(federation.population().over(models))
                        .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
                        .runner(runner)
                        .listeners(new RoundProgress())
                        .build()) {
            ServerState end = server.run(ServerState.initial(models.with(SoftmaxRegression::weights), seed), rounds)
                    .state();
            double accuracy = models.with(model -> {
                model.load(end.weights());
                return model.evaluate(federation.heldOut()).accuracy().orElseThrow();
            });
            return new Row(
                    noise,
                    epsilon,
                    mechanism.noiseMultiplier(),
                    mechanism.statement().apply(end.ledger()),
                    accuracy);
        }
    }

    private Federation mnist(Path directory) {
        TrainTest mnist = IdxReader.mnist(directory);
        Population population = Population.of(
                mnist.training(),
                Partitioner.iid().partition(mnist.training(), clients, Seeds.derive(seed, "division")));
        return new Federation(population, mnist.test(), "MNIST");
    }

    private Federation drawn() {
        StrokeDigits digits = StrokeDigits.of(Seeds.derive(seed, "digits"));
        Population population = Population.generated(clients, writer -> digits.writer(writer, IMAGES));
        return new Federation(population, digits.heldOut(HELD_OUT), "drawn digits");
    }

    private void write(List<Row> rows) throws IOException {
        try (CSVPrinter csv = Csv.to(
                out.resolve("accuracy.csv"),
                "noise",
                "budget",
                "noise-multiplier",
                "epsilon-lower",
                "epsilon-upper",
                "accuracy")) {
            for (Row row : rows) {
                csv.printRecord(
                        row.noise(),
                        row.budget(),
                        row.noiseMultiplier(),
                        row.statement().againstMembers().epsilon().lower(),
                        row.statement().againstMembers().epsilon().upper(),
                        row.accuracy());
            }
        }
    }

    private void plot(List<Row> rows, String name) throws IOException {
        List<Row> finite = rows.stream()
                .filter(row -> Double.isFinite(row.budget()))
                .sorted(Comparator.comparingDouble(Row::budget))
                .toList();
        if (finite.isEmpty()) {
            return;
        }
        System.setProperty("java.awt.headless", "true");
        CategoryChart chart = new CategoryChart(WIDTH, HEIGHT);
        chart.setTitle(name + ", " + clients + " clients: accuracy against epsilon at delta " + privacyDelta);
        chart.setXAxisTitle("epsilon");
        chart.setYAxisTitle("test accuracy");
        chart.getStyler()
                .setOverlapped(true)
                .setDefaultSeriesRenderStyle(CategorySeries.CategorySeriesRenderStyle.Line)
                .setYAxisDecimalPattern("0.00")
                .setYAxisMax(1.0)
                .setLegendPosition(Styler.LegendPosition.InsideSE)
                .setChartBackgroundColor(Color.WHITE);
        List<String> budgets = finite.stream()
                .map(row -> Double.toString(row.budget()))
                .distinct()
                .toList();
        noises.forEach(noise -> chart.addSeries(
                "noise of " + noise,
                budgets,
                finite.stream()
                        .filter(row -> row.noise() == noise)
                        .map(Row::accuracy)
                        .toList()));
        rows.stream()
                .filter(row -> Double.isInfinite(row.budget()))
                .findFirst()
                .ifPresent(plain -> chart.addSeries(
                        "without noise", budgets, Collections.nCopies(budgets.size(), plain.accuracy())));
        Files.write(out.resolve("accuracy.png"), ChartEncoder.getBytes(chart, "png"));
    }
}
