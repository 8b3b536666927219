package org.fl4j.examples;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.dl4j.Dl4jModel;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The "2NN" of McMahan et al. (AISTATS 2017): 784-200-200-10, ReLU, softmax, plain SGD; 199,210 parameters.
 */
final class DigitNetwork {

    private static final int PIXELS = 784;
    private static final int HIDDEN = 200;
    private static final int CLASSES = 10;

    private DigitNetwork() {}

    /** A network as any DL4J application builds it, wrapped as a model. Its weights depend on the seed alone. */
    static Dl4jModel create(long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration(seed));
        network.init();
        return Dl4jModel.of(network);
    }

    static MultiLayerConfiguration configuration(long seed) {
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.RELU)
                .updater(new Sgd())
                .list()
                .layer(new DenseLayer.Builder().nIn(PIXELS).nOut(HIDDEN).build())
                .layer(new DenseLayer.Builder().nIn(HIDDEN).nOut(HIDDEN).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .activation(Activation.SOFTMAX)
                        .nIn(HIDDEN)
                        .nOut(CLASSES)
                        .build())
                .build();
    }
}
