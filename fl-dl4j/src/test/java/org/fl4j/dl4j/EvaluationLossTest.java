package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossNegativeLogLikelihood;

/** The loss of an evaluation is that of training: all that DL4J's score consists of but L1, L2 and weight decay. */
class EvaluationLossTest {

    private static final Examples DATA = Networks.classified(20);
    private static final LocalTraining ONE_STEP =
            LocalTraining.steps(1).withBatchSize(20).withLearningRate(0.1);

    static Stream<Named<Layer>> outputs() {
        INDArray weights = Nd4j.createFromArray(1f, 2f, 10f);
        return Stream.of(
                Named.of("MCXENT", output(new LossMCXENT(), Activation.SOFTMAX)),
                Named.of("MCXENT, label weights", output(new LossMCXENT(weights), Activation.SOFTMAX)),
                Named.of("NLL, label weights", output(new LossNegativeLogLikelihood(weights), Activation.SOFTMAX)),
                Named.of("XENT, label weights", output(new LossBinaryXENT(weights), Activation.SIGMOID)),
                Named.of("MSE on a softmax", output(new LossMSE(weights), Activation.SOFTMAX)),
                Named.of(
                        "center loss",
                        new CenterLossOutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(Networks.CLASSES)
                                .nOut(Networks.CLASSES)
                                .lambda(3)
                                .activation(Activation.SOFTMAX)
                                .build()),
                Named.of(
                        "loss layer",
                        new LossLayer.Builder(new LossMCXENT(weights))
                                .activation(Activation.SOFTMAX)
                                .build()));
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void isTheLossOfTraining(Layer output) {
        assertSameLoss(Dl4jModel.of(Networks.stack(Networks.sgd().l2(0.3), hidden(), output)));
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void isTheLossOfTrainingWhereStepsAreSums(Layer output) {
        assertSameLoss(
                Dl4jModel.of(Networks.stack(Networks.sgd().miniBatch(false).l1(0.3), hidden(), output)));
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void isTheLossOfTrainingInAGraph(Layer output) {
        assertSameLoss(Dl4jModel.of(Networks.graph(Networks.sgd()
                .weightDecay(0.3)
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", hidden(), "in")
                .addLayer("out", output, "hidden")
                .setOutputs("out")
                .build())));
    }

    @ParameterizedTest
    @MethodSource("outputs")
    void isDl4jsScoreOfTheDataSet(Layer output) {
        MultiLayerNetwork network = Networks.stack(Networks.sgd(), hidden(), output);
        float[][] features = new float[DATA.size()][DATA.featureLength()];
        float[][] labels = new float[DATA.size()][DATA.labelLength()];
        for (int i = 0; i < DATA.size(); i++) {
            DATA.copyFeatures(i, features[i], 0);
            DATA.copyLabel(i, labels[i], 0);
        }
        double score = network.score(new DataSet(Nd4j.createFromArray(features), Nd4j.createFromArray(labels)));

        assertEquals(score, Dl4jModel.of(network).evaluate(DATA).loss(), 1e-5 * score);
    }

    /** All outputs are 1/3: each of the 20 examples costs w ln 3. */
    @Test
    void weighsLabels() {
        Dl4jModel model = Dl4jModel.of(Networks.stack(
                Networks.sgd(),
                hidden(),
                output(new LossMCXENT(Nd4j.createFromArray(1f, 2f, 10f)), Activation.SOFTMAX)));
        model.load(ModelWeights.copyOf(model.layout(), new float[model.layout().length()]));
        double weights = 0;
        for (int i = 0; i < DATA.size(); i++) {
            weights += new double[] {1, 2, 10}[DATA.label(i)];
        }

        assertEquals(weights / 20 * Math.log(3), model.evaluate(DATA).loss(), 1e-5);
    }

    private static void assertSameLoss(Dl4jModel model) {
        Evaluation evaluation = model.evaluate(DATA);

        double trained = model.train(DATA, ONE_STEP, 1).loss();

        assertEquals(trained, evaluation.loss(), 1e-5 * Math.abs(trained));
        assertTrue(evaluation.accuracy().isPresent());
    }

    private static Layer hidden() {
        return Networks.dense(Networks.FEATURES, Networks.CLASSES);
    }

    private static OutputLayer output(ILossFunction loss, Activation activation) {
        return new OutputLayer.Builder(loss)
                .nIn(Networks.CLASSES)
                .nOut(Networks.CLASSES)
                .activation(activation)
                .build();
    }
}
