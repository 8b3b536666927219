package org.fl4j.examples;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.fl4j.client.EvaluationTask.Evaluated;
import org.fl4j.data.Examples;
import org.fl4j.data.TrainTest;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.model.ModelPool;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.model.StatisticsSpec.Kind;
import org.fl4j.random.Seeds;
import org.fl4j.server.evaluation.ClientDistribution;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A keyboard suggests the next character; what somebody types stays on the device. One client a role of Shakespeare's plays, or, without {@code --data},
 * a person who types generated text. Compares a model that all share with one whose output layer stays with each client (FedPer, Arivazhagan et
 * al. 2019), which is one call: {@code model.keeping("2_.*")}; and with the shared one fine-tuned on each client's own text.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.Keyboard
 * -Dargs="--data ../shakespeare"}. With {@code --out} it trains the shared model alone, for networks that take long:
 * {@code --roles 100 --sequences 1000 --length 80 --layers 2 --cells 256 --learning-rate 8 --clip 0.25} is the one of McMahan et al. (AISTATS 2017).
 */
@Command(
        name = "keyboard",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Suggests the next character: a shared model, and one with an output layer for each client.")
public final class Keyboard implements Callable<Integer> {

    private static final Metric TOP = Metric.topAccuracy(3);
    private static final Metric COMMONEST = Metric.of(
            "commonest", Metric.Direction.HIGHER_IS_BETTER, StatisticsSpec.of(Kind.STEPS), Keyboard::commonest);
    private static final StatisticsSpec STATISTICS =
            StatisticsSpec.forMetrics(Metric.ACCURACY, TOP, Metric.PERPLEXITY, COMMONEST);

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Read plays from input.txt in DIR (lines 'SPEAKER:', text below) instead of generating text.")
    private @Nullable Path data;

    @Option(
            names = "--roles",
            description = "How many clients; of plays the most talkative roles (default: ${DEFAULT-VALUE}).")
    private int roles = 30;

    @Option(names = "--cohort", description = "How many clients train in a round (default: ${DEFAULT-VALUE}).")
    private int cohort = 10;

    @Option(
            names = "--sequences",
            description = "The most that a client has; the last fifth is for the test (default: ${DEFAULT-VALUE}).")
    private int sequences = 60;

    @Option(names = "--length", description = "Characters in a sequence (default: ${DEFAULT-VALUE}).")
    private int length = 40;

    @Option(names = "--layers", description = "LSTMs, one on the other (default: ${DEFAULT-VALUE}).")
    private int layers = 1;

    @Option(names = "--cells", description = "Of each LSTM (default: ${DEFAULT-VALUE}).")
    private int cells = 64;

    @Option(names = "--rounds", description = "Rounds of each run (default: ${DEFAULT-VALUE}).")
    private int rounds = 60;

    @Option(names = "--batch", description = "Sequences in a mini-batch (default: ${DEFAULT-VALUE}).")
    private int batch = 10;

    @Option(names = "--learning-rate", description = "Of the mean loss of a character (default: ${DEFAULT-VALUE}).")
    private double learningRate = 2;

    @Option(
            names = "--clip",
            description =
                    "The most that the norm of a layer's gradient of the mean loss of a character may be, or 0 for"
                            + " any (default: ${DEFAULT-VALUE}).")
    private double clip;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description =
                    "Train the shared model alone, write rounds.csv in DIR with a test every ten rounds, and go on"
                            + " from there after an interruption.")
    private @Nullable Path out;

    @Option(names = "--seed", description = "Decides everything random (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    Keyboard() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new Keyboard(), args));
    }

    @Override
    public Integer call() throws Exception {
        requireSizes();
        Optional<Path> folder = Optional.ofNullable(data);
        List<Role> all = folder.map(plays -> Role.read(plays, roles))
                .orElseGet(() -> Role.generated(roles, Seeds.derive(seed, "people")));
        List<TrainTest> texts =
                all.stream().map(role -> role.sequences(length, sequences)).toList();
        System.out.printf(
                "%d %s, %d of them in each of %d rounds%n",
                all.size(),
                folder.isPresent() ? "roles of plays" : "people typing",
                Math.min(cohort, all.size()),
                rounds);
        System.out.println(
                "share of suggestions hit | mean of roles | 10th percentile | worst role | all text | top 3 | perplexity");
        // DL4J sums the loss over the characters of a sequence.
        LocalTraining how = LocalTraining.epochs(1).withBatchSize(batch).withLearningRate(learningRate / length);
        CharacterNetwork network = new CharacterNetwork(length, layers, cells, clip);
        Suggestions shared = suggestions(texts, () -> network.create(weights()));
        if (out != null) {
            shared.trainIn(out, rounds, cohort, how, STATISTICS);
            printShared(shared);
            return 0;
        }
        shared.train(rounds, cohort, how);
        printShared(shared);
        print("FedAvg, fine-tuned", shared, new Evaluated(false, Optional.of(how), seed));
        Suggestions personal =
                suggestions(texts, () -> network.create(weights()).keeping(network.outputLayer()));
        personal.train(rounds, cohort, how);
        print("personal output layer", personal, Evaluated.GLOBAL);
        return 0;
    }

    private void requireSizes() {
        Commands.requirePositive("--roles", roles);
        Commands.requirePositive("--cohort", cohort);
        Commands.requirePositive("--sequences", sequences);
        Commands.requirePositive("--length", length);
        Commands.requirePositive("--layers", layers);
        Commands.requirePositive("--cells", cells);
        Commands.requirePositive("--rounds", rounds);
        Commands.requirePositive("--batch", batch);
        if (!(clip >= 0 && clip < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("--clip must be finite and not negative, but was " + clip);
        }
    }

    private Suggestions suggestions(List<TrainTest> texts, Supplier<GradientModel<Examples>> models) {
        return new Suggestions(texts, ModelPool.of(models), seed);
    }

    private long weights() {
        return Seeds.derive(seed, "weights");
    }

    /** What a keyboard would hit that always suggests the character that is commonest in this very text. */
    private static OptionalDouble commonest(Evaluation evaluation) {
        LongSummaryStatistics characters = evaluation.classes().stream()
                .mapToLong(Evaluation.ClassCounts::examples)
                .summaryStatistics();
        return OptionalDouble.of(characters.getMax() / (double) characters.getSum());
    }

    private static void printShared(Suggestions shared) throws Exception {
        print("the commonest character", COMMONEST, shared.evaluate(Evaluated.GLOBAL, STATISTICS));
        System.out.println(" |       |");
        print("FedAvg", shared, Evaluated.GLOBAL);
    }

    private static void print(String name, Suggestions suggestions, Evaluated which) throws Exception {
        List<Evaluation> each = suggestions.evaluate(which, STATISTICS);
        Evaluation all = each.stream().reduce(Evaluation.NONE, Evaluation::plus);
        print(name, Metric.ACCURACY, each);
        System.out.printf(
                Locale.ROOT,
                " | %5.3f | %10.2f%n",
                TOP.of(all).orElseThrow(),
                Metric.PERPLEXITY.of(all).orElseThrow());
    }

    private static void print(String name, Metric metric, List<Evaluation> each) {
        ClientDistribution roles = ClientDistribution.of(metric, each).orElseThrow();
        Evaluation all = each.stream().reduce(Evaluation.NONE, Evaluation::plus);
        System.out.printf(
                Locale.ROOT,
                "%-24s | %13.3f | %15.3f | %10.3f | %8.3f",
                name,
                roles.mean(),
                roles.tenthPercentile(),
                roles.worst(),
                metric.of(all).orElseThrow());
    }
}
