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
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The next character after each of some: an embedding of 8, an LSTM, softmax. Its evaluation counts characters. */
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
        return new OwnEvaluation(network, text -> evaluation(network, text));
    }

    private static Evaluation evaluation(MultiLayerNetwork network, Examples text) {
        int length = text.featureLength();
        float[] characters = new float[text.size() * length];
        for (int i = 0; i < text.size(); i++) {
            text.copyFeatures(i, characters, i * length);
        }
        try (INDArray input = Nd4j.createFromArray(characters).reshape(text.size(), 1, length);
                INDArray output = network.output(input);
                INDArray columns = output.permute(0, 2, 1).dup('c')) {
            return tally(text, columns.data().asFloat());
        }
    }

    /** Over all characters of all sequences, whose probabilities follow one another. */
    private static Evaluation tally(Examples text, float[] probabilities) {
        Evaluation.Tally tally = new Evaluation.Tally(NextCharacters.VOCABULARY);
        int length = text.featureLength();
        float[] next = new float[text.labelLength()];
        for (int i = 0; i < text.size(); i++) {
            text.copyLabel(i, next, 0);
            for (int j = 0; j < next.length; j++) {
                if (next[j] == 1) {
                    tally.add(j / length, probabilities, (i * length + j % length) * NextCharacters.VOCABULARY);
                }
            }
        }
        return tally.evaluation();
    }
}
