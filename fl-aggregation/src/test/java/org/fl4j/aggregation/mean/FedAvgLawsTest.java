package org.fl4j.aggregation.mean;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.TestClient;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;

/**
 * Least squares, f(w) = 1 / (2n) sum_i (x_i w - y_i)^2 with d = 3, in FP64 and closed form, over clients of 1 to 40
 * examples each.
 */
class FedAvgLawsTest {

    private static final int DIMENSION = 3;
    private static final int CLIENTS = 12;
    private static final int ROUNDS = 20;
    private static final double RATE = 0.2;
    private static final ParameterLayout LAYOUT = Fixtures.layout(DIMENSION);

    private final DeterministicRandom random = new DeterministicRandom(99);
    private final int[] sizes =
            IntStream.range(0, CLIENTS).map(client -> 1 + random.nextInt(40)).toArray();
    private final int examples = sum(sizes);
    private final double[][] x = new double[examples][DIMENSION];
    private final double[] y = new double[examples];

    FedAvgLawsTest() {
        for (int i = 0; i < examples; i++) {
            for (int j = 0; j < DIMENSION; j++) {
                x[i][j] = random.nextGaussian();
            }
            y[i] = 2 * x[i][0] - x[i][1] + 0.5 * random.nextGaussian();
        }
    }

    /**
     * One step on the full batch of every client, weighted by examples, is a step of gradient descent on the union. The two
     * differ in the order of FP64 sums of some 250 terms of size 1 to 10: below 1e-13 a step.
     */
    @Test
    void oneFullBatchStepOfEveryClientIsGradientDescentOnAllData() {
        double[] central = new double[DIMENSION];
        descend(central, 0, examples, ROUNDS);
        ModelWeights federated = run(CLIENTS, 1, ROUNDS);

        for (int j = 0; j < DIMENSION; j++) {
            assertEquals(central[j], federated.get(j), ROUNDS * 1e-13);
        }
    }

    /** Federated averaging of one client is its local training: here 5 local steps in each of 4 rounds, 20 in all. */
    @Test
    void oneClientIsLocalTraining() {
        double[] local = new double[DIMENSION];
        descend(local, 0, sizes[0], 20);
        ModelWeights federated = run(1, 5, 4);

        for (int j = 0; j < DIMENSION; j++) {
            assertEquals(local[j], federated.get(j), 1e-14, "a few units in the last place: local - global + global");
        }
    }

    private ModelWeights run(int clients, int steps, int rounds) {
        ServerState start = ServerState.initial(ModelWeights.copyOf(LAYOUT, new double[DIMENSION]), 1);
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .clients(ClientProvider.of(
                                ClientId.numbered("", clients), id -> new TestClient(id, this::leastSquares)))
                        .localTraining(LocalTraining.steps(steps).withLearningRate(RATE))
                        .runner(runner)
                        .build()) {
            return server.run(start, rounds).state().weights();
        }
    }

    private double[] gradient(double[] w, int from, int to) {
        double[] gradient = new double[DIMENSION];
        for (int i = from; i < to; i++) {
            double residual = -y[i];
            for (int j = 0; j < DIMENSION; j++) {
                residual += x[i][j] * w[j];
            }
            for (int j = 0; j < DIMENSION; j++) {
                gradient[j] += residual * x[i][j] / (to - from);
            }
        }
        return gradient;
    }

    private static int sum(int[] values) {
        return Arrays.stream(values).sum();
    }

    /** Gradient descent on the examples after those of the clients before it. */
    private ClientUpdate leastSquares(ClientId id, TrainingTask task) {
        int index = Integer.parseInt(id.value());
        int from = sum(Arrays.copyOf(sizes, index));
        int to = from + sizes[index];
        double[] w = new double[DIMENSION];
        for (int j = 0; j < DIMENSION; j++) {
            w[j] = task.global().get(j);
        }
        descend(w, from, to, task.localTraining().count());
        return ClientUpdate.of(id, task, ModelWeights.copyOf(LAYOUT, w).minus(task.global()), to - from);
    }

    private void descend(double[] w, int from, int to, int steps) {
        for (int step = 0; step < steps; step++) {
            double[] gradient = gradient(w, from, to);
            for (int j = 0; j < DIMENSION; j++) {
                w[j] -= RATE * gradient[j];
            }
        }
    }
}
