package org.fl4j.examples;

import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration.ListBuilder;
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

/**
 * The next character after each of some: an embedding of 8, LSTMs, softmax.
 *
 * @param length characters in a sequence
 * @param layers LSTMs, one on the other
 * @param cells of each
 * @param clip the most that the norm of a layer's gradient of the mean loss of a character may be; 0 for any
 */
record CharacterNetwork(int length, int layers, int cells, double clip) {

    private static final int EMBEDDING = 8;

    /** A new one, whose weights depend on the seed alone. */
    GradientModel<Examples> create(long seed) {
        GradientNormalization clipping = clip > 0 ? GradientNormalization.ClipL2PerLayer : GradientNormalization.None;
        ListBuilder stack = new NeuralNetConfiguration.Builder()
                .seed(seed)
                .gradientNormalization(clipping)
                // DL4J sums the loss over the characters of a sequence.
                .gradientNormalizationThreshold(clip * length)
                .weightInit(WeightInit.XAVIER)
                .updater(new Sgd())
                .list()
                .layer(new EmbeddingSequenceLayer.Builder()
                        .nIn(NextCharacters.VOCABULARY)
                        .nOut(EMBEDDING)
                        .inputLength(length)
                        .activation(Activation.IDENTITY)
                        .build());
        for (int layer = 0; layer < layers; layer++) {
            stack.layer(new LSTM.Builder()
                    .nIn(layer == 0 ? EMBEDDING : cells)
                    .nOut(cells)
                    .activation(Activation.TANH)
                    .build());
        }
        stack.layer(new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nIn(cells)
                .nOut(NextCharacters.VOCABULARY)
                .dataFormat(RNNFormat.NCW)
                .build());
        MultiLayerNetwork network = new MultiLayerNetwork(stack.build());
        network.init();
        return Dl4jModel.of(network);
    }

    /** The names of the parameters of the output layer. */
    String outputLayer() {
        return (layers + 1) + "_.*";
    }
}
