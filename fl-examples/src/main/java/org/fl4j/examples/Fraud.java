package org.fl4j.examples;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.data.Examples;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.random.Seeds;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.Simulation;
import org.fl4j.weights.ModelWeights;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Banks look for frauds, one payment in a thousand, without showing payments to each other. Each has few frauds of its own, and mostly of
 * one kind. Compares what each bank finds alone, what they find by federated averaging, what they would find if they pooled their payments,
 * and the best that can be found; by average precision, as accuracy says nothing where doing nothing has 99.9 %, which the two columns before the banks show.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.Fraud}.
 */
@Command(
        name = "fraud",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Banks look for frauds, one payment in a thousand: alone, federated and pooled.")
public final class Fraud implements Callable<Integer> {

    private static final int FRAUD = 1;

    @Option(names = "--banks", description = "How many banks (default: ${DEFAULT-VALUE}).")
    private int banks = 8;

    @Option(
            names = "--payments",
            description = "Payments of each bank, as many again for its test (default: ${DEFAULT-VALUE}).")
    private int payments = 20_000;

    @Option(names = "--rounds", description = "Rounds of each run (default: ${DEFAULT-VALUE}).")
    private int rounds = 20;

    @Option(names = "--batch", description = "Payments in a mini-batch (default: ${DEFAULT-VALUE}).")
    private int batch = 50;

    @Option(names = "--learning-rate", description = "Of local training (default: ${DEFAULT-VALUE}).")
    private double learningRate = 0.2;

    @Option(
            names = "--weight",
            description = "How many times an honest payment a fraud counts in the loss (default: ${DEFAULT-VALUE}).")
    private double weight = 5;

    @Option(names = "--seed", description = "Decides everything random (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    Fraud() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new Fraud(), args));
    }

    @Override
    public Integer call() {
        Commands.requirePositive("--banks", banks);
        Commands.requirePositive("--payments", payments);
        Commands.requirePositive("--rounds", rounds);
        List<Bank> all = Bank.generated(banks, payments, Seeds.derive(seed, "payments"));
        System.out.printf(
                Locale.ROOT, "%d banks with %,d payments each to learn from and as many to test on%n", banks, payments);
        printRow(
                "",
                Stream.concat(
                        Stream.of("all", "accuracy", "recall"),
                        IntStream.range(0, banks).mapToObj(bank -> "bank-" + bank)));
        printRow(
                "frauds in the test",
                Stream.concat(
                        Stream.of(
                                String.valueOf(
                                        all.stream().mapToLong(Bank::frauds).sum()),
                                "",
                                ""),
                        all.stream().map(bank -> String.valueOf(bank.frauds()))));
        System.out.println("average precision on each bank's test payments");
        List<Examples> each = all.stream().map(Bank::training).toList();
        List<ModelWeights> alone = each.stream().map(one -> train(List.of(one))).toList();
        print("each bank alone", bank -> evaluation(alone.get(bank), all.get(bank)));
        ModelWeights federated = train(each);
        print("federated, FedAvg", bank -> evaluation(federated, all.get(bank)));
        ModelWeights pooled = train(List.of(Examples.union(each)));
        print("pooled payments", bank -> evaluation(pooled, all.get(bank)));
        print(
                "best there is",
                bank -> Suspicion.evaluation(all.get(bank).odds(), all.get(bank).testFrauds()));
        return 0;
    }

    /** A federation of one client is training on its data alone. */
    private ModelWeights train(List<Examples> clients) {
        try (RoundProgress progress = new RoundProgress()) {
            return Simulation.with(FedAvg.byExamples())
                    .over(
                            Population.of(clients),
                            () -> Dl4jModel.of(FraudNetwork.create(weight, Seeds.derive(seed, "weights"))))
                    .localTraining(LocalTraining.epochs(1).withBatchSize(batch).withLearningRate(learningRate))
                    .seed(seed)
                    .configure(server -> server.listeners(progress))
                    .run(rounds)
                    .weights();
        }
    }

    private static Evaluation evaluation(ModelWeights trained, Bank bank) {
        return FraudNetwork.evaluation(trained, bank.test(), Metric.PR_AUC.needs());
    }

    /** The evaluation of all banks' payments is the sum of theirs. */
    private void print(String name, IntFunction<Evaluation> ofBank) {
        List<Evaluation> each = IntStream.range(0, banks).mapToObj(ofBank).toList();
        Evaluation all = each.stream().reduce(Evaluation.NONE, Evaluation::plus);
        printRow(
                name,
                Stream.concat(
                        Stream.of(
                                decimals(Metric.PR_AUC, all),
                                decimals(Metric.ACCURACY, all),
                                decimals(Metric.recall(FRAUD), all)),
                        each.stream().map(bank -> decimals(Metric.PR_AUC, bank))));
    }

    private static String decimals(Metric metric, Evaluation evaluation) {
        return String.format(Locale.ROOT, "%.3f", metric.of(evaluation).orElseThrow());
    }

    private static void printRow(String name, Stream<String> cells) {
        System.out.printf("%-18s", name);
        cells.forEach(cell -> System.out.printf(" | %8s", cell));
        System.out.println();
    }
}
