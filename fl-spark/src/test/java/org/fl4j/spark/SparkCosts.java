package org.fl4j.spark;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.models.DenseModel;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;
import org.fl4j.testkit.QuadraticModel;

/**
 * What rounds on Spark cost, printed; not a test. {@code scaling}: two executors beside two threads of one process, where a block trains for
 * seconds. {@code traffic}: bytes to the driver under linear and direct rules. {@code overhead}: a round of 1,000 clients that
 * hardly train. {@code population}: the driver's heap with 1,000,000 clients listed and 20,000 a round.
 */
final class SparkCosts {

    private SparkCosts() {}

    public static void main(String[] args) throws Exception {
        for (String what : args) {
            switch (what) {
                case "scaling" -> scaling();
                case "traffic" -> traffic();
                case "overhead" -> overhead();
                case "population" -> population();
                default ->
                    throw new IllegalArgumentException("scaling, traffic, overhead or population, but was " + what);
            }
        }
    }

    private static void scaling() throws Exception {
        ModelPool<DenseModel> models = perceptrons();
        ServerState start = ServerState.initial(models.initialWeights(), 3);
        LocalTraining how = LocalTraining.epochs(300).withBatchSize(10).withLearningRate(0.1);
        double[] seconds = new double[3];
        List<String> ends = new ArrayList<>();
        for (int threads = 1; threads <= 2; threads++) {
            try (InProcessRunner runner = InProcessRunner.of(threads)) {
                Timed timed = timed(FedAvg.byExamples(), heavy(), runner, start, how, 128, 3);
                seconds[threads - 1] = timed.medianSeconds();
                ends.add(timed.sha256());
            }
        }
        LocalCluster cluster = LocalCluster.processes(2);
        cluster.beforeAll(null);
        try (SparkRunner runner = SparkRunner.over(cluster.context(), FedAvg::byExamples, SparkCosts::heavy)) {
            Timed timed = timed(FedAvg.byExamples(), runner.clients(), runner, start, how, 128, 3);
            seconds[2] = timed.medianSeconds();
            ends.add(timed.sha256());
        } finally {
            cluster.afterAll(null);
        }
        System.out.printf(
                Locale.ROOT,
                "scaling: a round of 8 blocks takes %.2f s on one thread, %.2f s on two, %.2f s on two executors: they gain %.2f of"
                        + " what two threads do; same bits: %s%n",
                seconds[0],
                seconds[1],
                seconds[2],
                seconds[1] / seconds[2],
                ends.stream().distinct().count() == 1);
    }

    private static void traffic() throws Exception {
        LocalCluster cluster = LocalCluster.threads(2);
        cluster.beforeAll(null);
        AtomicLong results = new AtomicLong();
        AtomicLong tasks = new AtomicLong();
        cluster.context().sc().addSparkListener(new SparkListener() {
            @Override
            public void onTaskEnd(SparkListenerTaskEnd end) {
                results.addAndGet(end.taskMetrics().resultSize());
                tasks.incrementAndGet();
            }
        });
        ModelPool<DenseModel> models = perceptrons();
        ServerState start = ServerState.initial(models.initialWeights(), 3);
        long parameters = start.weights().layout().length();
        LocalTraining how = LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1);
        List<ExecutorSide<? extends DirectAggregator>> rules = List.of(FedAvg::byExamples, CoordinateMedian::of);
        for (ExecutorSide<? extends DirectAggregator> rule : rules) {
            results.set(0);
            tasks.set(0);
            try (SparkRunner runner = SparkRunner.over(cluster.context(), rule, SparkCosts::heavy)) {
                timed(rule.make(), runner.clients(), runner, start, how, 128, 1);
            }
            Thread.sleep(2000); // the listener's events come later
            System.out.printf(
                    Locale.ROOT,
                    "traffic: %s, 128 clients, %d parameters: %d answers to the driver, %.2f MB; %d bytes a parameter and answer%n",
                    rule.make(),
                    parameters,
                    tasks.get(),
                    results.get() / 1e6,
                    results.get() / tasks.get() / parameters);
        }
        cluster.afterAll(null);
    }

    private static void overhead() throws Exception {
        ServerState start = ServerState.initial(QuadraticModel.weightsOf(new double[10]), 3);
        LocalTraining how = LocalTraining.steps(1).withBatchSize(1).withLearningRate(0.1);
        double here;
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            here = timed(FedAvg.byExamples(), tiny(1_000), runner, start, how, 1_000, 30)
                    .medianSeconds();
        }
        LocalCluster cluster = LocalCluster.processes(2);
        cluster.beforeAll(null);
        try (SparkRunner runner = SparkRunner.over(cluster.context(), FedAvg::byExamples, () -> tiny(1_000))) {
            double there = timed(FedAvg.byExamples(), runner.clients(), runner, start, how, 1_000, 30)
                    .medianSeconds();
            System.out.printf(
                    Locale.ROOT,
                    "overhead: a round of 1,000 clients of 10 parameters takes %.1f ms in process, %.1f ms on two executors%n",
                    1e3 * here,
                    1e3 * there);
        } finally {
            cluster.afterAll(null);
        }
    }

    private static void population() throws Exception {
        ServerState start = ServerState.initial(QuadraticModel.weightsOf(new double[10]), 3);
        LocalTraining how = LocalTraining.steps(1).withBatchSize(1).withLearningRate(0.1);
        LocalCluster cluster = LocalCluster.processes(2);
        cluster.beforeAll(null);
        List<Long> heap = new ArrayList<>();
        try (SparkRunner runner = SparkRunner.over(cluster.context(), FedAvg::byExamples, () -> tiny(1_000_000));
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(runner.clients())
                        .selector(ClientSelector.uniform(20_000))
                        .localTraining(how)
                        .runner(runner)
                        .listeners(new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                System.gc();
                                heap.add(ManagementFactory.getMemoryMXBean()
                                                .getHeapMemoryUsage()
                                                .getUsed()
                                        >> 20);
                            }
                        })
                        .build()) {
            long before = System.nanoTime();
            server.run(start, 20);
            System.out.printf(
                    Locale.ROOT,
                    "population: 1,000,000 clients, 20,000 a round, 20 rounds in %.1f s; the driver's heap after each, MB: %s; at most"
                            + " %d MB%n",
                    (System.nanoTime() - before) / 1e9,
                    heap,
                    Runtime.getRuntime().maxMemory() >> 20);
        } finally {
            cluster.afterAll(null);
        }
    }

    /** How long rounds took, and the weights' digest. */
    private record Timed(double medianSeconds, String sha256) {}

    private static Timed timed(
            DirectAggregator rule,
            ClientProvider clients,
            ClientRunner runner,
            ServerState start,
            LocalTraining how,
            int cohort,
            int rounds) {
        List<Double> seconds = new ArrayList<>();
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(clients)
                .selector(ClientSelector.uniform(cohort))
                .localTraining(how)
                .runner(runner)
                .build()) {
            ServerState state = start;
            for (int round = 0; round < rounds; round++) {
                long before = System.nanoTime();
                state = server.run(state, 1).state();
                seconds.add((System.nanoTime() - before) / 1e9);
            }
            // The first has the start of ND4J on executors, the median none.
            seconds.sort(null);
            return new Timed(
                    seconds.get((seconds.size() - 1) / 2), state.weights().fingerprint());
        }
    }

    private static ModelPool<DenseModel> perceptrons() {
        return ModelPool.of(() -> DenseModel.perceptron(784, 200, 200, 10).withSeed(5));
    }

    /** 128 writers of 100 digits. */
    private static ClientProvider heavy() {
        StrokeDigits digits = StrokeDigits.of(4);
        return Population.generated(128, writer -> digits.writer(writer, 100)).over(perceptrons());
    }

    private static ClientProvider tiny(int clients) {
        return ClientProvider.local(
                ClientId.numbered("client-", clients),
                id -> new double[][] {{id.hashCode(), 1, 2, 3, 4, 5, 6, 7, 8, 9}},
                ModelPool.of(() -> new QuadraticModel(10)));
    }
}
