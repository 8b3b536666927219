package org.fl4j.dl4j;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Networks of every kind keep the laws. */
class Dl4jModelContractTest extends NetworkContract {

    static Stream<Network> networks() {
        return Stream.concat(layers(), Stream.concat(optimizers(), graphs()));
    }

    private static Stream<Network> layers() {
        return Stream.of(
                mlp("dense", Networks::sgd),
                mlp("dense in DOUBLE", () -> Networks.sgd().dataType(DataType.DOUBLE)),
                Network.of(
                        "batch norm with logarithmic deviation",
                        () -> stacked(
                                Networks.dense(Networks.FEATURES, 5), Networks.batchNorm(5), Networks.softmax(5))),
                // With one example DL4J subtracts arrays of shapes [5] and [1, 5] and fails.
                Network.of(
                                "batch norm with variance",
                                () -> stacked(
                                        Networks.dense(Networks.FEATURES, 5),
                                        new BatchNormalization.Builder()
                                                .nIn(5)
                                                .nOut(5)
                                                .useLogStd(false)
                                                .build(),
                                        Networks.softmax(5)))
                        .withSmallestBatch(2),
                Network.of(
                        "frozen",
                        () -> stacked(
                                new FrozenLayer(Networks.dense(Networks.FEATURES, 5)),
                                Networks.dense(5, 5),
                                Networks.softmax(5))),
                Network.of(
                        "frozen behind a trained layer",
                        () -> stacked(
                                Networks.dense(Networks.FEATURES, 5),
                                new FrozenLayerWithBackprop(Networks.dense(5, 5)),
                                Networks.softmax(5))),
                Network.of("convolution", () -> Dl4jModel.of(Networks.convolutional()))
                        .on(examples -> Networks.classified(examples, 1, 28, 28), Networks.CLASSES),
                Network.of(
                                "regression",
                                () -> stacked(
                                        Networks.dense(Networks.FEATURES, 5),
                                        Networks.output(5, 2, LossFunction.MSE, Activation.IDENTITY)))
                        .on(Networks::regression, 0),
                // The layer within a wrapper has an updater, and so a learning rate, of its own.
                Network.of("recurrent", () -> Dl4jModel.of(Networks.recurrent()))
                        .on(Networks::sequences, 0));
    }

    private static Stream<Network> optimizers() {
        return Stream.of(
                Network.of("dropout and Adam", () -> withDropout(new Adam()))
                        .withLearningRate(0.01)
                        .withPlainSgd(() -> Optional.of(withDropout(new Sgd()))),
                mlp("AdaGrad, whose state does not start at zero", () -> Networks.with(new AdaGrad()))
                        .withOtherOptimizer(),
                mlp("momentum", () -> Networks.with(new Nesterovs())).withOtherOptimizer(),
                Network.of("one optimizer a layer", Dl4jModelContractTest::oneOptimizerALayer)
                        .withOtherOptimizer(),
                mlp("bias optimizer", () -> Networks.sgd().biasUpdater(new Sgd(2))),
                mlp("L2 and weight decay", () -> Networks.sgd().l2(0.1).weightDecayBias(0.1)),
                mlp("sum over the mini-batch", () -> Networks.sgd().miniBatch(false))
                        .withLearningRate(0.01),
                mlp(
                                "clipped gradient",
                                () -> Networks.sgd()
                                        .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                                        .gradientNormalizationThreshold(0.01))
                        .withOtherOptimizer());
    }

    private static Stream<Network> graphs() {
        return Stream.of(
                branched("graph", Networks::sgd),
                branched("graph in DOUBLE", () -> Networks.sgd().dataType(DataType.DOUBLE)),
                Network.of("graph with dropout and Adam", Dl4jModelContractTest::graphWithDropout)
                        .withOtherOptimizer(),
                branched("graph, sum over the mini-batch", () -> Networks.sgd().miniBatch(false))
                        .withLearningRate(0.01));
    }

    private static Network mlp(String name, Supplier<NeuralNetConfiguration.Builder> configuration) {
        return Network.of(name, () -> Dl4jModel.of(Networks.mlp(configuration.get())));
    }

    private static Network branched(String name, Supplier<NeuralNetConfiguration.Builder> configuration) {
        return Network.of(name, () -> Dl4jModel.of(Networks.branched(configuration.get())));
    }

    private static Dl4jModel stacked(Layer... layers) {
        return Dl4jModel.of(Networks.stack(Networks.sgd(), layers));
    }

    private static Dl4jModel withDropout(IUpdater updater) {
        return Dl4jModel.of(Networks.stack(
                Networks.with(updater),
                Networks.dense(Networks.FEATURES, 6),
                Networks.denseWithDropout(6, 6),
                Networks.softmax(6)));
    }

    private static Dl4jModel oneOptimizerALayer() {
        var first = Networks.dense(Networks.FEATURES, 5);
        first.setIUpdater(new RmsProp(0.5));
        return Dl4jModel.of(
                Networks.stack(Networks.with(new Adam()).biasUpdater(new Sgd(2)), first, Networks.softmax(5)));
    }

    private static Dl4jModel graphWithDropout() {
        return Dl4jModel.of(Networks.graph(Networks.with(new Adam())
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden_1", Networks.dense(Networks.FEATURES, 6), "in")
                .addLayer("hidden_2", Networks.denseWithDropout(6, 6), "hidden_1")
                .addLayer("out", Networks.softmax(6), "hidden_2")
                .setOutputs("out")
                .build()));
    }
}
