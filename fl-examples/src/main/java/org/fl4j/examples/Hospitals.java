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
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVPrinter;
import org.fl4j.random.Seeds;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A federation that exists: four hospitals predict heart disease by logistic regression. Compares what each could do
 * alone, what they could do if they pooled their patients, and what federated rules do, over several splits into training
 * and test.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.Hospitals
 * -Dargs="--data ../heart-disease"}; it prints a table for each way to standardize and writes both as CSV. Without
 * {@code --data} it makes up hospitals of the same sizes.
 */
@Command(
        name = "hospitals",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Four hospitals predict heart disease, alone, pooled and federated.")
public final class Hospitals implements Callable<Integer> {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The UCI heart-disease files, processed.*.data; drawn patients without it.")
    private @Nullable Path data;

    @Option(names = "--splits", description = "Stratified splits to average over (default: ${DEFAULT-VALUE}).")
    private int splits = 10;

    @Option(names = "--rounds", description = "Rounds of each run (default: ${DEFAULT-VALUE}).")
    private int rounds = 30;

    @Option(names = "--steps", description = "Local steps in a round (default: ${DEFAULT-VALUE}).")
    private int steps = 20;

    @Option(names = "--batch", description = "Examples in a mini-batch (default: ${DEFAULT-VALUE}).")
    private int batch = 16;

    @Option(names = "--learning-rate", description = "Of local training (default: ${DEFAULT-VALUE}).")
    private double learningRate = 0.05;

    @Option(
            names = "--epsilon",
            paramLabel = "EPSILON",
            split = ",",
            description = "Also hide each patient by DP-SGD at these epsilons, with settings of its own.")
    private List<Double> epsilons = List.of();

    @Option(names = "--privacy-delta", description = "The delta at which epsilon holds (default: ${DEFAULT-VALUE}).")
    private double privacyDelta = 1e-4;

    @Option(
            names = "--flamby-split",
            description =
                    "Divide the patients of --data as FLamby does, each time with other first weights and batches.")
    private boolean flambySplit;

    @Option(names = "--seed", description = "Decides everything random (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the tables are written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "hospitals");

    Hospitals() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new Hospitals(), args));
    }

    @Override
    public Integer call() throws IOException {
        if (splits < 1 || rounds < 1) {
            throw new IllegalArgumentException(
                    "--splits and --rounds must be at least 1, but was " + splits + " and " + rounds);
        }
        if (flambySplit && data == null) {
            throw new IllegalArgumentException("--flamby-split needs --data: it is a division of the files' patients");
        }
        Optional<Path> directory = Optional.ofNullable(data);
        List<Hospital> hospitals = directory.map(Hospital::read).orElseGet(() -> Hospital.generated(seed));
        HospitalTraining training = new HospitalTraining(rounds, steps, batch, learningRate);
        HiddenPatients hiding = new HiddenPatients(epsilons, privacyDelta);
        Files.createDirectories(out);
        for (HospitalSplit.Statistics statistics : HospitalSplit.Statistics.values()) {
            Map<String, List<HospitalScore>> scores = scores(hospitals, statistics, training::scores);
            if (!epsilons.isEmpty()) {
                scores.putAll(scores(hospitals, statistics, hiding::scores));
            }
            print(hospitals, statistics, scores);
            write(hospitals, statistics, scores);
        }
        return 0;
    }

    /** How some contenders do on a split, by a seed. */
    private interface Scoring {
        Map<String, HospitalScore> scores(HospitalSplit split, long seed);
    }

    private Map<String, List<HospitalScore>> scores(
            List<Hospital> hospitals, HospitalSplit.Statistics statistics, Scoring scoring) {
        Map<String, List<HospitalScore>> scores = new LinkedHashMap<>();
        try (Progress progress = new Progress("split", splits)) {
            for (int split = 0; split < splits; split++) {
                long itsSeed = Seeds.derive(seed, split + 1, "split");
                HospitalSplit divided = flambySplit
                        ? HospitalSplit.ofFlamby(hospitals, statistics)
                        : HospitalSplit.of(hospitals, statistics, itsSeed);
                scoring.scores(divided, itsSeed)
                        .forEach((name, score) -> scores.computeIfAbsent(name, n -> new ArrayList<>())
                                .add(score));
                progress.step("");
            }
        }
        return scores;
    }

    private void print(
            List<Hospital> hospitals, HospitalSplit.Statistics statistics, Map<String, List<HospitalScore>> scores) {
        System.out.printf("%nstandardized with %s, %d splits%n", statistics.words(), splits);
        System.out.printf("%-22s | pooled test (sd of a split)", "accuracy");
        hospitals.forEach(hospital -> System.out.printf(" | %11s", hospital.name()));
        System.out.println();
        scores.forEach((name, each) -> {
            HospitalScore mean = HospitalScore.mean(each);
            System.out.printf(Locale.ROOT, "%-22s | %18.4f (%.4f)", name, mean.pooled(), HospitalScore.deviation(each));
            mean.each().forEach(accuracy -> System.out.printf(Locale.ROOT, " | %11.4f", accuracy));
            System.out.println();
        });
    }

    private void write(
            List<Hospital> hospitals, HospitalSplit.Statistics statistics, Map<String, List<HospitalScore>> scores)
            throws IOException {
        List<String> header = new ArrayList<>(List.of("trained", "split", "pooled"));
        hospitals.forEach(hospital -> header.add(hospital.name()));
        Path file = out.resolve(statistics.name().toLowerCase(Locale.ROOT) + ".csv");
        try (CSVPrinter csv = Csv.to(file, header.toArray(new String[0]))) {
            for (Map.Entry<String, List<HospitalScore>> row : scores.entrySet()) {
                for (int split = 0; split < row.getValue().size(); split++) {
                    HospitalScore score = row.getValue().get(split);
                    List<Object> values = new ArrayList<>(List.of(row.getKey(), split + 1, score.pooled()));
                    values.addAll(score.each());
                    csv.printRecord(values);
                }
            }
        }
    }
}
