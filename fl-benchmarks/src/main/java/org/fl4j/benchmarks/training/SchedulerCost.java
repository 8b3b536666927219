package org.fl4j.benchmarks.training;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.AsynchronousRounds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.StalenessWeight;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What rounds in virtual time cost beside training: the processor time of the whole process a client, where clients have one
 * parameter and do not train. Selection, latencies, the queue, checks, sums and reports are in it. Medians over repetitions,
 * and the share of a client's time in the same rounds of the 2NN, trained by plans.
 */
final class SchedulerCost {

    private static final int POPULATION = 10_000;
    private static final int COHORT = 100;
    private static final int BUFFER = 10;
    private static final int UPDATES = 40_000;
    private static final int WARM_UP = 4;
    private static final ParameterLayout LAYOUT =
            new ParameterLayout(DataType.FLOAT, List.of(ParameterSpec.trainable("w", 1)));
    private static final Latency HEAVY = Latency.pareto(Duration.ofMinutes(1), 1.2);

    private final WorkloadOptions options;

    SchedulerCost(WorkloadOptions options) {
        this.options = options;
    }

    /** One way of playing rounds, and how many updates end one. */
    private record Driver(String name, int updatesARound, Consumer<ServerBuilder> settings) {}

    private static List<Driver> drivers(int cohort) {
        int buffer = Math.max(1, cohort * BUFFER / COHORT);
        return List.of(
                new Driver("synchronous", cohort, server -> {}),
                new Driver(
                        "over-selection", cohort, server -> server.policy(RoundPolicy.DEFAULT.withOverSelection(0.3))),
                new Driver(
                        "FedBuff", buffer, server -> server.asynchronous(AsynchronousRounds.fedBuff(cohort, buffer))),
                new Driver(
                        "FedAsync",
                        1,
                        server -> server.asynchronous(
                                AsynchronousRounds.fedAsync(cohort, 0.5, StalenessWeight.polynomial(0.5)))));
    }

    /** Passes a line for each way of playing rounds. */
    void measure(int repetitions, Supplier<JsonLine> lines, Consumer<JsonLine> results) {
        int updates = options.roundsOr(UPDATES / COHORT) * COHORT;
        for (Driver driver : drivers(COHORT)) {
            ClientProvider clients = ClientProvider.of(ClientId.numbered("client-", POPULATION), SchedulerCost::silent);
            ServerState start = ServerState.initial(ModelWeights.copyOf(LAYOUT, new float[] {0}), options.seed);
            double[] microseconds = new double[repetitions];
            for (int i = -WARM_UP; i < repetitions; i++) {
                double each = microseconds(clients, COHORT, start, driver, updates);
                microseconds[Math.max(0, i)] = each;
            }
            double median = median(microseconds);
            double training = training();
            results.accept(lines.get()
                    .add("driver", driver.name())
                    .add("clients", POPULATION)
                    .add("cohort", COHORT)
                    .add("updates", updates)
                    .add("repetitions", repetitions)
                    .add("microsecondsAClient", median, 2)
                    .add("microsecondsAClientOf2nn", training, 1)
                    .add("shareOf2nn", median / training, 5));
        }
    }

    /** A client of the 2NN, of as many examples as the workload says, with all there is around it. */
    private double training() {
        Workload workload = Digits.twoLayers(options);
        ModelPool<Dl4jModel> models =
                ModelPool.of(() -> Dl4jModel.of(workload.network().get()));
        ClientProvider clients = workload.population().over(models);
        int cohort = Math.min(workload.cohort(), clients.ids().size());
        ServerState start = ServerState.initial(models.initialWeights(), options.seed);
        Driver buffered = drivers(cohort).get(2);
        microseconds(clients, cohort, start, buffered, cohort * buffered.updatesARound());
        return microseconds(clients, cohort, start, buffered, cohort * buffered.updatesARound());
    }

    private double microseconds(ClientProvider clients, int cohort, ServerState start, Driver driver, int updates) {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        try (InProcessRunner threads = InProcessRunner.of(options.threads).forUpdatesOf(bytes(start))) {
            ServerBuilder builder = FederatedServer.with(FedAvg.byExamples())
                    .clients(clients)
                    .selector(ClientSelector.uniform(cohort))
                    .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
                    .runner(VirtualRunner.over(threads, HEAVY));
            driver.settings().accept(builder);
            try (FederatedServer server = builder.build()) {
                int rounds = Math.max(1, updates / driver.updatesARound());
                long before = system.getProcessCpuTime();
                server.run(start, rounds);
                return (system.getProcessCpuTime() - before) / 1e3 / ((double) rounds * driver.updatesARound());
            }
        }
    }

    private static long bytes(ServerState start) {
        return (long) start.weights().layout().length()
                * start.weights().layout().bytesPerValue();
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static Client silent(ClientId id) {
        return new Client() {
            @Override
            public ClientId id() {
                return id;
            }

            @Override
            public ClientUpdate train(TrainingTask task) {
                return ClientUpdate.of(id, task, ModelDelta.of(LAYOUT, 1e-6), 1);
            }

            @Override
            public Evaluation evaluate(EvaluationTask task) {
                throw new UnsupportedOperationException("nothing to evaluate on");
            }
        };
    }
}
