package org.fl4j.dl4j;

import java.util.Optional;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.fl4j.data.Examples;
import org.fl4j.model.GradientModel;
import org.fl4j.testkit.GradientModelContract;
import org.junit.jupiter.api.Nested;
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
class Dl4jModelContractTest {

    abstract static class Classifier extends GradientModelContract<Examples> {

        @Override
        protected Examples data(int examples) {
            return Networks.classified(examples);
        }

        @Override
        protected int classes() {
            return Networks.CLASSES;
        }
    }

    /** The steps of other optimizers are not those of plain SGD. */
    abstract static class OtherOptimizer extends Classifier {

        @Override
        protected Optional<GradientModel<Examples>> plainSgd() {
            return Optional.empty();
        }

        @Override
        protected double learningRate() {
            return 0.01;
        }
    }

    @Nested
    class Dense extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.mlp(Networks.sgd()));
        }
    }

    @Nested
    class DenseInDouble extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.mlp(Networks.sgd().dataType(DataType.DOUBLE)));
        }
    }

    @Nested
    class BatchNormWithLogarithmicDeviation extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.stack(
                    Networks.sgd(), Networks.dense(Networks.FEATURES, 5), Networks.batchNorm(5), Networks.softmax(5)));
        }
    }

    @Nested
    class BatchNormWithVariance extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.stack(
                    Networks.sgd(),
                    Networks.dense(Networks.FEATURES, 5),
                    new BatchNormalization.Builder()
                            .nIn(5)
                            .nOut(5)
                            .useLogStd(false)
                            .build(),
                    Networks.softmax(5)));
        }

        /** With one example DL4J subtracts arrays of shapes [5] and [1, 5] and fails. */
        @Override
        protected int smallestBatch() {
            return 2;
        }
    }

    @Nested
    class DropoutAndAdam extends OtherOptimizer {

        @Override
        protected GradientModel<Examples> model() {
            return withUpdater(new Adam());
        }

        @Override
        protected Optional<GradientModel<Examples>> plainSgd() {
            return Optional.of(withUpdater(new Sgd()));
        }

        private static GradientModel<Examples> withUpdater(IUpdater updater) {
            return Dl4jModel.of(Networks.stack(
                    Networks.with(updater),
                    Networks.dense(Networks.FEATURES, 6),
                    Networks.denseWithDropout(6, 6),
                    Networks.softmax(6)));
        }
    }

    @Nested
    class AdaGradWhoseStateDoesNotStartAtZero extends OtherOptimizer {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.mlp(Networks.with(new AdaGrad())));
        }
    }

    @Nested
    class Momentum extends OtherOptimizer {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.mlp(Networks.with(new Nesterovs())));
        }
    }

    @Nested
    class OneOptimizerALayer extends OtherOptimizer {

        @Override
        protected GradientModel<Examples> model() {
            var first = Networks.dense(Networks.FEATURES, 5);
            first.setIUpdater(new RmsProp(0.5));
            return Dl4jModel.of(
                    Networks.stack(Networks.with(new Adam()).biasUpdater(new Sgd(2)), first, Networks.softmax(5)));
        }
    }

    @Nested
    class BiasOptimizer extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.mlp(Networks.sgd().biasUpdater(new Sgd(2))));
        }
    }

    @Nested
    class L2AndWeightDecay extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.mlp(Networks.sgd().l2(0.1).weightDecayBias(0.1)));
        }
    }

    @Nested
    class SumOverTheMiniBatch extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.mlp(Networks.sgd().miniBatch(false)));
        }

        @Override
        protected double learningRate() {
            return 0.01;
        }
    }

    @Nested
    class ClippedGradient extends OtherOptimizer {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.mlp(Networks.sgd()
                    .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                    .gradientNormalizationThreshold(0.01)));
        }
    }

    @Nested
    class Frozen extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.stack(
                    Networks.sgd(),
                    new FrozenLayer(Networks.dense(Networks.FEATURES, 5)),
                    Networks.dense(5, 5),
                    Networks.softmax(5)));
        }
    }

    @Nested
    class FrozenBehindATrainedLayer extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.stack(
                    Networks.sgd(),
                    Networks.dense(Networks.FEATURES, 5),
                    new FrozenLayerWithBackprop(Networks.dense(5, 5)),
                    Networks.softmax(5)));
        }
    }

    @Nested
    class Convolution extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.convolutional());
        }

        @Override
        protected Examples data(int examples) {
            return Networks.classified(examples, 1, 28, 28);
        }
    }

    @Nested
    class Regression extends GradientModelContract<Examples> {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.stack(
                    Networks.sgd(),
                    Networks.dense(Networks.FEATURES, 5),
                    Networks.output(5, 2, LossFunction.MSE, Activation.IDENTITY)));
        }

        @Override
        protected Examples data(int examples) {
            return Networks.regression(examples);
        }
    }

    /** The layer within a wrapper has an updater, and so a learning rate, of its own. */
    @Nested
    class Recurrent extends GradientModelContract<Examples> {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.recurrent());
        }

        @Override
        protected Examples data(int examples) {
            return Networks.sequences(examples);
        }
    }

    @Nested
    class Graph extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.branched(Networks.sgd()));
        }
    }

    @Nested
    class GraphInDouble extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.branched(Networks.sgd().dataType(DataType.DOUBLE)));
        }
    }

    @Nested
    class GraphWithDropoutAndAdam extends OtherOptimizer {

        @Override
        protected GradientModel<Examples> model() {
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

    @Nested
    class GraphSummingOverTheMiniBatch extends Classifier {

        @Override
        protected GradientModel<Examples> model() {
            return Dl4jModel.of(Networks.branched(Networks.sgd().miniBatch(false)));
        }

        @Override
        protected double learningRate() {
            return 0.01;
        }
    }
}
