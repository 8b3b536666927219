package org.fl4j.dl4j;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** How a plan steps from a gradient: updaters, terms, normalisations and corrections, beside DL4J. */
class StepsPlanTest {

    private static final Examples DATA = Networks.classified(10);

    /** Of updaters that divide by the root of a mean square: where a gradient is near zero its rounding is a step's size. */
    private static final double OF_QUOTIENTS = 1e-4;

    static Stream<IUpdater> updaters() {
        return Stream.of(
                new Sgd(),
                new Nesterovs(1, 0.9),
                new Nesterovs(1, 0.5),
                new Adam(),
                Adam.builder().beta1(0.8).beta2(0.9).epsilon(1e-3).build(),
                new AdaGrad(1, 1e-6),
                new AdaGrad(1, 1e-2),
                new RmsProp(1, 0.95, 1e-8),
                new RmsProp(1, 0.8, 1e-3));
    }

    @ParameterizedTest
    @MethodSource("updaters")
    void updaters(IUpdater updater) {
        Compared networks = Compared.of(mlp(Networks.with(updater)), DATA);

        networks.assertSameSteps(1, 10, 0.1, GradientCorrection.none(), tolerance(updater));
        networks.assertSameSteps(9, 4, 0.05, GradientCorrection.none(), tolerance(updater));
    }

    private static double tolerance(IUpdater updater) {
        return updater instanceof Sgd || updater instanceof Nesterovs ? Compared.TOLERANCE : OF_QUOTIENTS;
    }

    static Stream<Named<NeuralNetConfiguration.Builder>> terms() {
        return Stream.of(
                Named.of("L1", Networks.sgd().l1(0.3)),
                Named.of("L2", Networks.sgd().l2(0.3)),
                Named.of("L1 and L2", Networks.sgd().l1(0.1).l2(0.2)),
                Named.of("L1 and L2 of biases", Networks.sgd().l1Bias(0.1).l2Bias(0.2)),
                Named.of("weight decay", Networks.sgd().weightDecay(0.3)),
                Named.of("weight decay without rate", Networks.sgd().weightDecay(0.3, false)),
                Named.of(
                        "weight decay of biases, L1",
                        Networks.sgd().weightDecayBias(0.3, true).l1(0.1)),
                Named.of("L2 and Adam", Networks.with(new Adam()).l2(0.3)),
                Named.of("weight decay and Adam", Networks.with(new Adam()).weightDecay(0.3)),
                Named.of(
                        "weight decay and Nesterovs",
                        Networks.with(new Nesterovs()).weightDecay(0.3, false)),
                Named.of("a bias updater", Networks.with(new Nesterovs()).biasUpdater(new Sgd())));
    }

    @ParameterizedTest
    @MethodSource("terms")
    void regularises(NeuralNetConfiguration.Builder builder) {
        Compared networks = Compared.of(mlp(builder), DATA);

        networks.assertSameSteps(1, 10, 0.1, GradientCorrection.none(), OF_QUOTIENTS);
        networks.assertSameSteps(5, 4, 0.05, GradientCorrection.none(), OF_QUOTIENTS);
        networks.assertSameEvaluation();
    }

    @ParameterizedTest
    @EnumSource(GradientNormalization.class)
    void normalises(GradientNormalization kind) {
        for (double threshold : new double[] {0.01, 0.1, 10}) {
            Compared networks = Compared.of(
                    mlp(Networks.with(new Nesterovs())
                            .l2(0.1)
                            .gradientNormalization(kind)
                            .gradientNormalizationThreshold(threshold)),
                    DATA);

            networks.assertSameSteps(1, 10, 0.1);
            networks.assertSameSteps(5, 4, 0.05);
            Compared.of(mlp(Networks.sgd().gradientNormalization(kind).gradientNormalizationThreshold(threshold)), DATA)
                    .assertSameSteps(5, 4, 0.05);
        }
    }

    static Stream<Named<NeuralNetConfiguration.Builder>> corrected() {
        return Stream.of(
                Named.of("SGD", Networks.sgd()),
                Named.of("L2", Networks.sgd().l2(0.1)),
                Named.of("Nesterovs", Networks.with(new Nesterovs())),
                Named.of(
                        "clipped",
                        Networks.sgd()
                                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                                .gradientNormalizationThreshold(0.1)));
    }

    /** FedProx: to other weights than those it begins at, or the pull of the first step is zero. */
    @ParameterizedTest
    @MethodSource("corrected")
    void pulls(NeuralNetConfiguration.Builder builder) {
        Compared networks = Compared.of(mlp(builder), DATA);
        GradientCorrection toElsewhere =
                GradientCorrection.towards(networks.start().plus(Compared.delta(networks.start(), 0.1, 5)), 0.7);

        networks.assertSameSteps(1, 10, 0.1, toElsewhere, Compared.TOLERANCE);
        networks.assertSameSteps(5, 4, 0.1, toElsewhere, Compared.TOLERANCE);
        networks.assertSameSteps(5, 4, 0.1, GradientCorrection.towards(networks.start(), 1), Compared.TOLERANCE);
    }

    /** SCAFFOLD, and FedDyn: with a pull. */
    @ParameterizedTest
    @MethodSource("corrected")
    void addsConstants(NeuralNetConfiguration.Builder builder) {
        Compared networks = Compared.of(mlp(builder), DATA);
        ModelDelta constant = Compared.delta(networks.start(), 0.1, 5);

        networks.assertSameSteps(1, 10, 0.1, GradientCorrection.constant(constant), Compared.TOLERANCE);
        networks.assertSameSteps(5, 4, 0.1, GradientCorrection.constant(constant), Compared.TOLERANCE);
        networks.assertSameSteps(
                5,
                4,
                0.1,
                GradientCorrection.towards(networks.start(), 0.5).withConstant(constant),
                Compared.TOLERANCE);
    }

    @Test
    void lastBatchesMayBeSmaller() {
        Compared networks = Compared.of(mlp(Networks.sgd()), DATA);

        networks.assertSame(
                LocalTraining.epochs(3).withBatchSize(4).withLearningRate(0.1),
                networks.start(),
                GradientCorrection.none(),
                Compared.TOLERANCE);
        networks.assertSameSteps(3, 50, 0.1);
    }

    @Test
    void graphsOfOneChain() {
        Compared networks = Compared.of(
                Networks.with(new Nesterovs())
                        .l2(0.1)
                        .graphBuilder()
                        .addInputs("in")
                        .addLayer("z", hidden(Networks.FEATURES, 5), "in")
                        .addLayer("a", hidden(5, 6), "z")
                        .addLayer("out", softmax(6), "a")
                        .setOutputs("out")
                        .build(),
                DATA);

        networks.assertSameSteps(1, 10, 0.1);
        networks.assertSameSteps(5, 4, 0.1);
        networks.assertSameEvaluation();
    }

    @Test
    void sameAlongTrajectory() {
        Compared.of(mlp(Networks.sgd()), DATA).assertSameAlongTrajectory(20, 4, 0.5);
    }

    @Test
    void leavesOthersToDl4j() {
        Compared.assertNotCovered("the updater AdaMax", mlp(Networks.with(new AdaMax())), DATA);
        Compared.assertNotCovered("miniBatch(false)", mlp(Networks.sgd().miniBatch(false)), DATA);
        Compared.assertNotCovered(
                "the layer 0 (FrozenLayer around DenseLayer)",
                Networks.sgd()
                        .list(new FrozenLayer(hidden(Networks.FEATURES, 5)), softmax(5))
                        .build(),
                DATA);
    }

    private static MultiLayerConfiguration mlp(NeuralNetConfiguration.Builder builder) {
        return builder.clone()
                .list(hidden(Networks.FEATURES, 5), hidden(5, 6), softmax(6))
                .build();
    }

    private static Layer hidden(int nIn, int nOut) {
        return new DenseLayer.Builder()
                .nIn(nIn)
                .nOut(nOut)
                .activation(Activation.TANH)
                .build();
    }

    private static Layer softmax(int nIn) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(nIn)
                .nOut(Networks.CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }
}
