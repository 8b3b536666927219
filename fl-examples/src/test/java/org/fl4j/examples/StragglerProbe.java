package org.fl4j.examples;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * One round under a deadline, in a JVM of its own: clients whose updates are 1 MB each, on the server's own threads.
 * {@code N STRAGGLERS}: the first STRAGGLERS of N clients wait until all others have trained. Prints the peak memory in
 * use, milliseconds, how many completed, and a hash of the weights' bits.
 */
final class StragglerProbe {

    private static final int COORDINATES = 250_000;
    private static final ParameterLayout LAYOUT =
            new ParameterLayout(DataType.FLOAT, List.of(ParameterSpec.trainable("W", COORDINATES)));
    private static final int COLLECT_EVERY = 20;

    private final List<ClientId> clients;
    private final int stragglers;
    private final CountDownLatch others;
    private final AtomicInteger trained = new AtomicInteger();
    private final AtomicLong peak = new AtomicLong();

    private StragglerProbe(int clients, int stragglers) {
        this.clients = ClientId.numbered("client-", clients);
        this.stragglers = stragglers;
        this.others = new CountDownLatch(clients - stragglers);
    }

    public static void main(String[] args) {
        new StragglerProbe(Integer.parseInt(args[0]), Integer.parseInt(args[1])).run();
    }

    private void run() {
        long start = System.nanoTime();
        try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(ClientProvider.of(clients, Noise::new))
                .localTraining(LocalTraining.epochs(1).withLearningRate(1))
                .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMinutes(5)))
                .build()) {
            RoundResult result =
                    server.run(ServerState.initial(ModelWeights.copyOf(LAYOUT, new float[COORDINATES]), 1), 1);
            System.out.println("peak=" + peak);
            System.out.println(
                    "millis=" + Duration.ofNanos(System.nanoTime() - start).toMillis());
            System.out.println("completed="
                    + ((RoundResult.Advanced) result).report().completed().size());
            System.out.println("bits=" + result.state().weights().hashCode());
        }
    }

    /** An update that is all noise, and other bits for another order of summation. */
    private final class Noise implements Client {

        private final ClientId id;

        Noise(ClientId id) {
            this.id = id;
        }

        @Override
        public ClientId id() {
            return id;
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws InterruptedException {
            int position = clients.indexOf(id);
            if (position < stragglers) {
                others.await();
            }
            DeterministicRandom random = new DeterministicRandom(task.seed());
            double[] values = new double[COORDINATES];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextDouble() - 0.5;
            }
            if (trained.incrementAndGet() % COLLECT_EVERY == 0) {
                peak.accumulateAndGet(MemoryProbe.inUse(), Math::max);
            }
            ClientUpdate update = ClientUpdate.of(id, task, ModelDelta.of(LAYOUT, values), 1 + position % 7);
            others.countDown();
            return update;
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) {
            throw new UnsupportedOperationException("trains only");
        }
    }
}
