package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientProvider;
import org.fl4j.data.Examples;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.dp.ExampleDifferentialPrivacy;
import org.fl4j.privacy.dp.PrivacyStatement;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.simulation.Population;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** A DL4J network is private in one line: the program of docs/differential-privacy.md, word for word, by DP-Adam. */
class ExampleLevelTest {

    private static final int FEATURES = 6;
    private static final int EXAMPLES = 3200;
    private static final Path GUIDE = Path.of("../docs/differential-privacy.md");
    private static final Path THIS = Path.of("src/test/java/org/fl4j/examples/ExampleLevelTest.java");

    private final Population population = Population.of(List.of(drawn(1), drawn(2)));

    @Test
    void aNetworkLearnsWhileItHidesItsExamples() {
        ModelPool<Dl4jModel> models = ModelPool.of(() -> Dl4jModel.of(network(dense())));
        // region private
        ExampleDifferentialPrivacy hidden =
                ExampleDifferentialPrivacy.clippedTo(1).withNoise(1.1).sampling(0.01);
        FederatedServer server = FederatedServer.with(FedAvg.uniform())
                .clients(population.over(models).decorated(hidden::around))
                .localTraining(LocalTraining.steps(20).withBatchSize(32).withLearningRate(0.01))
                .build();
        // endregion
        try (server) {
            ServerState end = server.run(ServerState.initial(models.initialWeights(), 1), 10)
                    .state();
            double before = accuracy(models, ServerState.initial(models.initialWeights(), 1));
            double after = accuracy(models, end);
            PrivacyStatement statement = hidden.statement(population.ids().get(0), 1e-5);

            assertTrue(after > 0.85 && before < 0.75, before + ", then " + after);
            assertEquals(200, statement.rounds());
            assertTrue(statement.againstMembers().epsilon().upper() < 2, statement::text);
        }
    }

    @Test
    void theGuideHasTheProgramOfThisTest() throws Exception {
        String source = Files.readString(THIS);
        String region = source.substring(
                source.indexOf("// region private\n") + "// region private\n".length(),
                source.indexOf("        // endregion"));

        assertTrue(Files.readString(GUIDE).contains("```java\n" + region.indent(-8) + "```"), region.indent(-8));
    }

    @Test
    void batchNormalisationIsRejectedByItsLayersName() {
        ModelPool<Dl4jModel> models = ModelPool.of(() -> Dl4jModel.of(
                network(dense(), new BatchNormalization.Builder().nOut(16).build())));
        ExampleDifferentialPrivacy hidden = ExampleDifferentialPrivacy.clippedTo(1);
        ClientProvider clients = ClientProvider.local(List.of(new ClientId("ward")), id -> drawn(1), models)
                .decorated(hidden::around);
        try (FederatedServer server = FederatedServer.with(FedAvg.uniform())
                .clients(clients)
                .localTraining(LocalTraining.steps(1))
                .build()) {
            RoundResult.Abandoned end = assertInstanceOf(
                    RoundResult.Abandoned.class, server.run(ServerState.initial(models.initialWeights(), 1), 1));
            ClientOutcome.Failed<?> failed = assertInstanceOf(
                    ClientOutcome.Failed.class, end.report().outcomes().get(0));

            assertEquals(
                    "the gradients of single examples need a training plan that tells examples apart, and this network has none:"
                            + " it has the layer 1 (BatchNormalization), which mixes the examples of a mini-batch",
                    failed.cause().getMessage());
            assertEquals(0, hidden.statement(new ClientId("ward"), 1e-5).rounds(), "and nothing is charged");
        }
    }

    private static double accuracy(ModelPool<Dl4jModel> models, ServerState state) {
        return models.with(model -> {
            model.load(state.weights());
            return model.evaluate(drawn(3)).accuracy().orElseThrow();
        });
    }

    private static Layer dense() {
        return new DenseLayer.Builder()
                .nIn(FEATURES)
                .nOut(16)
                .activation(Activation.RELU)
                .build();
    }

    private static MultiLayerNetwork network(Layer... hidden) {
        NeuralNetConfiguration.ListBuilder layers =
                new NeuralNetConfiguration.Builder().seed(7).updater(new Adam()).list(hidden);
        layers.layer(
                hidden.length,
                new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(16)
                        .nOut(2)
                        .build());
        MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
        network.init();
        return network;
    }

    /** Two classes that a plane divides. */
    private static Examples drawn(long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        float[] features = new float[EXAMPLES * FEATURES];
        int[] labels = new int[EXAMPLES];
        for (int i = 0; i < EXAMPLES; i++) {
            double side = 0;
            for (int j = 0; j < FEATURES; j++) {
                features[i * FEATURES + j] = (float) random.nextGaussian();
                side += (j % 2 == 0 ? 1 : -1) * features[i * FEATURES + j];
            }
            labels[i] = side > 0 ? 1 : 0;
        }
        return Examples.classified(features, labels, 2, FEATURES);
    }
}
