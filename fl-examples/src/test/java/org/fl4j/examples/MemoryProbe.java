package org.fl4j.examples;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.client.TrainingTask;
import org.fl4j.data.Examples;
import org.fl4j.data.Partitioner;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.fl4j.model.ModelPool;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Population;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Runs a federation in a JVM of its own and prints how much memory is in use, as {@code name=bytes} lines: {@link
 * MemoryLawTest} starts it with a fixed heap and compares.
 */
final class MemoryProbe {

    private static final int THREADS = 2;
    private static final int QUIET_COLLECTIONS = 3;
    private static final double NOISE = 0.005;
    private static final long PAUSE_NANOS = 30_000_000;
    private static final int CLIENTS = 400;
    private static final int EXAMPLES_EACH = 25;
    private static final int TRAININGS = 400;
    private static final int COLLECT_EVERY = 10;

    private final AtomicLong peak = new AtomicLong();
    private final AtomicInteger trained = new AtomicInteger();
    private final ReadWriteLock training = new ReentrantReadWriteLock();

    private MemoryProbe() {}

    /** {@code cohort N}: the peak over rounds with N clients. {@code population N}: in use with N clients known.
     * {@code rounds N}: in use after each quarter of N rounds. */
    public static void main(String[] args) {
        int n = Integer.parseInt(args[1]);
        switch (args[0]) {
            case "cohort" -> new MemoryProbe().cohort(n);
            case "population" -> population(n);
            case "rounds" -> rounds(n);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private void cohort(int size) {
        ModelPool<Dl4jModel> models = ModelPool.of(() -> DigitNetwork.create(1));
        Examples shared = noise(CLIENTS * EXAMPLES_EACH, 784, 10, 1);
        Population population = Population.of(shared, Partitioner.iid().partition(shared, CLIENTS, 1));
        ClientProvider clients = ClientProvider.of(population.ids(), id -> {
            if (trained.incrementAndGet() % COLLECT_EVERY == 0) {
                training.writeLock().lock();
                try {
                    peak.accumulateAndGet(inUse(), Math::max);
                } finally {
                    training.writeLock().unlock();
                }
            }
            return new Undisturbed(LocalClient.of(id, population.data(id), models), training.readLock());
        });
        run(clients, models, ClientSelector.uniform(size), TRAININGS / size, new RoundListener() {});
        System.out.println("peak=" + peak);
        System.out.println("parameters=" + models.with(Model::layout).length());
    }

    /**
     * Trains while nobody collects. ND4J hands native code the address of a temporary array that nothing in Java holds any
     * longer, so a collection in that moment can free it and crash the process.
     */
    private record Undisturbed(Client client, Lock training) implements Client {

        @Override
        public ClientId id() {
            return client.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            training.lock();
            try {
                return client.train(task);
            } finally {
                training.unlock();
            }
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return client.evaluate(task);
        }
    }

    private static void population(int size) {
        ModelPool<Dl4jModel> models = ModelPool.of(MemoryProbe::tinyModel);
        Population population = Population.generated(size, client -> noise(10 + client % 5, 8, 3, client));
        ClientProvider clients = population.over(models);
        run(clients, models, ClientSelector.uniform(10), 3, new RoundListener() {});
        long before = inUse();
        System.out.println("clients=" + clients.ids().size());
        System.out.println("used=" + before);
    }

    private static void rounds(int rounds) {
        ModelPool<Dl4jModel> models = ModelPool.of(MemoryProbe::tinyModel);
        ClientProvider clients = Population.generated(20, client -> noise(10 + client % 5, 8, 3, client))
                .over(models);
        run(clients, models, ClientSelector.uniform(2), rounds, new RoundListener() {
            @Override
            public void roundEnded(RoundResult result) {
                int round = result.state().round();
                if (round % (rounds / 4) == 0) {
                    settle();
                    System.out.println("heap" + round + "=" + heap());
                    System.out.println("native" + round + "=" + Pointer.totalBytes());
                }
            }
        });
    }

    private static void run(
            ClientProvider clients,
            ModelPool<Dl4jModel> models,
            ClientSelector selector,
            int rounds,
            RoundListener listener) {
        try (InProcessRunner runner = InProcessRunner.of(THREADS);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(clients)
                        .selector(selector)
                        .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.01))
                        .runner(runner)
                        .listeners(listener)
                        .build()) {
            server.run(ServerState.initial(models.initialWeights(), 1), rounds);
        }
    }

    /** The heap after a collection, and what JavaCPP holds outside it. */
    static long inUse() {
        settle();
        return heap() + Pointer.totalBytes();
    }

    /**
     * Collects until nothing more comes back. ND4J frees what a collected tensor owned on threads of its own, one at a
     * time; they are given a moment after each collection, since their queue cannot be looked at.
     */
    private static void settle() {
        long least = Long.MAX_VALUE;
        for (int quiet = 0; quiet < QUIET_COLLECTIONS; ) {
            System.gc();
            LockSupport.parkNanos(PAUSE_NANOS);
            long now = heap() + Pointer.totalBytes();
            quiet = now < least * (1 - NOISE) ? 0 : quiet + 1;
            least = Math.min(least, now);
        }
    }

    private static long heap() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static Dl4jModel tinyModel() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(1)
                .updater(new Adam())
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(8)
                        .nOut(6)
                        .activation(Activation.RELU)
                        .dropOut(0.9)
                        .build())
                .layer(new BatchNormalization.Builder().nIn(6).nOut(6).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(6)
                        .nOut(3)
                        .build())
                .build());
        network.init();
        return Dl4jModel.of(network);
    }

    private static Examples noise(int n, int features, int classes, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        float[] values = new float[n * features];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble();
        }
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = random.nextInt(classes);
        }
        return Examples.classified(values, labels, classes, features);
    }
}
