package org.fl4j.examples;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.data.Examples;
import org.fl4j.weights.ModelWeights;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** 8-8-2, tanh, softmax, plain SGD; a fraud counts several times in the loss. */
final class FraudNetwork {

    private static final int HIDDEN = 8;
    private static final int FRAUD = 1;

    private FraudNetwork() {}

    /** A network as any DL4J application builds it. Its weights depend on the seed alone. */
    static MultiLayerNetwork create(double weight, long seed) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.XAVIER)
                .updater(new Sgd())
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(Bank.FEATURES)
                        .nOut(HIDDEN)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(new LossMCXENT(Nd4j.createFromArray(1, (float) weight)))
                        .activation(Activation.SOFTMAX)
                        .nIn(HIDDEN)
                        .nOut(2)
                        .build())
                .build());
        network.init();
        return network;
    }

    /** How likely each payment is a fraud, by trained weights; a number that ranks, as frauds counted several times. */
    static float[] scores(ModelWeights trained, Examples payments) {
        float[] features = new float[payments.size() * Bank.FEATURES];
        for (int i = 0; i < payments.size(); i++) {
            payments.copyFeatures(i, features, i * Bank.FEATURES);
        }
        MultiLayerNetwork network = create(1, 0);
        trained.copyTo(network.params());
        try (INDArray rows = Nd4j.createFromArray(features).reshape(payments.size(), Bank.FEATURES);
                INDArray output = network.output(rows)) {
            return output.getColumn(FRAUD).toFloatVector();
        }
    }
}
