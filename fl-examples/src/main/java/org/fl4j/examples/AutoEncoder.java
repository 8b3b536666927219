package org.fl4j.examples;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.fl4j.data.Examples;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A network that learns to reproduce readings from fewer numbers, and cannot where they do not go together: 12-10-3-10-12, tanh, between a batch
 * normalisation that takes a machine's units away and one that puts them back. An evaluation also leaves the error of each reading.
 */
final class AutoEncoder implements GradientModel<Examples> {

    /** The parameters of batch normalisation: scale, shift and running statistics of the first and the last layer but one. */
    static final String NORMALISATION = "[05]_.*";

    private static final int HIDDEN = 10;
    private static final int CODE = 3;

    private final MultiLayerNetwork network;
    private final Dl4jModel model;
    private final Map<Examples, float[]> errors;

    private AutoEncoder(MultiLayerNetwork network, Map<Examples, float[]> errors) {
        this.network = network;
        this.model = Dl4jModel.of(network);
        this.errors = errors;
    }

    /**
     * A new one, whose weights depend on the seed alone.
     *
     * @param errors gets the squared error of each reading that is evaluated, by the very examples; safe for several threads
     */
    static AutoEncoder create(long seed, ConcurrentHashMap<Examples, float[]> errors) {
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
        return new AutoEncoder(network, errors);
    }

    private static DenseLayer dense(int inputs, int outputs, Activation activation) {
        return new DenseLayer.Builder()
                .nIn(inputs)
                .nOut(outputs)
                .activation(activation)
                .build();
    }

    @Override
    public ParameterLayout layout() {
        return model.layout();
    }

    @Override
    public ModelWeights weights() {
        return model.weights();
    }

    @Override
    public void load(ModelWeights weights) {
        model.load(weights);
    }

    @Override
    public LocalTraining.Report train(Examples data, LocalTraining how, GradientCorrection correction, long seed) {
        return model.train(data, how, correction, seed);
    }

    @Override
    public Evaluation evaluate(Examples readings) {
        errors.put(readings, squaredErrors(readings));
        return model.evaluate(readings);
    }

    private float[] squaredErrors(Examples readings) {
        float[] all = new float[readings.size() * Machine.SENSORS];
        for (int i = 0; i < readings.size(); i++) {
            readings.copyFeatures(i, all, i * Machine.SENSORS);
        }
        try (INDArray rows = Nd4j.createFromArray(all).reshape(readings.size(), Machine.SENSORS);
                INDArray output = network.output(rows);
                INDArray difference = output.sub(rows);
                INDArray squares = difference.mul(difference);
                INDArray sums = squares.sum(1)) {
            return sums.toFloatVector();
        }
    }

    @Override
    public Collection<?> exclusiveState() {
        return model.exclusiveState();
    }
}
