package org.fl4j.examples;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.data.Examples;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.weights.ModelWeights;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;

/** 8-8-2, tanh, softmax, plain SGD; a fraud counts several times in the loss. */
final class FraudNetwork {

    private static final int HIDDEN = 8;

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

    /** How trained weights do on payments. */
    static Evaluation evaluation(ModelWeights trained, Examples payments, StatisticsSpec statistics) {
        Dl4jModel model = Dl4jModel.of(create(1, 0));
        model.load(trained);
        return model.evaluate(payments, statistics);
    }
}
