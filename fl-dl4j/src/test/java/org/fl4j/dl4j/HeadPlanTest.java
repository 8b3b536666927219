package org.fl4j.dl4j;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.fl4j.data.Examples;
import org.fl4j.weights.GradientCorrection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossL2;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/** Losses and their gradients, beside DL4J. */
class HeadPlanTest {

    private static final Examples CLASSES = Networks.classified(10);
    private static final Examples SOFT = targets(true);
    private static final Examples ANY = targets(false);

    /** Rows in (0, 1), whether or not their sum is 1, or around 0. */
    private static Examples targets(boolean probabilities) {
        SplittableRandom random = new SplittableRandom(4);
        float[] features = new float[10 * Networks.FEATURES];
        float[] targets = new float[10 * Networks.CLASSES];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) (2 * random.nextDouble() - 1);
        }
        for (int i = 0; i < targets.length; i++) {
            targets[i] = (float) (probabilities ? random.nextDouble() : 4 * random.nextDouble() - 2);
        }
        return Examples.withTargets(features, new long[] {Networks.FEATURES}, targets, new long[] {Networks.CLASSES});
    }

    static Stream<Arguments> heads() {
        INDArray weights = Nd4j.createFromArray(0.5f, 2f, 7f);
        return Stream.of(
                Arguments.of(Activation.SOFTMAX, new LossMCXENT(), CLASSES),
                Arguments.of(Activation.SOFTMAX, new LossMCXENT(weights), CLASSES),
                Arguments.of(Activation.SOFTMAX, new LossMCXENT(), SOFT),
                Arguments.of(Activation.SOFTMAX, new LossMCXENT(weights), SOFT),
                Arguments.of(Activation.SOFTMAX, new LossMCXENT(0.2, weights), CLASSES),
                Arguments.of(Activation.SOFTMAX, new LossNegativeLogLikelihood(), CLASSES),
                Arguments.of(Activation.SOFTMAX, new LossNegativeLogLikelihood(weights), SOFT),
                Arguments.of(Activation.SIGMOID, new LossMCXENT(), CLASSES),
                Arguments.of(Activation.SIGMOID, new LossMCXENT(weights), SOFT),
                Arguments.of(Activation.SIGMOID, new LossBinaryXENT(), CLASSES),
                Arguments.of(Activation.SIGMOID, new LossBinaryXENT(), SOFT),
                Arguments.of(Activation.SIGMOID, new LossBinaryXENT(weights), SOFT),
                Arguments.of(Activation.SIGMOID, new LossBinaryXENT(0.3, weights), SOFT),
                Arguments.of(Activation.SIGMOID, new LossMSE(), CLASSES),
                Arguments.of(Activation.TANH, new LossMSE(), ANY),
                Arguments.of(Activation.TANH, new LossMSE(weights), ANY),
                Arguments.of(Activation.IDENTITY, new LossMSE(), ANY),
                Arguments.of(Activation.IDENTITY, new LossL2(), ANY),
                Arguments.of(Activation.IDENTITY, new LossL2(weights), ANY),
                Arguments.of(Activation.TANH, new LossL2(weights), ANY),
                Arguments.of(Activation.SOFTPLUS, new LossL2(weights), ANY));
    }

    @ParameterizedTest
    @MethodSource("heads")
    void sameLossAndGradient(Activation activation, ILossFunction loss, Examples data) {
        Compared networks = Compared.of(head(activation, loss), data);

        networks.assertSameSteps(1, 10, 0.1);
        networks.assertSameSteps(5, 4, 0.1);
        networks.assertSameEvaluation();
    }

    static Stream<Arguments> clippedHeads() {
        return heads().filter(head -> !(head.get()[0] == Activation.SIGMOID && head.get()[1] instanceof LossMCXENT));
    }

    /**
     * Where probabilities round to 0 and 1. Of a sigmoid's derivative y (1 - y) as FP32 has it little but rounding is left
     * there, on both sides; without clipping (the cross-entropy of sigmoids) DL4J's loss is NaN.
     */
    @ParameterizedTest
    @MethodSource("clippedHeads")
    void sameLossAndGradientFarOut(Activation activation, ILossFunction loss, Examples data) {
        Compared networks = Compared.of(head(activation, loss), scaled(data, 60));
        double tolerance = loss instanceof LossBinaryXENT ? 0.02 : Compared.TOLERANCE;

        networks.assertSameSteps(1, 10, 0.1, GradientCorrection.none(), tolerance);
        networks.assertSameEvaluation();
    }

    private static Examples scaled(Examples data, float factor) {
        float[] features = new float[data.size() * data.featureLength()];
        float[] labels = new float[data.size() * data.labelLength()];
        for (int i = 0; i < data.size(); i++) {
            data.copyFeatures(i, features, i * data.featureLength());
            data.copyLabel(i, labels, i * data.labelLength());
        }
        for (int i = 0; i < features.length; i++) {
            features[i] *= factor;
        }
        return Examples.withTargets(
                features, new long[] {data.featureLength()}, labels, new long[] {data.labelLength()});
    }

    @Test
    void leavesOthersToDl4j() {
        Compared.assertNotCovered("the loss LossMAE()", head(Activation.IDENTITY, new LossMAE()), ANY);
        Compared.assertNotCovered("softmax with LossMSE()", head(Activation.SOFTMAX, new LossMSE()), ANY);
    }

    private static MultiLayerConfiguration head(Activation activation, ILossFunction loss) {
        return Networks.sgd()
                .list(new OutputLayer.Builder(loss)
                        .nIn(Networks.FEATURES)
                        .nOut(Networks.CLASSES)
                        .activation(activation)
                        .build())
                .validateOutputLayerConfig(false)
                .build();
    }
}
