package org.fl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.commons.csv.CSVPrinter;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.PersonalTraining;
import org.fl4j.data.Examples;
import org.fl4j.data.IdxReader;
import org.fl4j.data.Partitioner;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.models.DenseModel;
import org.fl4j.random.Seeds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;
import org.fl4j.weights.ModelWeights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Clients that differ so much that one model does not suit them: each has images of two digits only. All personal methods in one
 * table, beside training alone and one model for all; each judged by every client on images of its own that it does not train on.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.PersonalDigits
 * -Dargs="--data ../mnist"}. Without {@code --data} it draws digits.
 */
@Command(
        name = "personal-digits",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Compares personal methods on clients with two classes each.")
public final class PersonalDigits implements Callable<Integer> {

    private static final int CLASSES = 10;
    private static final int SHARDS_A_CLIENT = 2;
    private static final int DRAWN_A_CLIENT = 120;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Read real MNIST (IDX files, plain or gzip) from DIR instead of drawing digits.")
    private @Nullable Path data;

    @Option(names = "--clients", description = "How many clients there are (default: ${DEFAULT-VALUE}).")
    private int clients = 100;

    @Option(names = "--cohort", description = "How many clients train in a round (default: ${DEFAULT-VALUE}).")
    private int cohort = 10;

    @Option(names = "--rounds", description = "How many rounds (default: ${DEFAULT-VALUE}).")
    private int rounds = 100;

    @Option(names = "--epochs", description = "Passes over a client's data in a round (default: ${DEFAULT-VALUE}).")
    private int epochs = 1;

    @Option(names = "--learning-rate", description = "Of the clients' SGD (default: ${DEFAULT-VALUE}).")
    private double learningRate = 0.05;

    @Option(names = "--lambda", description = "Of Ditto (default: ${DEFAULT-VALUE}).")
    private double lambda = 0.1;

    @Option(names = "--seeds", split = ",", description = "One run each (default: ${DEFAULT-VALUE}).")
    private List<Long> seeds = List.of(1L, 2L, 3L);

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the table is written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("target", "personal-digits");

    PersonalDigits() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new PersonalDigits(), args));
    }

    /** What clients train on, and what each holds out, in equal order. */
    private record Federation(Population training, Population heldOut, int features, String name) {}

    /** How a method is trained, and which of a client's weights count. */
    private record Method(
            String name,
            Supplier<GradientModel<Examples>> models,
            PersonalTraining personal,
            EvaluationTask.Evaluated judged) {}

    @Override
    public Integer call() throws IOException {
        if (rounds < 1 || clients < 1 || cohort < 1 || seeds.isEmpty()) {
            throw new IllegalArgumentException(
                    "--rounds, --clients and --cohort must be at least 1, and --seeds not empty," + " but were "
                            + rounds + ", " + clients + ", " + cohort + " and " + seeds);
        }
        Map<String, List<double[]>> accuracies = new LinkedHashMap<>();
        String name = "";
        for (long seed : seeds) {
            Federation federation = federation(seed);
            name = federation.name();
            accuracies.computeIfAbsent("alone", n -> new ArrayList<>()).add(alone(federation, seed));
            for (Method method : methods(federation.features(), seed)) {
                accuracies
                        .computeIfAbsent(method.name(), n -> new ArrayList<>())
                        .add(accuracies(federation, method, seed));
            }
        }
        print(name, accuracies);
        write(accuracies);
        return 0;
    }

    private List<Method> methods(int features, long seed) {
        Supplier<GradientModel<Examples>> whole =
                () -> DenseModel.perceptron(features, 200, 200, CLASSES).withSeed(seed);
        String output = "[Wb]2";
        String lower = "[Wb][01]";
        EvaluationTask.Evaluated global = EvaluationTask.Evaluated.GLOBAL;
        EvaluationTask.Evaluated own = new EvaluationTask.Evaluated(true, Optional.empty(), 0);
        EvaluationTask.Evaluated tuned = new EvaluationTask.Evaluated(false, Optional.of(how()), seed);
        return List.of(
                new Method("FedAvg", whole, PersonalTraining.JOINT, global),
                new Method("FedAvg, fine-tuned", whole, PersonalTraining.JOINT, tuned),
                new Method("FedPer", () -> whole.get().keeping(output), PersonalTraining.JOINT, global),
                new Method("LG-FedAvg", () -> whole.get().keeping(lower), PersonalTraining.JOINT, global),
                new Method("FedRep", () -> whole.get().keeping(output), PersonalTraining.fedRep(epochs), global),
                new Method("Ditto", whole, PersonalTraining.ditto(lambda), own));
    }

    private LocalTraining how() {
        return LocalTraining.epochs(epochs).withBatchSize(10).withLearningRate(learningRate);
    }

    private Federation federation(long seed) {
        Examples all;
        if (data == null) {
            all = StrokeDigits.of(Seeds.derive(seed, "digits")).heldOut(DRAWN_A_CLIENT * clients);
        } else {
            all = IdxReader.mnist(data).training();
        }
        Population whole = Population.of(
                all, Partitioner.shards(SHARDS_A_CLIENT).partition(all, clients, Seeds.derive(seed, "division")));
        List<Examples> training = new ArrayList<>();
        List<Examples> heldOut = new ArrayList<>();
        for (ClientId id : whole.ids()) {
            Examples its = whole.data(id);
            // Every sixth, as classes lie one after another.
            int[] sixth = indices(its.size(), 0);
            training.add(its.select(indices(its.size(), 1)));
            heldOut.add(its.select(sixth));
        }
        return new Federation(
                Population.of(training),
                Population.of(heldOut),
                all.featureLength(),
                (data == null ? "drawn digits" : "MNIST") + ", " + clients + " clients of two shards");
    }

    private static int[] indices(int size, int which) {
        return java.util.stream.IntStream.range(0, size)
                .filter(i -> (i % 6 == 0) == (which == 0))
                .toArray();
    }

    /** Each client from the same start, by as many passes over its data as it makes on average in a federation. */
    private double[] alone(Federation federation, long seed) {
        int passes = Math.max(1, (int) Math.round((double) rounds * cohort / clients) * epochs);
        ModelPool<GradientModel<Examples>> models = ModelPool.of(() ->
                DenseModel.perceptron(federation.features(), 200, 200, CLASSES).withSeed(seed));
        ModelWeights start = models.initialWeights();
        return federation.training().ids().parallelStream()
                .mapToDouble(id -> models.with(model -> {
                    model.load(start);
                    model.train(
                            federation.training().data(id),
                            how().forEpochs(passes),
                            Seeds.derive(seed, rounds, id.value(), "alone"));
                    return model.evaluate(federation.heldOut().data(id))
                            .accuracy()
                            .orElseThrow();
                }))
                .toArray();
    }

    private double[] accuracies(Federation federation, Method method, long seed) {
        ModelPool<GradientModel<Examples>> models = ModelPool.of(method.models());
        ClientProvider provider = federation.training().over(models, federation.heldOut());
        try (RoundProgress progress = new RoundProgress();
                InProcessRunner runner = InProcessRunner.of(Runtime.getRuntime().availableProcessors());
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(provider)
                        .personal(method.personal())
                        .selector(ClientSelector.uniform(cohort))
                        .localTraining(how())
                        .runner(runner)
                        .listeners(progress)
                        .build()) {
            ServerState end = server.run(ServerState.initial(models.initialWeights(), seed), rounds)
                    .state();
            EvaluationTask task = new EvaluationTask(end.round(), end.weights(), method.judged());
            return provider.ids().parallelStream()
                    .mapToDouble(id -> accuracy(provider.client(id), task))
                    .toArray();
        }
    }

    private static double accuracy(Client client, EvaluationTask task) {
        try {
            return client.evaluate(task).accuracy().orElseThrow();
        } catch (Exception e) {
            throw new IllegalStateException("client '" + client.id() + "' could not evaluate", e);
        }
    }

    private void print(String name, Map<String, List<double[]>> accuracies) {
        System.out.printf(
                Locale.ROOT,
                "%n%s: accuracy of clients on what they hold out, %d rounds of %d clients, mean of seeds %s%n",
                name,
                rounds,
                cohort,
                seeds);
        System.out.printf("%-20s | %6s | %15s | %6s | %s%n", "", "mean", "10th percentile", "worst", "mean by seed");
        accuracies.forEach((method, each) -> System.out.printf(
                Locale.ROOT,
                "%-20s | %.4f | %15.4f | %.4f | %s%n",
                method,
                each.stream().mapToDouble(PersonalDigits::mean).average().orElseThrow(),
                each.stream().mapToDouble(PersonalDigits::tenth).average().orElseThrow(),
                each.stream().mapToDouble(PersonalDigits::worst).average().orElseThrow(),
                each.stream()
                        .map(a -> String.format(Locale.ROOT, "%.4f", mean(a)))
                        .toList()));
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double tenth(double[] values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        return sorted[Math.max(0, (int) Math.ceil(sorted.length / 10.0) - 1)];
    }

    private static double worst(double[] values) {
        return Arrays.stream(values).min().orElseThrow();
    }

    private void write(Map<String, List<double[]>> accuracies) throws IOException {
        Files.createDirectories(out);
        try (CSVPrinter csv = Csv.to(out.resolve("personal.csv"), "method", "seed", "mean", "tenth", "worst")) {
            for (Map.Entry<String, List<double[]>> row : accuracies.entrySet()) {
                for (int i = 0; i < seeds.size(); i++) {
                    double[] each = row.getValue().get(i);
                    csv.printRecord(row.getKey(), seeds.get(i), mean(each), tenth(each), worst(each));
                }
            }
        }
    }
}
