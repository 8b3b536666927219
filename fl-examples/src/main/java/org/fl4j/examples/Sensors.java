package org.fl4j.examples;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.EvaluationTask;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.random.Seeds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Population;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "sensors",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Machines learn what their sensors show in normal work, to find anomalies: alone, FedAvg and FedBN.")
public final class Sensors implements Callable<Integer> {

    @Option(names = "--machines", description = "How many machines (default: ${DEFAULT-VALUE}).")
    private int machines = 20;

    @Option(names = "--readings", description = "Readings of each machine, as many again for its test (default: ${DEFAULT-VALUE}).")
    private int readings = 200;

    @Option(names = "--rounds", description = "Rounds of each run (default: ${DEFAULT-VALUE}).")
    private int rounds = 50;

    @Option(names = "--epochs", description = "Passes over a machine's readings in a round (default: ${DEFAULT-VALUE}).")
    private int epochs = 2;

    @Option(names = "--batch", description = "Readings in a mini-batch (default: ${DEFAULT-VALUE}).")
    private int batch = 20;

    @Option(names = "--learning-rate", description = "Of local training (default: ${DEFAULT-VALUE}).")
    private double learningRate = 0.05;

    @Option(names = "--seed", description = "Decides everything random (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    Sensors() {}

    public static void main(String[] args) {
        System.exit(Commands.run(new Sensors(), args));
    }

    @Override
    public Integer call() {
        List<Machine> all = Machine.generated(machines, readings, Seeds.derive(seed, "machines"));
        print("each machine alone", all.stream().map(m -> train(List.of(m)).get(0)).toList());
        print("FedAvg", train(all));
        return 0;
    }

    private List<Detection> train(List<Machine> some) {
        ConcurrentHashMap<Examples, float[]> errors = new ConcurrentHashMap<>();
        ModelPool<AutoEncoder> models = ModelPool.of(() -> AutoEncoder.create(Seeds.derive(seed, "weights"), errors));
        Population population = Population.of(some.stream().map(Machine::training).toList());
        Population tests = Population.of(some.stream().map(Machine::test).toList());
        try (RoundProgress progress = new RoundProgress();
             FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(population.over(models))
                .localTraining(LocalTraining.epochs(epochs).withBatchSize(batch).withLearningRate(learningRate).withSmallestBatch(2))
                .listeners(progress)
                .build()) {
            ServerState end = server.run(ServerState.initial(models.initialWeights(), seed), rounds).state();
            models.with(model -> {
                model.load(end.weights());
                some.forEach(machine -> model.evaluate(machine.test()));
                return true;
            });
        }
        return some.stream().map(m -> Detection.of(errors.get(m.test()), m.anomalies())).toList();
    }

    private static void print(String name, List<Detection> each) {
        Detection mean = Detection.mean(each);
        System.out.printf(Locale.ROOT, "%-20s | %.3f | %.3f | worst %.3f%n", name, mean.averagePrecision(), mean.roc(), each.stream().mapToDouble(Detection::averagePrecision).min().orElseThrow());
    }
}
