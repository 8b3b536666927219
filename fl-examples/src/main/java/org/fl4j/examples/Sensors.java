package org.fl4j.examples;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.model.ModelPool;
import org.fl4j.random.Seeds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.ClientDistribution;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.simulation.Population;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Machines of one kind find anomalies in what their sensors show. An auto-encoder learns from normal work only; what it reproduces badly is
 * suspicious. The machines are calibrated differently, so what federated averaging makes of their batch normalisation fits none of them. FedBN (Li et al.,
 * ICLR 2021) keeps it on the machine, which is one call: {@code model.keeping("[05]_.*")}.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.Sensors}.
 */
@Command(
        name = "sensors",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description =
                "Machines learn what their sensors show in normal work, to find anomalies: alone, FedAvg and FedBN.")
public final class Sensors implements Callable<Integer> {

    private static final int TESTS = 400;
    private static final String ROW = "%-18s | %17.3f | %13.3f | %14.3f%n";

    @Option(names = "--machines", description = "How many machines (default: ${DEFAULT-VALUE}).")
    private int machines = 20;

    @Option(
            names = "--readings",
            description = "Readings of normal work that each machine has (default: ${DEFAULT-VALUE}).")
    private int readings = 60;

    @Option(names = "--rounds", description = "Rounds of each run (default: ${DEFAULT-VALUE}).")
    private int rounds = 150;

    @Option(
            names = "--epochs",
            description = "Passes over a machine's readings in a round (default: ${DEFAULT-VALUE}).")
    private int epochs = 2;

    @Option(names = "--batch", description = "Readings in a mini-batch (default: ${DEFAULT-VALUE}).")
    private int batch = 10;

    @Option(names = "--learning-rate", description = "Of local training (default: ${DEFAULT-VALUE}).")
    private double learningRate = 0.2;

    @Option(names = "--seed", description = "Decides everything random (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    Sensors() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new Sensors(), args));
    }

    @Override
    public Integer call() {
        Commands.requirePositive("--machines", machines);
        Commands.requirePositive("--readings", readings);
        Commands.requirePositive("--rounds", rounds);
        List<Machine> all = Machine.generated(machines, readings, TESTS, Seeds.derive(seed, "machines"));
        System.out.printf(
                "%d machines, %d readings each of %d sensors to learn from and %d to test on, one in %d an anomaly%n",
                machines, readings, Machine.SENSORS, TESTS, Machine.ONE_IN);
        System.out.println("machines' mean     | average precision | worst machine | area under ROC");
        System.out.printf(Locale.ROOT, ROW, "chance", 1.0 / Machine.ONE_IN, 1.0 / Machine.ONE_IN, 0.5);
        UnaryOperator<GradientModel<Examples>> everythingTravels = model -> model;
        print(
                "each machine alone",
                all.stream()
                        .map(machine ->
                                found(List.of(machine), everythingTravels).get(0))
                        .toList());
        print("FedAvg", found(all, everythingTravels));
        print("FedBN", found(all, model -> model.keeping(AutoEncoder.NORMALISATION)));
        return 0;
    }

    /** How well each machine finds its anomalies after training; a federation of one is training alone. */
    private List<Evaluation> found(List<Machine> federation, UnaryOperator<GradientModel<Examples>> personal) {
        ConcurrentHashMap<Examples, double[]> errors = new ConcurrentHashMap<>();
        ModelPool<GradientModel<Examples>> models =
                ModelPool.of(() -> personal.apply(AutoEncoder.create(Seeds.derive(seed, "weights"), errors)));
        Population work =
                Population.of(federation.stream().map(Machine::training).toList());
        Population test = Population.of(federation.stream().map(Machine::test).toList());
        ClientProvider clients = work.over(models, test);
        try (RoundProgress progress = new RoundProgress();
                InProcessRunner runner = InProcessRunner.of(Runtime.getRuntime().availableProcessors());
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(clients)
                        .localTraining(LocalTraining.epochs(epochs)
                                .withBatchSize(batch)
                                .withLearningRate(learningRate)
                                .withSmallestBatch(2))
                        .runner(runner)
                        .listeners(progress, FederatedEvaluation.every(rounds, clients, runner, progress))
                        .build()) {
            server.run(ServerState.initial(models.initialWeights(), seed), rounds);
        }
        return federation.stream()
                .map(machine ->
                        Suspicion.evaluation(Objects.requireNonNull(errors.get(machine.test())), machine.anomalies()))
                .toList();
    }

    private static void print(String name, List<Evaluation> each) {
        ClientDistribution precision =
                ClientDistribution.of(Metric.PR_AUC, each).orElseThrow();
        ClientDistribution roc = ClientDistribution.of(Metric.ROC_AUC, each).orElseThrow();
        System.out.printf(Locale.ROOT, ROW, name, precision.mean(), precision.worst(), roc.mean());
    }
}
