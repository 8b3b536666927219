package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.fl4j.CorruptDataException;
import org.fl4j.data.Examples;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** A trained model as DL4J and SameDiff keep it, and a model of theirs as one to train further. */
class ModelFilesTest {

    private static final LocalTraining HOW =
            LocalTraining.steps(5).withBatchSize(4).withLearningRate(0.1);

    @TempDir
    private Path folder;

    private static Examples data() {
        float[] features = new float[40];
        int[] labels = new int[20];
        for (int i = 0; i < 20; i++) {
            features[2 * i] = i % 3 - 1;
            features[2 * i + 1] = i % 5 - 2;
            labels[i] = i % 2;
        }
        return Examples.classified(features, labels, 2, 2);
    }

    private static MultiLayerNetwork network() {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Adam())
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(2)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder()
                        .nIn(4)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
        network.init();
        return network;
    }

    private static ComputationGraph graph() {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(new Sgd())
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", new DenseLayer.Builder().nIn(2).nOut(4).build(), "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(4)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "hidden")
                .setOutputs("out")
                .build();
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        return graph;
    }

    private static ModelWeights trained(GradientModel<Examples> model) {
        model.train(data(), HOW, 5);
        return model.weights();
    }

    @Test
    void aNetworkGoesToDl4jAndComesBack() throws IOException {
        Dl4jModel model = Dl4jModel.of(network());
        ModelWeights weights = trained(model);
        model.load(Dl4jModel.of(network()).weights());
        Path file = folder.resolve("network.zip");
        model.save(weights, file);

        MultiLayerNetwork theirs = ModelSerializer.restoreMultiLayerNetwork(file.toFile());
        assertEquals(weights, Dl4jModel.of(theirs).weights());
        assertGoesOn(model, Dl4jModel.restore(file));
    }

    @Test
    void aGraphGoesToDl4jAndComesBack() throws IOException {
        Dl4jModel model = Dl4jModel.of(graph());
        Path file = folder.resolve("graph.zip");
        model.save(trained(model), file);

        assertEquals(
                model.weights(),
                Dl4jModel.of(ModelSerializer.restoreComputationGraph(file.toFile()))
                        .weights());
        assertGoesOn(model, Dl4jModel.restore(file));
    }

    /** With Adam's state, which a federation begins anew. */
    @Test
    void aNetworkOfDl4jsIsTrainedFurther() throws IOException {
        MultiLayerNetwork network = network();
        network.fit(Nd4j.rand(8, 2), Nd4j.eye(2).repeat(0, 4));
        Path file = folder.resolve("theirs.zip");
        ModelSerializer.writeModel(network, file.toFile(), true);
        assertGoesOn(Dl4jModel.of(network), Dl4jModel.restore(file));
    }

    @Test
    void aGraphGoesToSameDiffAndComesBack() {
        SameDiffModel model = Graphs.model(Graphs.mlp(DataType.FLOAT, new Sgd()));
        Path file = folder.resolve("graph.fb");
        model.save(model.weights(), file);

        SameDiff theirs = SameDiff.load(file.toFile(), true);
        assertEquals(model.weights(), SameDiffModel.of(theirs, Graphs.NAMES).weights());
        assertEquals(model.weights(), SameDiffModel.restore(file, Graphs.NAMES).weights());
    }

    /** The same weights, layout and steps from there on. */
    private static void assertGoesOn(Dl4jModel model, Dl4jModel restored) {
        assertEquals(model.weights(), restored.weights());
        assertEquals(trained(model), trained(restored));
    }

    @Test
    void whatIsNoModelIsRejected() throws IOException {
        Dl4jModel model = Dl4jModel.of(network());
        Path file = folder.resolve("network.zip");
        model.save(model.weights(), file);
        byte[] whole = Files.readAllBytes(file);
        Path cut = Files.write(folder.resolve("cut.zip"), Arrays.copyOf(whole, whole.length / 2));
        assertThrows(CorruptDataException.class, () -> Dl4jModel.restore(cut));
        Path text = Files.writeString(folder.resolve("text"), "no model");
        assertTrue(assertThrows(CorruptDataException.class, () -> Dl4jModel.restore(text))
                .getMessage()
                .contains("no whole file of DL4J's ModelSerializer"));
        assertThrows(IllegalArgumentException.class, () -> SameDiffModel.restore(text, Graphs.NAMES));
        assertThrows(
                IllegalArgumentException.class,
                () -> model.save(Dl4jModel.of(graph()).weights(), folder.resolve("other.zip")));
    }
}
