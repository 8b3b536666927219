package org.fl4j.spark;

import org.fl4j.client.ClientProvider;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.models.DenseModel;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Population;

/** Forty writers of digits and a small network, as executors make them. */
final class Digits {

    static final int CLIENTS = 40;
    static final int COHORT = 36;
    static final LocalTraining TRAINING =
            LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1);

    private Digits() {}

    static ClientProvider clients() {
        StrokeDigits digits = StrokeDigits.of(4);
        return Population.generated(CLIENTS, writer -> digits.writer(writer, 20 + writer % 5))
                .over(models());
    }

    static ModelPool<DenseModel> models() {
        return ModelPool.of(() -> DenseModel.perceptron(784, 24, 10).withSeed(5));
    }

    static ServerState start() {
        return ServerState.initial(models().initialWeights(), 7);
    }
}
