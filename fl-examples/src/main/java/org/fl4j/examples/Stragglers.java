package org.fl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.commons.csv.CSVPrinter;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.InProcessRunner;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.random.Seeds;
import org.fl4j.server.AsynchronousRounds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.markers.SeriesMarkers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How long training takes where a few clients are very slow, in virtual time: rounds that wait for all, that select more
 * clients than they need, that have a deadline, and FedBuff. Each at the best of several learning rates, which the first seed
 * decides; latencies are of Pareto's law, once redrawn for each task and once fixed for each client.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.Stragglers
 * -Dargs="--data ../mnist --clients 1000 --division DIRICHLET --cohort 100"}; it prints a table for each kind of latency and
 * writes both as CSV with a plot of the first seed's curves.
 */
@Command(
        name = "stragglers",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Compares rounds with stragglers in virtual time.")
public final class Stragglers implements Callable<Integer> {

    private static final int BATCH = 10;
    private static final double OVER_SELECTION = 0.3;
    private static final double IN_TIME = 0.8;

    @Mixin
    private final DigitOptions options = new DigitOptions();

    @Option(names = "--seeds", split = ",", description = "One run each (default: ${DEFAULT-VALUE}).")
    private List<Long> seeds = List.of(1L, 2L, 3L);

    @Option(names = "--rates", split = ",", description = "Learning rates to choose from (default: ${DEFAULT-VALUE}).")
    private List<Double> rates = List.of(0.1, 0.2, 0.4);

    @Option(names = "--target", description = "The test accuracy to reach (default: ${DEFAULT-VALUE}).")
    private double target = 0.95;

    @Option(names = "--buffer", description = "FedBuff's k (default: a tenth of the cohort).")
    private int buffer;

    @Option(names = "--max-staleness", description = "FedBuff's largest staleness (default: ${DEFAULT-VALUE}).")
    private int maxStaleness = 20;

    @Option(names = "--shape", description = "Of the Pareto law; the smaller, the heavier (default: ${DEFAULT-VALUE}).")
    private double shape = 1.2;

    @Option(
            names = "--updates",
            description = "Give up after so many times the cohort's updates (default: ${DEFAULT-VALUE}).")
    private int cohorts = 300;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where tables and plots are written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "stragglers");

    Stragglers() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new Stragglers(), args));
    }

    /**
     * A way to deal with stragglers.
     *
     * @param roundsACohort how many rounds have as many updates as the cohort has clients
     */
    private record Way(String name, int roundsACohort, Consumer<ServerBuilder> settings) {}

    private List<Way> ways() {
        int cohort = options.cohort;
        int k = buffer > 0 ? buffer : Math.max(1, cohort / 10);
        // Pareto's quantile function, for a shortest time of one minute.
        long seconds = Math.round(60 * Math.pow(1 - IN_TIME, -1 / shape));
        RoundPolicy policy = RoundPolicy.DEFAULT.withMaxAbandoned(Integer.MAX_VALUE);
        return List.of(
                new Way("waiting for all", 1, server -> server.policy(policy)),
                new Way("over-selection", 1, server -> server.policy(policy.withOverSelection(OVER_SELECTION))),
                new Way("deadline", 1, server -> server.policy(policy.withDeadline(Duration.ofSeconds(seconds)))),
                new Way(
                        "FedBuff",
                        Math.max(1, cohort / k),
                        server -> server.policy(policy)
                                .asynchronous(
                                        AsynchronousRounds.fedBuff(cohort, k).withMaxStaleness(maxStaleness))));
    }

    @Override
    public Integer call() throws IOException {
        if (seeds.isEmpty() || rates.isEmpty() || cohorts < 1) {
            throw new IllegalArgumentException(
                    "--seeds and --rates must not be empty and --updates at least 1, but were " + seeds + ", " + rates
                            + " and " + cohorts);
        }
        Files.createDirectories(out);
        Latency redrawn = Latency.pareto(Duration.ofMinutes(1), shape);
        compare("redrawn", "latency redrawn for each task", redrawn);
        compare("per-client", "latency fixed for each client", redrawn.perClient());
        return 0;
    }

    /** What became of one way: its best learning rate, and a curve for each seed. */
    private record Runs(double rate, List<TimedAccuracy> curves) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%4.2f | %s", rate, curves);
        }
    }

    private void compare(String file, String kind, Latency latency) throws IOException {
        Map<String, Runs> runs = new LinkedHashMap<>();
        for (Way way : ways()) {
            Runs its = runs(way, latency);
            runs.put(way.name(), its);
            System.err.println(way.name() + " | " + its);
        }
        String title = federation(seeds.get(0)).name() + ", " + kind;
        System.out.printf(Locale.ROOT, "%n%s: minutes of virtual time to %.2f%n", title, target);
        System.out.printf("%-16s | rate | with seeds %s%n", "", seeds);
        runs.forEach((name, its) -> System.out.printf("%-16s | %s%n", name, its));
        writeCsv(out.resolve(file + ".csv"), runs);
        XYChart chart = AccuracyCurve.chart(title + ", seed " + seeds.get(0), "minutes of virtual time");
        chart.getStyler().setXAxisLogarithmic(true).setYAxisMin(0.5);
        runs.forEach((name, its) -> {
            TimedAccuracy first = its.curves().get(0);
            chart.addSeries(name, first.times(), first.accuracies()).setMarker(SeriesMarkers.NONE);
        });
        Files.write(out.resolve(file + ".png"), ChartEncoder.getBytes(chart, "png"));
    }

    private void writeCsv(Path file, Map<String, Runs> runs) throws IOException {
        try (CSVPrinter csv = Csv.to(file, "way", "rate", "seed", "target", "minutes", "updates")) {
            for (Map.Entry<String, Runs> row : runs.entrySet()) {
                for (int i = 0; i < seeds.size(); i++) {
                    TimedAccuracy curve = row.getValue().curves().get(i);
                    String minutes = curve.isReached() ? Double.toString(curve.minutes()) : "";
                    csv.printRecord(
                            row.getKey(), row.getValue().rate(), seeds.get(i), target, minutes, curve.updates());
                }
            }
        }
    }

    private DigitOptions.Federation federation(long seed) {
        options.seed = seed;
        return options.federation();
    }

    /** The first seed decides the learning rate. */
    private Runs runs(Way way, Latency latency) {
        DigitOptions.Federation first = federation(seeds.get(0));
        double best = rates.get(0);
        List<TimedAccuracy> curves = new ArrayList<>(List.of(run(first, way, best, latency)));
        for (double rate : rates.subList(1, rates.size())) {
            TimedAccuracy curve = run(first, way, rate, latency);
            if (curve.isBetterThan(curves.get(0))) {
                best = rate;
                curves.set(0, curve);
            }
        }
        for (long seed : seeds.subList(1, seeds.size())) {
            curves.add(run(federation(seed), way, best, latency));
        }
        return new Runs(best, curves);
    }

    private TimedAccuracy run(DigitOptions.Federation digits, Way way, double rate, Latency latency) {
        Supplier<Dl4jModel> network = () -> DigitNetwork.create(Seeds.derive(options.seed, "weights"));
        ModelPool<Dl4jModel> models = ModelPool.of(network);
        TimedAccuracy curve = new TimedAccuracy(target);
        try (InProcessRunner threads = InProcessRunner.of(options.threads)) {
            ServerBuilder builder = FederatedServer.with(FedAvg.byExamples())
                    .clients(digits.population().over(models))
                    .selector(ClientSelector.uniform(options.cohort))
                    .localTraining(LocalTraining.epochs(1).withBatchSize(BATCH).withLearningRate(rate))
                    .runner(VirtualRunner.over(threads, latency))
                    .listeners(
                            curve,
                            CentralEvaluation.every(way.roundsACohort(), models, digits.heldOut(), curve),
                            new RoundProgress());
            way.settings().accept(builder);
            try (FederatedServer server = builder.build()) {
                server.run(ServerState.initial(models.initialWeights(), options.seed), cohorts * way.roundsACohort());
            }
        }
        return curve;
    }
}
