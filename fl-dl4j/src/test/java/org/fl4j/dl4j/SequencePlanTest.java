package org.fl4j.dl4j;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.fl4j.data.Examples;
import org.fl4j.weights.GradientCorrection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Sequences: recurrent layers, embeddings and outputs at every step, beside DL4J. */
class SequencePlanTest {

    private static final int WIDTH = 4;
    private static final int CLASSES = 3;
    private static final int VOCABULARY = 9;

    /** n sequences of features [width, T] and one-hot labels [classes, T]. */
    private static Examples sequences(int n, int width, int steps) {
        SplittableRandom random = new SplittableRandom(4);
        float[] features = new float[n * width * steps];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) (2 * random.nextDouble() - 1);
        }
        return Examples.withTargets(
                features, new long[] {width, steps}, labels(n, steps, random), new long[] {CLASSES, steps});
    }

    private static float[] labels(int n, int steps, SplittableRandom random) {
        float[] labels = new float[n * CLASSES * steps];
        for (int i = 0; i < n * steps; i++) {
            labels[i / steps * CLASSES * steps + random.nextInt(CLASSES) * steps + i % steps] = 1;
        }
        return labels;
    }

    private static float[] indices(int n) {
        SplittableRandom random = new SplittableRandom(5);
        float[] indices = new float[n];
        for (int i = 0; i < n; i++) {
            indices[i] = random.nextInt(VOCABULARY);
        }
        return indices;
    }

    private static Layer lstm(int nIn, int nOut) {
        return new LSTM.Builder()
                .nIn(nIn)
                .nOut(nOut)
                .activation(Activation.TANH)
                .build();
    }

    private static Layer lstm(Activation activation, Activation gate) {
        return new LSTM.Builder()
                .nIn(WIDTH)
                .nOut(5)
                .activation(activation)
                .gateActivationFunction(gate)
                .build();
    }

    private static Layer everyStep(int nIn) {
        return new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .nIn(nIn)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .dataFormat(RNNFormat.NCW)
                .build();
    }

    private static Layer last(int nIn) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(nIn)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static MultiLayerConfiguration stack(NeuralNetConfiguration.Builder builder, Layer... layers) {
        return builder.list(layers).build();
    }

    private static void assertSame(MultiLayerConfiguration configuration, Examples data) {
        Compared networks = Compared.of(configuration, data);

        networks.assertSameSteps(1, 10, 0.5);
        networks.assertSameSteps(4, 4, 0.2);
        networks.assertSameSteps(1, 10, 0.5);
        networks.assertSameEvaluation();
    }

    @ParameterizedTest
    @CsvSource({"4,6", "1,6", "4,2", "4,40"})
    void stackedLstm(int width, int steps) {
        assertSame(stack(Networks.sgd(), lstm(width, 5), lstm(5, 6), everyStep(6)), sequences(10, width, steps));
    }

    @Test
    void lstmOfOneStep() {
        Compared networks =
                Compared.of(stack(Networks.sgd().l2(0.1), lstm(WIDTH, 5), everyStep(5)), sequences(10, WIDTH, 1));

        networks.assertSameSteps(4, 4, 0.2);
        networks.assertSameEvaluation();
    }

    static Stream<Arguments> functions() {
        return Stream.of(
                Arguments.of(Activation.TANH, Activation.HARDSIGMOID),
                Arguments.of(Activation.SOFTSIGN, Activation.SIGMOID),
                Arguments.of(Activation.IDENTITY, Activation.SIGMOID),
                Arguments.of(Activation.RELU, Activation.SIGMOID),
                Arguments.of(Activation.ELU, Activation.HARDSIGMOID));
    }

    @ParameterizedTest
    @MethodSource("functions")
    void lstmOfOtherFunctions(Activation activation, Activation gate) {
        assertSame(stack(Networks.sgd(), lstm(activation, gate), everyStep(5)), sequences(10, WIDTH, 6));
    }

    /** Gates that are nearly shut, and cells that are nearly saturated. */
    @ParameterizedTest
    @EnumSource(names = {"SIGMOID", "HARDSIGMOID"})
    void lstmFarOut(Activation gate) {
        Examples data = sequences(10, WIDTH, 6);
        float[] features = new float[10 * data.featureLength()];
        float[] labels = new float[10 * data.labelLength()];
        for (int i = 0; i < 10; i++) {
            data.copyFeatures(i, features, i * data.featureLength());
            data.copyLabel(i, labels, i * data.labelLength());
        }
        for (int i = 0; i < features.length; i++) {
            features[i] *= 15;
        }
        assertSame(
                stack(Networks.sgd(), lstm(Activation.TANH, gate), everyStep(5)),
                Examples.withTargets(features, new long[] {WIDTH, 6}, labels, new long[] {CLASSES, 6}));
    }

    @Test
    void otherSteps() {
        NeuralNetConfiguration.Builder momentum = Networks.with(new Nesterovs())
                .l2(0.1)
                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                .gradientNormalizationThreshold(0.1);
        assertSame(stack(momentum, lstm(WIDTH, 5), everyStep(5)), sequences(10, WIDTH, 6));
    }

    @Test
    void corrections() {
        Compared networks =
                Compared.of(stack(Networks.sgd(), embedding(true), lstm(WIDTH, 5), everyStep(5)), indexed(10, 6));
        GradientCorrection correction = GradientCorrection.towards(networks.start(), 0.7)
                .withConstant(Compared.delta(networks.start(), 0.1, 3));

        networks.assertSameSteps(4, 4, 0.2, correction, Compared.TOLERANCE);
    }

    @Test
    void denseLayersBetween() {
        MultiLayerConfiguration configuration = Networks.sgd()
                .list()
                .layer(new LSTM.Builder().nOut(5).activation(Activation.TANH).build())
                .layer(new DenseLayer.Builder()
                        .nOut(6)
                        .activation(Activation.RELU)
                        .build())
                .layer(new LSTM.Builder().nOut(4).activation(Activation.TANH).build())
                .layer(new RnnOutputLayer.Builder(LossFunction.MSE)
                        .nOut(CLASSES)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(InputType.recurrent(WIDTH))
                .build();
        assertSame(configuration, sequences(10, WIDTH, 6));
    }

    @Test
    void lastStep() {
        Examples every = sequences(10, WIDTH, 6);
        float[] features = new float[10 * every.featureLength()];
        int[] labels = new int[10];
        for (int i = 0; i < 10; i++) {
            every.copyFeatures(i, features, i * every.featureLength());
            labels[i] = i % CLASSES;
        }
        assertSame(
                stack(Networks.sgd(), lstm(WIDTH, 5), new LastTimeStep(lstm(5, 6)), last(6)),
                Examples.classified(features, labels, CLASSES, WIDTH, 6));
    }

    private static Layer embedding(boolean bias) {
        return new EmbeddingSequenceLayer.Builder()
                .nIn(VOCABULARY)
                .nOut(WIDTH)
                .hasBias(bias)
                .activation(bias ? Activation.TANH : Activation.IDENTITY)
                .build();
    }

    private static Examples indexed(int n, int steps) {
        return Examples.withTargets(
                indices(n * steps), new long[] {steps}, labels(n, steps, new SplittableRandom(2)), new long[] {
                    CLASSES, steps
                });
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void embeddedSequences(boolean bias) {
        assertSame(stack(Networks.sgd(), embedding(bias), lstm(WIDTH, 5), everyStep(5)), indexed(10, 6));
        assertSame(
                stack(Networks.with(new Nesterovs()), embedding(bias), lstm(WIDTH, 5), everyStep(5)), indexed(10, 6));
    }

    /** Indices of shape [1, T], and steps that are rows for a while. */
    @Test
    void embeddedSequencesOfOneFeature() {
        Examples data = Examples.withTargets(
                indices(60), new long[] {1, 6}, labels(10, 6, new SplittableRandom(2)), new long[] {CLASSES, 6});
        MultiLayerConfiguration configuration = Networks.sgd()
                .list()
                .layer(embedding(true))
                .layer(Networks.dense(WIDTH, 5))
                .layer(lstm(5, 4))
                .layer(everyStep(4))
                .inputPreProcessor(1, new RnnToFeedForwardPreProcessor())
                .inputPreProcessor(2, new FeedForwardToRnnPreProcessor())
                .build();

        assertSame(configuration, data);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void embeddings(boolean bias) {
        Layer table = new EmbeddingLayer.Builder()
                .nIn(VOCABULARY)
                .nOut(5)
                .hasBias(bias)
                .activation(Activation.SOFTPLUS)
                .build();
        Examples data = Examples.classified(indices(10), new int[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0}, CLASSES, 1);

        assertSame(stack(Networks.sgd(), table, last(5)), data);
        assertSame(stack(Networks.with(new Nesterovs()), table, last(5)), data);
    }

    @Test
    void indicesThatAreNotWholeAreCutTowardsZero() {
        float[] indices = indices(60);
        for (int i = 0; i < indices.length; i++) {
            indices[i] += 0.75f;
        }
        Layer table = new EmbeddingLayer.Builder()
                .nIn(VOCABULARY)
                .nOut(5)
                .activation(Activation.TANH)
                .build();
        Examples single =
                Examples.classified(Arrays.copyOf(indices, 10), new int[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0}, CLASSES, 1);
        Examples several = Examples.withTargets(
                indices, new long[] {6}, labels(10, 6, new SplittableRandom(2)), new long[] {CLASSES, 6});

        assertSame(stack(Networks.sgd(), table, last(5)), single);
        assertSame(stack(Networks.sgd(), embedding(true), lstm(WIDTH, 5), everyStep(5)), several);
    }

    /** Without an input type DL4J leaves the format open behind an embedding, and cannot train. */
    @Test
    void leavesOthersToDl4j() {
        Examples data = sequences(3, WIDTH, 6);
        Compared.assertNotCovered(
                "sequences in the format null",
                stack(
                        Networks.sgd(),
                        embedding(false),
                        lstm(WIDTH, 5),
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(5)
                                .nOut(CLASSES)
                                .activation(Activation.SOFTMAX)
                                .build()),
                indexed(3, 6));
        Compared.assertNotCovered(
                "a dense layer on sequences without a preprocessor",
                stack(Networks.sgd(), embedding(false), Networks.dense(WIDTH, 5), everyStep(5)),
                indexed(3, 6));
        Compared.assertNotCovered(
                "the layer 0 (MaskZeroLayer around LSTM)",
                stack(Networks.sgd(), new MaskZeroLayer(lstm(WIDTH, 5), 0), everyStep(5)),
                data);
        Compared.assertNotCovered(
                "sequences in the format NWC",
                stack(
                        Networks.sgd(),
                        new LSTM.Builder()
                                .nIn(WIDTH)
                                .nOut(5)
                                .dataFormat(RNNFormat.NWC)
                                .activation(Activation.TANH)
                                .build(),
                        everyStep(5)),
                data);
    }
}
