package org.fl4j.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;

class DenseModelTest {

    private static final LocalTraining ONE_STEP =
            LocalTraining.steps(1).withBatchSize(8).withLearningRate(0.5);

    /** One step from zero, in FP64: softmax is 1/3 everywhere, so the gradient is the mean of (1/3 - label) x. */
    @Test
    void theFirstStepOfSoftmaxRegressionIsTheOneOnPaper() {
        DenseModel model = DenseModel.softmaxRegression(4, 3);
        Examples data = classes(8);
        assertEquals(Math.log(3), model.train(data, ONE_STEP, 1).loss(), 1e-6);

        float[] x = new float[4];
        double[] expected = new double[4 * 3 + 3];
        for (int i = 0; i < 8; i++) {
            data.copyFeatures(i, x, 0);
            for (int c = 0; c < 3; c++) {
                double error = 1.0 / 3 - (data.label(i) == c ? 1 : 0);
                for (int j = 0; j < 4; j++) {
                    expected[c * 4 + j] -= 0.5 * error * x[j] / 8;
                }
                expected[12 + c] -= 0.5 * error / 8;
            }
        }
        assertNear(expected, model.weights(), 1e-6);
    }

    /** Least squares by the normal equations of one feature: slope cov / var, intercept from the means. */
    @Test
    void linearRegressionFindsTheLineOfLeastSquares() {
        float[] x = {-2, -1, 0, 1, 2, 3};
        float[] y = {-3.9f, -2.2f, 0.3f, 1.8f, 4.1f, 6.2f};
        DenseModel model = DenseModel.linearRegression(1, 1);
        model.train(
                Examples.withTargets(x, new long[] {1}, y, new long[] {1}),
                LocalTraining.epochs(2000).withBatchSize(6).withLearningRate(0.05),
                1);
        double meanX = 0.5;
        double meanY = 1.05;
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < 6; i++) {
            covariance += (x[i] - meanX) * (y[i] - meanY);
            variance += (x[i] - meanX) * (x[i] - meanX);
        }
        double slope = covariance / variance;
        assertNear(new double[] {slope, meanY - slope * meanX}, model.weights(), 1e-4);
    }

    @Test
    void aPerceptronLearnsWhatNoLinearModelCan() {
        float[] features = {0, 0, 0, 1, 1, 0, 1, 1};
        Examples xor = Examples.classified(features, new int[] {0, 1, 1, 0}, 2, 2);
        LocalTraining how = LocalTraining.epochs(800).withBatchSize(4).withLearningRate(0.3);
        DenseModel perceptron = DenseModel.perceptron(2, 16, 2).withSeed(4);
        perceptron.train(xor, how, 1);
        assertEquals(1, perceptron.evaluate(xor).accuracy().orElseThrow());
        DenseModel linear = DenseModel.softmaxRegression(2, 2);
        linear.train(xor, how, 1);
        assertTrue(linear.evaluate(xor).accuracy().orElseThrow() <= 0.75);
    }

    @Test
    void aSeedDecidesThePerceptronsWeights() {
        assertEquals(
                DenseModel.perceptron(3, 4, 2).withSeed(1).weights(),
                DenseModel.perceptron(3, 4, 2).withSeed(1).weights());
        assertNotEquals(
                DenseModel.perceptron(3, 4, 2).withSeed(1).weights(),
                DenseModel.perceptron(3, 4, 2).withSeed(2).weights());
    }

    /** The mini-batches of an evaluation are those of a fresh model: of their sums, rounding tells the size. */
    @Test
    void anEvaluationDoesNotDependOnTheBatchSizeTrainedBefore() {
        Examples data = targets(101);
        DenseModel fresh = DenseModel.linearRegression(4, 1);
        DenseModel used = DenseModel.linearRegression(4, 1);
        used.train(data, LocalTraining.steps(1).withBatchSize(77).withLearningRate(0.1), 1);
        fresh.load(used.weights());
        assertEquals(fresh.evaluate(data), used.evaluate(data));
    }

    @Test
    void rejectsDataOfOtherShapesBeforeTheFirstStep() {
        DenseModel model = DenseModel.softmaxRegression(5, 3);
        ModelWeights before = model.weights();
        assertEquals(
                "client data have features [4], 4 values an example, but the model takes 5 inputs",
                assertThrows(IllegalArgumentException.class, () -> model.train(classes(8), ONE_STEP, 1))
                        .getMessage());
        assertEquals(
                "client data have labels [3] but the model has 4 classes",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> DenseModel.softmaxRegression(4, 4).train(classes(8), ONE_STEP, 1))
                        .getMessage());
        assertEquals(before, model.weights());
    }

    private static Examples targets(int examples) {
        DeterministicRandom random = new DeterministicRandom(6);
        float[] features = new float[4 * examples];
        float[] targets = new float[examples];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < examples; i++) {
            targets[i] = (float) random.nextGaussian();
        }
        return Examples.withTargets(features, new long[] {4}, targets, new long[] {1});
    }

    private static Examples classes(int examples) {
        DeterministicRandom random = new DeterministicRandom(5);
        float[] features = new float[4 * examples];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        int[] labels = new int[examples];
        for (int i = 0; i < examples; i++) {
            labels[i] = i % 3;
        }
        return Examples.classified(features, labels, 3, 4);
    }

    private static void assertNear(double[] expected, ModelWeights actual, double tolerance) {
        assertEquals(expected.length, actual.layout().length());
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual.get(i), tolerance, "value " + i);
        }
    }
}
