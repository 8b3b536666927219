package org.fl4j.benchmarks.training;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The networks of the benchmarks, as any DL4J application builds them; plain SGD. */
final class Networks {

    private static final long SEED = 42;
    private static final int CLASSES = 10;
    private static final int DIGIT = 28;
    private static final int PICTURE = 32;
    private static final int COLORS = 3;
    private static final int EMBEDDING = 8;
    private static final int CELLS = 256;

    private Networks() {}

    static MultiLayerNetwork softmax(int features) {
        return of(InputType.feedForward(features), output(0));
    }

    /** 784-200-200-10, the "2NN" of McMahan et al. (AISTATS 2017); 199,210 parameters. */
    static MultiLayerNetwork twoLayers() {
        return of(InputType.feedForward(DIGIT * DIGIT), dense(200, 0), dense(200, 0), output(0));
    }

    /** The CNN of McMahan et al. (AISTATS 2017), with padding; 1,663,370 parameters. */
    static MultiLayerNetwork digitCnn() {
        return of(
                InputType.convolutional(DIGIT, DIGIT, 1),
                convolution(32, 5, ConvolutionMode.Same),
                pool(),
                convolution(64, 5, ConvolutionMode.Same),
                pool(),
                dense(512, 0),
                output(0));
    }

    /** The network that pfl-research trains on CIFAR-10: two convolutions, one pool, dropout; 1,626,442 parameters. */
    static MultiLayerNetwork pictureCnn() {
        return of(
                InputType.convolutional(PICTURE, PICTURE, COLORS),
                convolution(32, 3, ConvolutionMode.Truncate),
                convolution(64, 3, ConvolutionMode.Truncate),
                pool(),
                dense(128, 0.25),
                output(0.5));
    }

    /** A LeNet for pictures, as BlazeFL's benchmark trains it; 62,006 parameters. */
    static MultiLayerNetwork leNet() {
        return of(
                InputType.convolutional(PICTURE, PICTURE, COLORS),
                convolution(6, 5, ConvolutionMode.Truncate),
                pool(),
                convolution(16, 5, ConvolutionMode.Truncate),
                pool(),
                dense(120, 0),
                dense(84, 0),
                output(0));
    }

    /** The next character after each of some: embedding 8, two LSTMs of 256, as in McMahan et al. (AISTATS 2017). */
    static MultiLayerNetwork characters(int vocabulary, int length) {
        // No input type: from one, DL4J would set the vocabulary to the one index a step.
        return of(builder()
                .list(
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(vocabulary)
                                .nOut(EMBEDDING)
                                .inputLength(length)
                                .activation(Activation.IDENTITY)
                                .build(),
                        lstm(EMBEDDING),
                        lstm(CELLS),
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .nIn(CELLS)
                                .nOut(vocabulary)
                                .dataFormat(RNNFormat.NCW)
                                .build()));
    }

    private static MultiLayerNetwork of(InputType input, Layer... layers) {
        return of(builder().list(layers).setInputType(input));
    }

    private static MultiLayerNetwork of(NeuralNetConfiguration.ListBuilder layers) {
        MultiLayerNetwork network = new MultiLayerNetwork(layers.build());
        network.init();
        return network;
    }

    private static NeuralNetConfiguration.Builder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.RELU)
                .updater(new Sgd());
    }

    private static Layer convolution(int channels, int side, ConvolutionMode mode) {
        return new ConvolutionLayer.Builder(side, side)
                .nOut(channels)
                .convolutionMode(mode)
                .build();
    }

    private static Layer pool() {
        return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }

    private static Layer lstm(int inputs) {
        return new LSTM.Builder()
                .nIn(inputs)
                .nOut(CELLS)
                .activation(Activation.TANH)
                .build();
    }

    /**
     * A hidden layer.
     *
     * @param dropped the share of its inputs that dropout sets to zero; DL4J takes the share it keeps, and 0 for none
     */
    private static Layer dense(int units, double dropped) {
        return new DenseLayer.Builder().nOut(units).dropOut(kept(dropped)).build();
    }

    private static Layer output(double dropped) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nOut(CLASSES)
                .dropOut(kept(dropped))
                .build();
    }

    private static double kept(double dropped) {
        return dropped == 0 ? 0 : 1 - dropped;
    }
}
