package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.fl4j.data.Examples;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Data that do not fit a network are named with what would; those that can be made to fit are. */
class NetworkFitTest {

    private static final LocalTraining HOW =
            LocalTraining.epochs(30).withBatchSize(10).withLearningRate(0.5);

    @Test
    void featuresOfAnotherLengthAreRefused() {
        Dl4jModel model = Dl4jModel.of(Networks.mlp(Networks.sgd()));

        String refusal = refusal(model, Networks.classified(3, 5));

        assertTrue(
                refusal.startsWith(
                        "client data have features [5] but the network's first layer takes 4 inputs (nIn): "),
                refusal);
    }

    @Test
    void featuresOfAnotherRankAreRefused() {
        String refusal = refusal(Dl4jModel.of(Networks.convolutional()), Networks.classified(3, 2, 7, 7));

        assertTrue(refusal.startsWith("client data have features [2, 7, 7] but "), refusal);
    }

    @Test
    void labelsOfAnotherLengthAreRefusedInTrainingAndEvaluation() {
        Dl4jModel model = Dl4jModel.of(Networks.mlp(Networks.sgd()));
        Examples fewer = Examples.classified(new float[8], new int[2], 2, Networks.FEATURES);
        String expected =
                "client data have labels [2] but the network's output is [3]; does its output layer have one unit"
                        + " a class?";

        assertEquals(expected, refusal(model, fewer));
        assertEquals(
                expected,
                assertThrows(IllegalArgumentException.class, () -> model.evaluate(fewer))
                        .getMessage());
        model.train(Networks.classified(10), HOW, 1);
        assertEquals(expected, refusal(model, fewer), "each kind of data is checked");
    }

    @Test
    void twoClassesAreLearnedByOneSigmoidUnit() {
        Examples three = Networks.classified(200);
        float[] features = new float[200 * Networks.FEATURES];
        int[] labels = new int[200];
        for (int i = 0; i < 200; i++) {
            three.copyFeatures(i, features, i * Networks.FEATURES);
            labels[i] = features[i * Networks.FEATURES] > 0 ? 1 : 0;
        }
        Examples two = Examples.classified(features, labels, 2, Networks.FEATURES);
        Dl4jModel model = Dl4jModel.of(Networks.stack(
                Networks.sgd(), Networks.output(Networks.FEATURES, 1, LossFunction.XENT, Activation.SIGMOID)));

        model.train(two, HOW, 1);
        Evaluation evaluation = model.evaluate(two);

        assertEquals(2, evaluation.classes().size());
        assertTrue(evaluation.accuracy().orElseThrow() > 0.9, evaluation::toString);
    }

    @Test
    void twoClassesDoNotFitOneUnitThatIsNoSigmoid() {
        Dl4jModel model = Dl4jModel.of(Networks.stack(
                Networks.sgd(), Networks.output(Networks.FEATURES, 1, LossFunction.MSE, Activation.IDENTITY)));

        assertEquals(
                "client data have labels [2] but the network's output is [1]; does its output layer have one unit"
                        + " a class?",
                refusal(model, Examples.classified(new float[8], new int[2], 2, Networks.FEATURES)));
    }

    /** As a pooled model meets client after client. */
    @Test
    void dataThatAreRefusedDoNotChangeHowTheNextAreTaken() {
        Dl4jModel model = Dl4jModel.of(Networks.stack(
                Networks.sgd(), Networks.output(Networks.FEATURES, 1, LossFunction.XENT, Activation.SIGMOID)));
        Examples two = Examples.classified(new float[8], new int[] {0, 1}, 2, Networks.FEATURES);
        Examples three = Examples.classified(new float[8], new int[] {0, 2}, 3, Networks.FEATURES);

        model.train(two, HOW, 1);
        refusal(model, three);
        assertEquals(2, model.evaluate(two).examples());
        assertEquals(30, model.train(two, HOW, 1).steps());
        assertThrows(IllegalArgumentException.class, () -> model.evaluate(three));
        assertEquals(30, model.train(two, HOW, 1).steps());
    }

    /** DL4J subtracts arrays of shapes [5] and [1, 5] in a mini-batch of one. */
    @Test
    void aLastMiniBatchOfOneUnderBatchNormCanBeLeftOut() {
        Dl4jModel model = Dl4jModel.of(Networks.stack(
                Networks.sgd(),
                Networks.dense(Networks.FEATURES, 5),
                new BatchNormalization.Builder().nIn(5).nOut(5).useLogStd(false).build(),
                Networks.softmax(5)));
        LocalTraining how = LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.1);

        assertThrows(RuntimeException.class, () -> model.train(Networks.classified(21), how, 1));
        assertEquals(
                2,
                model.train(Networks.classified(21), how.withSmallestBatch(2), 1)
                        .steps());
        assertEquals(257, model.evaluate(Networks.classified(257)).examples());
    }

    private static String refusal(Dl4jModel model, Examples data) {
        return assertThrows(IllegalArgumentException.class, () -> model.train(data, HOW, 1))
                .getMessage();
    }
}
