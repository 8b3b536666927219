package org.fl4j.examples;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.data.Examples;
import org.fl4j.data.NextCharacters;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.GradientModel;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The next character after each of some: an embedding of 8, an LSTM, softmax. */
final class CharacterNetwork {

    /** The parameters of the output layer. */
    static final String OUTPUT_LAYER = "2_.*";

    private static final int EMBEDDING = 8;

    private CharacterNetwork() {}

    /** A new one, whose weights depend on the seed alone. */
    static GradientModel<Examples> create(int length, int cells, long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.XAVIER)
                .updater(new Sgd())
                .list(
                        new EmbeddingSequenceLayer.Builder()
                                .nIn(NextCharacters.VOCABULARY)
                                .nOut(EMBEDDING)
                                .inputLength(length)
                                .activation(Activation.IDENTITY)
                                .build(),
                        new LSTM.Builder()
                                .nIn(EMBEDDING)
                                .nOut(cells)
                                .activation(Activation.TANH)
                                .build(),
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .activation(Activation.SOFTMAX)
                                .nIn(cells)
                                .nOut(NextCharacters.VOCABULARY)
                                .dataFormat(RNNFormat.NCW)
                                .build())
                .build());
        network.init();
        return Dl4jModel.of(network);
    }
}
