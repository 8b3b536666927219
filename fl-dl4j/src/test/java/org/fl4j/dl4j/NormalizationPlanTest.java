package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Batch normalisation, running statistics included, and the layers without parameters are DL4J's. */
class NormalizationPlanTest {

    private static final Examples VECTORS = Networks.classified(14);
    private static final Examples IMAGES = Networks.classified(14, 2, 6, 5);

    static Stream<Named<Supplier<Layer>>> kinds() {
        return Stream.of(
                Named.of("default", () -> new BatchNormalization.Builder().build()),
                Named.of(
                        "other constants",
                        () -> new BatchNormalization.Builder()
                                .decay(0.7)
                                .eps(1e-2)
                                .build()),
                Named.of(
                        "locked at 1 and 0",
                        () -> new BatchNormalization.Builder()
                                .lockGammaBeta(true)
                                .build()),
                Named.of(
                        "locked elsewhere",
                        () -> new BatchNormalization.Builder()
                                .lockGammaBeta(true)
                                .gamma(1.5)
                                .beta(0.2)
                                .build()),
                Named.of(
                        "for all data",
                        () -> new BatchNormalization.Builder()
                                .minibatch(false)
                                .decay(0.5)
                                .build()));
    }

    /** Its variance decays without end in real numbers; the logarithm of the smallest FP32 numbers is where it stays. */
    @Test
    void aUnitThatNeverVariesKeepsAFiniteLogarithm() {
        float[] features = new float[2 * 20];
        int[] labels = new int[20];
        for (int i = 0; i < 20; i++) {
            features[2 * i + 1] = i;
            labels[i] = i % 2;
        }
        Examples data = Examples.classified(features, labels, 2, 2);
        Supplier<MultiLayerNetwork> network = () -> ImagePlans.network(
                InputType.feedForward(2),
                new BatchNormalization.Builder().build(),
                new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build());
        LocalTraining how = LocalTraining.steps(600).withBatchSize(10).withLearningRate(0.01);
        Dl4jModel plan = Dl4jModel.of(network.get());
        Dl4jModel dl4j = Dl4jModel.of(network.get()).withoutPlans();
        for (int round = 0; round < 2; round++) {
            plan.train(data, how, round);
            dl4j.train(data, how, round);
        }
        int stored = plan.layout().span("0_log10stdev").from();
        assertTrue(plan.weights().isFinite());
        assertEquals(dl4j.weights().get(stored), plan.weights().get(stored), 0.01);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void ofVectors(Supplier<Layer> normalization) {
        ImagePlans.assertTrainsAsDl4j(
                () -> ImagePlans.network(
                        InputType.feedForward(Networks.FEATURES),
                        normalization.get(),
                        Networks.dense(0, 5),
                        normalization.get(),
                        Networks.softmax(0)),
                VECTORS);
    }

    /** Of images alone: given vectors, DL4J subtracts arrays of shapes [1, n] and [n], and throws. */
    @Test
    void theVarianceItselfRunsAlong() {
        ofImages(() ->
                new BatchNormalization.Builder().useLogStd(false).decay(0.7).build());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void ofImages(Supplier<Layer> normalization) {
        ImagePlans.assertTrainsAsDl4j(
                () -> ImagePlans.network(
                        InputType.convolutional(6, 5, 2),
                        normalization.get(),
                        convolution(),
                        normalization.get(),
                        new ActivationLayer(Activation.RELU),
                        new SubsamplingLayer.Builder(PoolingType.MAX)
                                .kernelSize(2, 2)
                                .stride(2, 2)
                                .convolutionMode(ConvolutionMode.Truncate)
                                .build(),
                        Networks.softmax(0)),
                IMAGES);
    }

    private static Layer convolution() {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(3)
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .convolutionMode(ConvolutionMode.Same)
                .build();
    }

    /** Not in front: there DL4J's evaluation writes the activations over the features it is given. */
    @Test
    void activationsAloneAndALossAlone() {
        ImagePlans.assertTrainsAsDl4j(
                () -> ImagePlans.network(
                        InputType.feedForward(Networks.FEATURES),
                        Networks.dense(0, 6),
                        new ActivationLayer(Activation.TANH),
                        Networks.dense(0, Networks.CLASSES),
                        new ActivationLayer(Activation.SIGMOID),
                        new LossLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .build()),
                VECTORS);
    }

    /** The loss layer's gradient must not lie in the memory of a layer whose own backward pass needs its outputs. */
    @Test
    void aLossRightBehindADenseLayer() {
        ImagePlans.assertTrainsAsDl4j(
                () -> ImagePlans.network(
                        InputType.feedForward(Networks.FEATURES),
                        Networks.dense(0, Networks.CLASSES),
                        new LossLayer.Builder(LossFunction.MSE)
                                .activation(Activation.IDENTITY)
                                .build()),
                VECTORS);
    }

    @Test
    void whatIsNotCoveredSaysSo() {
        assertNotCovered(
                "batch normalisation with one of gamma and beta locked elsewhere than at 1 and 0",
                new BatchNormalization.Builder().lockGammaBeta(true).gamma(2).build());
        assertNotCovered(
                "batch normalisation of vectors with useLogStd(false), where DL4J fails",
                new BatchNormalization.Builder().useLogStd(false).build());
        BatchNormalization clipped = new BatchNormalization.Builder().build();
        clipped.setGradientNormalization(GradientNormalization.ClipL2PerLayer);
        assertNotCovered("batch normalisation with ClipL2PerLayer", clipped);
        MultiLayerNetwork loss = ImagePlans.network(
                InputType.feedForward(Networks.FEATURES),
                Networks.dense(0, Networks.CLASSES),
                new LossLayer.Builder(LossFunction.MSE)
                        .activation(Activation.TANH)
                        .build());
        assertEquals(
                "a loss layer with the activation tanh",
                assertThrows(
                                NotCoveredException.class,
                                () -> PlanCompiler.compile(MultiLayerAccess.isolated(loss), VECTORS, 4))
                        .getMessage());
    }

    private static void assertNotCovered(String what, Layer layer) {
        MultiLayerNetwork network = ImagePlans.network(
                InputType.feedForward(Networks.FEATURES), Networks.dense(0, 5), layer, Networks.softmax(0));
        NotCoveredException thrown = assertThrows(
                NotCoveredException.class, () -> PlanCompiler.compile(MultiLayerAccess.isolated(network), VECTORS, 4));
        assertEquals(what, thrown.getMessage());
    }
}
