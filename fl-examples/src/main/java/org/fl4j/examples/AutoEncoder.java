package org.fl4j.examples;

import java.util.concurrent.ConcurrentHashMap;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A network that learns to reproduce readings from four numbers, and cannot where they do not go together: 16-32-4-32-16, tanh, between a batch
 * normalisation that takes a machine's units away and one that puts them back. An evaluation also leaves the error of each reading.
 */
final class AutoEncoder {

    /** The parameters of batch normalisation: scale, shift and running statistics of the first and the last layer but one. */
    static final String NORMALISATION = "[05]_.*";

    private static final int HIDDEN = 32;
    private static final int CODE = 4;

    private AutoEncoder() {}

    /**
     * A new one, whose weights depend on the seed alone.
     *
     * @param errors gets the error of each reading that is evaluated, by the very examples; safe for several threads
     */
    static GradientModel<Examples> create(long seed, ConcurrentHashMap<Examples, double[]> errors) {
        MultiLayerNetwork network = new MultiLayerNetwork(new NeuralNetConfiguration.Builder()
                .seed(seed)
                .weightInit(WeightInit.XAVIER)
                .activation(Activation.IDENTITY)
                .updater(new Sgd())
                .list(
                        new BatchNormalization.Builder().nOut(Machine.SENSORS).build(),
                        dense(Machine.SENSORS, HIDDEN, Activation.TANH),
                        dense(HIDDEN, CODE, Activation.IDENTITY),
                        dense(CODE, HIDDEN, Activation.TANH),
                        dense(HIDDEN, Machine.SENSORS, Activation.IDENTITY),
                        new BatchNormalization.Builder().nOut(Machine.SENSORS).build(),
                        new LossLayer.Builder(LossFunction.MSE)
                                .activation(Activation.IDENTITY)
                                .build())
                .build());
        network.init();
        return new OwnEvaluation(network, readings -> {
            double[] each = errors(network, readings);
            errors.put(readings, each);
            Evaluation.Tally tally = new Evaluation.Tally(0);
            for (double error : each) {
                tally.addLoss(error, 1);
            }
            return tally.evaluation();
        });
    }

    private static DenseLayer dense(int inputs, int outputs, Activation activation) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(activation)
                .build();
    }

    /** Of each reading, summed over the sensors, each in units of its mean squared error over these readings. */
    private static double[] errors(MultiLayerNetwork network, Examples readings) {
        float[] all = new float[readings.size() * Machine.SENSORS];
        for (int i = 0; i < readings.size(); i++) {
            readings.copyFeatures(i, all, i * Machine.SENSORS);
        }
        try (INDArray rows = Nd4j.createFromArray(all).reshape(readings.size(), Machine.SENSORS);
                INDArray output = network.output(rows);
                INDArray difference = output.sub(rows);
                INDArray squares = difference.mul(difference);
                INDArray usual = squares.mean(0);
                INDArray units = squares.divRowVector(usual);
                INDArray sums = units.sum(1)) {
            return sums.toDoubleVector();
        }
    }
}
