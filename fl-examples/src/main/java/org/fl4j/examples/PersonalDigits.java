package org.fl4j.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.commons.csv.CSVPrinter;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
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
import org.fl4j.server.evaluation.ClientDistribution;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;
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
    private static final UnaryOperator<FederatedEvaluation> SHARED = UnaryOperator.identity();
    private static final UnaryOperator<FederatedEvaluation> OWN = FederatedEvaluation::ofOwnModels;
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
            UnaryOperator<FederatedEvaluation> judged) {}

    @Override
    public Integer call() throws IOException {
        if (rounds < 1 || clients < 1 || cohort < 1 || seeds.isEmpty()) {
            throw new IllegalArgumentException(
                    "--rounds, --clients and --cohort must be at least 1, and --seeds not empty," + " but were "
                            + rounds + ", " + clients + ", " + cohort + " and " + seeds);
        }
        Map<String, List<ClientDistribution>> accuracies = new LinkedHashMap<>();
        String name = "";
        for (long seed : seeds) {
            Federation federation = federation(seed);
            name = federation.name();
            accuracies.computeIfAbsent("alone", n -> new ArrayList<>()).add(alone(federation, seed));
            for (Method method : methods(federation, seed)) {
                accuracies
                        .computeIfAbsent(method.name(), n -> new ArrayList<>())
                        .add(run(federation, method, how(), cohort, rounds, seed));
            }
        }
        print(name, accuracies);
        write(accuracies);
        return 0;
    }

    private List<Method> methods(Federation federation, long seed) {
        Supplier<GradientModel<Examples>> whole = () -> perceptron(federation, seed);
        String output = "[Wb]2";
        String lower = "[Wb][01]";
        UnaryOperator<FederatedEvaluation> tuned = evaluation -> evaluation.fineTuned(how());
        return List.of(
                new Method("FedAvg", whole, PersonalTraining.JOINT, SHARED),
                new Method("FedAvg, fine-tuned", whole, PersonalTraining.JOINT, tuned),
                new Method("FedPer", () -> whole.get().keeping(output), PersonalTraining.JOINT, SHARED),
                new Method("LG-FedAvg", () -> whole.get().keeping(lower), PersonalTraining.JOINT, SHARED),
                new Method("FedRep", () -> whole.get().keeping(output), PersonalTraining.fedRep(epochs), SHARED),
                new Method("Ditto", whole, PersonalTraining.ditto(lambda), OWN));
    }

    private static DenseModel perceptron(Federation federation, long seed) {
        return DenseModel.perceptron(federation.features(), 200, 200, CLASSES).withSeed(seed);
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
        return IntStream.range(0, size)
                .filter(i -> (i % 6 == 0) == (which == 0))
                .toArray();
    }

    /** Each client from the same start, by as many passes over its data as it makes on average in a federation. */
    private ClientDistribution alone(Federation federation, long seed) {
        int passes = Math.max(1, (int) Math.round((double) rounds * cohort / clients) * epochs);
        Method method = new Method("alone", () -> perceptron(federation, seed), PersonalTraining.ditto(0), OWN);
        return run(federation, method, how().forEpochs(passes), clients, 1, seed);
    }

    private ClientDistribution run(
            Federation federation, Method method, LocalTraining how, int eachRound, int howMany, long seed) {
        ModelPool<GradientModel<Examples>> models = ModelPool.of(method.models());
        ClientProvider provider = federation.training().over(models, federation.heldOut());
        AtomicReference<ClientDistribution> last = new AtomicReference<>();
        try (RoundProgress progress = new RoundProgress();
                InProcessRunner runner = InProcessRunner.of(Runtime.getRuntime().availableProcessors())) {
            FederatedEvaluation evaluation = method.judged()
                    .apply(FederatedEvaluation.every(howMany, provider, runner, (round, pooled) -> {}))
                    .withDistribution((round, distribution) -> last.set(distribution));
            try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                    .clients(provider)
                    .personal(method.personal())
                    .selector(ClientSelector.uniform(eachRound))
                    .localTraining(how)
                    .runner(runner)
                    .listeners(evaluation, progress)
                    .build()) {
                server.run(ServerState.initial(models.initialWeights(), seed), howMany);
            }
        }
        return Objects.requireNonNull(last.get(), "no evaluation after the last round");
    }

    private void print(String name, Map<String, List<ClientDistribution>> accuracies) {
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
                each.stream().mapToDouble(ClientDistribution::mean).average().orElseThrow(),
                each.stream()
                        .mapToDouble(ClientDistribution::tenthPercentile)
                        .average()
                        .orElseThrow(),
                each.stream().mapToDouble(ClientDistribution::worst).average().orElseThrow(),
                each.stream()
                        .map(a -> String.format(Locale.ROOT, "%.4f", a.mean()))
                        .toList()));
    }

    private void write(Map<String, List<ClientDistribution>> accuracies) throws IOException {
        Files.createDirectories(out);
        try (CSVPrinter csv = Csv.to(out.resolve("personal.csv"), "method", "seed", "mean", "tenth", "worst")) {
            for (Map.Entry<String, List<ClientDistribution>> row : accuracies.entrySet()) {
                for (int i = 0; i < seeds.size(); i++) {
                    ClientDistribution each = row.getValue().get(i);
                    csv.printRecord(row.getKey(), seeds.get(i), each.mean(), each.tenthPercentile(), each.worst());
                }
            }
        }
    }
}
