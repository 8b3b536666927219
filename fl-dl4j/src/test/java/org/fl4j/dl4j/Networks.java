package org.fl4j.dl4j;

import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Model;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Small networks over four features and three classes, and data for them. */
final class Networks {

    static final int FEATURES = 4;
    static final int CLASSES = 3;

    private Networks() {}

    static NeuralNetConfiguration.Builder sgd() {
        return with(new Sgd(1));
    }

    static NeuralNetConfiguration.Builder with(IUpdater updater) {
        return new NeuralNetConfiguration.Builder().seed(42).updater(updater);
    }

    static MultiLayerNetwork stack(NeuralNetConfiguration.Builder configuration, Layer... layers) {
        MultiLayerNetwork network =
                new MultiLayerNetwork(configuration.list(layers).build());
        network.init();
        return network;
    }

    /** A model does not copy its configuration: it could not make another of this class. */
    static MultiLayerNetwork subclass(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new Subclass(configuration);
        network.init();
        return network;
    }

    @SuppressWarnings("overrides") // Of DL4J's own making.
    private static final class Subclass extends MultiLayerNetwork {

        private static final long serialVersionUID = 1;

        Subclass(MultiLayerConfiguration configuration) {
            super(configuration);
        }
    }

    static MultiLayerNetwork mlp(NeuralNetConfiguration.Builder configuration) {
        return stack(configuration, dense(FEATURES, 5), softmax(5));
    }

    static MultiLayerNetwork convolutional() {
        MultiLayerNetwork network = new MultiLayerNetwork(sgd().list(
                        new ConvolutionLayer.Builder(5, 5)
                                .stride(4, 4)
                                .nIn(1)
                                .nOut(2)
                                .activation(Activation.RELU)
                                .build(),
                        softmax(2 * 6 * 6))
                .setInputType(InputType.convolutional(28, 28, 1))
                .build());
        network.init();
        return network;
    }

    static MultiLayerNetwork recurrent() {
        MultiLayerNetwork network = new MultiLayerNetwork(sgd().list(
                        new Bidirectional(new LSTM.Builder().nOut(2).build()),
                        new RnnOutputLayer.Builder(LossFunction.MSE)
                                .nOut(1)
                                .activation(Activation.IDENTITY)
                                .build())
                .setInputType(InputType.recurrent(FEATURES))
                .build());
        network.init();
        return network;
    }

    /** Two branches that are merged, with underscores in the names and one name the beginning of another. */
    static ComputationGraph branched(NeuralNetConfiguration.Builder configuration) {
        return graph(configuration
                .graphBuilder()
                .addInputs("in")
                .addLayer("a", dense(FEATURES, 3), "in")
                .addLayer("a_mean", dense(FEATURES, 2), "in")
                .addLayer("a_norm", batchNorm(3), "a")
                .addVertex("merged_all", new MergeVertex(), "a_norm", "a_mean")
                .addLayer("out_", softmax(5), "merged_all")
                .setOutputs("out_")
                .build());
    }

    static ComputationGraph graph(ComputationGraphConfiguration configuration) {
        ComputationGraph graph = new ComputationGraph(configuration);
        graph.init();
        return graph;
    }

    static DenseLayer dense(int inputs, int units) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(units)
                .activation(Activation.TANH)
                .build();
    }

    static DenseLayer denseWithDropout(int inputs, int units) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(units)
                .activation(Activation.TANH)
                .dropOut(0.5)
                .build();
    }

    static BatchNormalization batchNorm(int units) {
        return new BatchNormalization.Builder().nIn(units).nOut(units).build();
    }

    static OutputLayer softmax(int inputs) {
        return output(inputs, CLASSES, LossFunction.MCXENT, Activation.SOFTMAX);
    }

    static OutputLayer output(int inputs, int units, LossFunction loss, Activation activation) {
        return new OutputLayer.Builder(loss)
                .nIn(inputs)
                .nOut(units)
                .activation(activation)
                .build();
    }

    /** The labels follow from the features: the largest of the first three. */
    static Examples classified(int n, long... featureShape) {
        int width = 1;
        for (long side : featureShape) {
            width *= (int) side;
        }
        float[] features = features(n * width);
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            for (int c = 1; c < CLASSES; c++) {
                if (features[i * width + c] > features[i * width + labels[i]]) {
                    labels[i] = c;
                }
            }
        }
        return Examples.classified(features, labels, CLASSES, featureShape);
    }

    static Examples classified(int n) {
        return classified(n, FEATURES);
    }

    /** After one step on a batch of all data, so that both are losses of the same weights. */
    static double reportedLossLessEvaluated(Model<Examples> model) {
        Examples data = classified(20);
        double before = model.evaluate(data).loss();
        LocalTraining step = LocalTraining.steps(1).withBatchSize(data.size()).withLearningRate(0.1);
        return model.train(data, step, 1).loss() - before;
    }

    /** Two targets: the sum of the features, and the difference of the first two. */
    static Examples regression(int n) {
        float[] features = features(n * FEATURES);
        float[] targets = new float[n * 2];
        for (int i = 0; i < n; i++) {
            for (int f = 0; f < FEATURES; f++) {
                targets[2 * i] += features[i * FEATURES + f];
            }
            targets[2 * i + 1] = features[i * FEATURES] - features[i * FEATURES + 1];
        }
        return Examples.withTargets(features, new long[] {FEATURES}, targets, new long[] {2});
    }

    /** Three time steps of four features; the target of each is its first feature. */
    static Examples sequences(int n) {
        int steps = 3;
        float[] features = features(n * FEATURES * steps);
        float[] targets = new float[n * steps];
        for (int i = 0; i < n; i++) {
            System.arraycopy(features, i * FEATURES * steps, targets, i * steps, steps);
        }
        return Examples.withTargets(features, new long[] {FEATURES, steps}, targets, new long[] {1, steps});
    }

    /** Three time steps of four features with one target in all, the first value. */
    static Examples labelledSequences(int n) {
        float[] features = features(n * FEATURES * 3);
        float[] targets = new float[n];
        for (int i = 0; i < n; i++) {
            targets[i] = features[i * FEATURES * 3];
        }
        return Examples.withTargets(features, new long[] {FEATURES, 3}, targets, new long[] {1});
    }

    private static float[] features(int n) {
        Random random = new Random(7);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return values;
    }
}
