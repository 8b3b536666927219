package org.fl4j.dl4j;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.fl4j.data.Examples;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Activations and their derivatives, beside ND4J's: a dense layer whose sums are chosen, kinks among them. */
class ActivationsPlanTest {

    private static final float[] SUMS = {
        -20, -7.5f, -3, -2.5f, -2, -1.25f, -1, -0.6f, -0.01f, -1e-4f, 0, 1e-4f, 0.01f, 0.3f, 1, 1.75f, 2.5f, 4, 6, 6.5f,
        15
    };

    static Stream<IActivation> activations() {
        return Stream.of(RandomArchitecture.ACTIVATIONS).map(Activation::getActivationFunction);
    }

    /**
     * A unit a sum, its weight for the feature 1, before one output of weights 1 and squared error, which is far off: the
     * step of a unit's weight is in proportion to its derivative, and that of the output's weight to its value.
     */
    @ParameterizedTest
    @MethodSource("activations")
    void sameAtEverySum(IActivation function) {
        int n = SUMS.length;
        MultiLayerConfiguration units = Networks.sgd()
                .list(
                        new DenseLayer.Builder()
                                .nIn(1)
                                .nOut(n)
                                .hasBias(false)
                                .activation(function)
                                .build(),
                        new OutputLayer.Builder(LossFunction.L2)
                                .nIn(n)
                                .nOut(1)
                                .activation(Activation.IDENTITY)
                                .build())
                .build();
        float[] weights = Arrays.copyOf(SUMS, 2 * n + 1);
        Arrays.fill(weights, n, 2 * n, 1);
        Examples one = Examples.withTargets(new float[] {1}, new long[] {1}, new float[] {100_000}, new long[] {1});

        Compared.of(units, one).assertSameValueByValue(weights, 5e-6, 5e-6);
    }

    @ParameterizedTest
    @MethodSource("activations")
    void sameInALayer(IActivation function) {
        Compared networks = Compared.of(layer(function), data());

        networks.assertSameSteps(1, 10, 0.1);
        networks.assertSameSteps(3, 4, 0.1);
        networks.assertSameEvaluation();
    }

    @Test
    void leavesOthersToDl4j() {
        for (IActivation function : new IActivation[] {
            new ActivationLReLU(0.3),
            new ActivationELU(0.5),
            new ActivationGELU(true),
            new ActivationReLU(5.0, 0.0, 0.0),
            new ActivationRReLU()
        }) {
            Compared.assertNotCovered("the activation " + function, layer(function), data());
        }
    }

    private static Examples data() {
        SplittableRandom random = new SplittableRandom(4);
        float[] features = new float[40];
        int[] labels = new int[10];
        for (int i = 0; i < 40; i++) {
            features[i] = (float) (6 * random.nextDouble() - 3);
            labels[i / 4] = i % 3;
        }
        return Examples.classified(features, labels, 3, 4);
    }

    private static MultiLayerConfiguration layer(IActivation function) {
        return Networks.sgd()
                .list(
                        new DenseLayer.Builder()
                                .nIn(4)
                                .nOut(7)
                                .activation(function)
                                .build(),
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(7)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .build())
                .build();
    }
}
