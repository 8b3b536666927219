package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.util.CrashReportingUtil;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The managed dependencies still carry ND4J and DL4J: what is excluded is not needed, what is raised still fits. */
class BackendSmokeTest {

    private static final long SEED = 42;
    private static final int EXAMPLES = 90;
    private static final int FEATURES = 4;
    private static final int CLASSES = 3;

    private DataSet blobs;

    @BeforeEach
    void drawBlobs() {
        Nd4j.getRandom().setSeed(SEED);
        INDArray features = Nd4j.randn(DataType.FLOAT, EXAMPLES, FEATURES).muli(0.3);
        INDArray labels = Nd4j.zeros(DataType.FLOAT, EXAMPLES, CLASSES);
        for (int i = 0; i < EXAMPLES; i++) {
            int label = i % CLASSES;
            features.putScalar(i, label, features.getDouble(i, label) + 2);
            labels.putScalar(i, label, 1);
        }
        blobs = new DataSet(features, labels);
    }

    @Test
    void trainsSavesAndRestoresADenseNetwork(@TempDir Path directory) throws IOException {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration()
                .updater(new Sgd(0.5))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(FEATURES)
                        .nOut(8)
                        .activation(Activation.TANH)
                        .build())
                .layer(output(8))
                .build());

        trainAndExpectImprovement(network);
        expectSameAfterSaving(network, directory);
    }

    @Test
    void trainsSavesAndRestoresBatchNormDropoutAndAdam(@TempDir Path directory) throws IOException {
        MultiLayerConfiguration configuration = configuration()
                .updater(new Adam(0.01))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(FEATURES)
                        .nOut(16)
                        .activation(Activation.RELU)
                        .dropOut(0.8)
                        .build())
                .layer(new BatchNormalization.Builder().nIn(16).nOut(16).build())
                .layer(output(16))
                .build();
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);

        trainAndExpectImprovement(network);
        expectSameAfterSaving(network, directory);
        assertEquals(configuration, MultiLayerConfiguration.fromJson(configuration.toJson()));
    }

    @Test
    void trainsSavesAndRestoresASameDiffGraph(@TempDir Path directory) throws IOException {
        SameDiff graph = SameDiff.create();
        SDVariable input = graph.placeHolder("input", DataType.FLOAT, -1, FEATURES);
        SDVariable labels = graph.placeHolder("labels", DataType.FLOAT, -1, CLASSES);
        SDVariable weights = graph.var("weights", Nd4j.zeros(DataType.FLOAT, FEATURES, CLASSES));
        SDVariable bias = graph.var("bias", Nd4j.zeros(DataType.FLOAT, CLASSES));
        SDVariable logits = input.mmul(weights).add("logits", bias);
        graph.loss.softmaxCrossEntropy("loss", labels, logits, null);
        graph.setLossVariables("loss");
        graph.setTrainingConfig(TrainingConfig.builder()
                .updater(new Adam(0.05))
                .dataSetFeatureMapping("input")
                .dataSetLabelMapping("labels")
                .build());

        double before = loss(graph);
        for (int step = 0; step < 30; step++) {
            graph.fit(blobs);
        }

        assertEquals(Math.log(CLASSES), before, 1e-5);
        double after = loss(graph);
        assertTrue(after < before / 2, () -> "loss before " + before + ", after " + after);

        Path file = directory.resolve("graph.fb");
        graph.save(file.toFile(), true);
        assertEquals(after, loss(SameDiff.load(file.toFile(), true)), 0);
    }

    /** DL4J writes this report while an OutOfMemoryError is under way; a missing class there would hide the error. */
    @Test
    void reportsMemoryAfterACrash() {
        MultiLayerNetwork network = new MultiLayerNetwork(
                configuration().list().layer(output(FEATURES)).build());
        network.init();

        String report = CrashReportingUtil.generateMemoryStatus(network, EXAMPLES);

        assertTrue(report.contains("Operating System"), report);
    }

    private static NeuralNetConfiguration.Builder configuration() {
        return new NeuralNetConfiguration.Builder().seed(SEED).weightInit(WeightInit.XAVIER);
    }

    private static OutputLayer output(int inputs) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(inputs)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private void trainAndExpectImprovement(MultiLayerNetwork network) {
        network.init();
        double before = network.score(blobs);
        for (int step = 0; step < 60; step++) {
            network.fit(blobs);
        }
        double after = network.score(blobs);
        assertTrue(after < before / 2, () -> "loss before " + before + ", after " + after);

        Evaluation evaluation = new Evaluation(CLASSES);
        evaluation.eval(blobs.getLabels(), network.output(blobs.getFeatures()));
        assertTrue(evaluation.accuracy() > 0.95, evaluation::stats);
    }

    private void expectSameAfterSaving(MultiLayerNetwork network, Path directory) throws IOException {
        Path file = directory.resolve("network.zip");
        ModelSerializer.writeModel(network, file.toFile(), true);
        MultiLayerNetwork restored = ModelSerializer.restoreMultiLayerNetwork(file.toFile(), true);

        assertEquals(network.getLayerWiseConfigurations(), restored.getLayerWiseConfigurations());
        assertArrayEquals(network.params().toFloatVector(), restored.params().toFloatVector());

        // The updater's state came along: training goes on as if nothing had happened.
        Nd4j.getRandom().setSeed(SEED);
        network.fit(blobs);
        Nd4j.getRandom().setSeed(SEED);
        restored.fit(blobs);
        assertArrayEquals(network.params().toFloatVector(), restored.params().toFloatVector(), 1e-6f);
    }

    private double loss(SameDiff graph) {
        return graph.output(Map.of("input", blobs.getFeatures(), "labels", blobs.getLabels()), "loss")
                .get("loss")
                .getDouble(0);
    }
}
