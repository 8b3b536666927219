package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.data.Examples;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Population;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;

/** A federation in a unit test. */
class FederationTest {

    @Test
    void tenWritersLearnDigitsTogetherAndTheSameSeedLearnsTheSame() {
        StrokeDigits digits = StrokeDigits.of(1);
        Population writers = Population.generated(10, writer -> digits.writer(writer, 40));
        ModelPool<SoftmaxRegression> models = ModelPool.of(() -> new SoftmaxRegression(784, 10));
        try (FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                .clients(writers.over(models))
                .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1))
                .build()) {
            ServerState start = ServerState.initial(models.initialWeights(), 42);
            ModelWeights trained = server.run(start, 5).state().weights();
            Examples test = digits.heldOut(200);
            double accuracy = models.with(model -> {
                model.load(trained);
                return model.evaluate(test).accuracy().orElseThrow();
            });
            assertTrue(accuracy > 0.5, () -> "accuracy " + accuracy);
            assertEquals(trained, server.run(start, 5).state().weights());
        }
    }
}
