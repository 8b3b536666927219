package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.fl4j.data.Examples;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.Metric;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.testkit.GradientModelContract;
import org.junit.jupiter.api.Test;

/** The model keeps every law, and learns. */
class SoftmaxRegressionTest extends GradientModelContract<Examples> {

    private static final int FEATURES = 4;
    private static final int CLASSES = 3;

    @Override
    protected GradientModel<Examples> model() {
        return new SoftmaxRegression(FEATURES, CLASSES);
    }

    @Override
    protected int classes() {
        return CLASSES;
    }

    @Override
    protected StatisticsSpec statistics() {
        return StatisticsSpec.forMetrics(
                Metric.ROC_AUC, Metric.CALIBRATION_ERROR, Metric.topAccuracy(2), Metric.PERPLEXITY);
    }

    /** The class is the largest of the first three features. */
    @Override
    protected Examples data(int examples) {
        DeterministicRandom random = new DeterministicRandom(3);
        float[] features = new float[examples * FEATURES];
        int[] labels = new int[examples];
        for (int i = 0; i < examples; i++) {
            for (int f = 0; f < FEATURES; f++) {
                features[i * FEATURES + f] = (float) random.nextGaussian();
                if (f < CLASSES && features[i * FEATURES + f] > features[i * FEATURES + labels[i]]) {
                    labels[i] = f;
                }
            }
        }
        return Examples.classified(features, labels, CLASSES, FEATURES);
    }

    /** At zero weights every class has probability 1/3, so b moves by rate * mean(y - 1/3): here (2, 1, 0)/3 - 1/3. */
    @Test
    void stepsAlongTheMeanGradient() {
        try (SoftmaxRegression model = new SoftmaxRegression(1, CLASSES)) {
            Examples data = Examples.classified(new float[] {1, 2, 3}, new int[] {0, 0, 1}, CLASSES, 1);

            model.train(data, LocalTraining.steps(1).withBatchSize(3).withLearningRate(1), 1);

            // W by the mean of x (y - 1/3): (3, 3, 0)/3 - 6/9.
            double[] expected = {1 - 2 / 3., 1 - 2 / 3., -2 / 3., 1 / 3., 0, -1 / 3.};
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], model.weights().get(i), 1e-6, "coordinate " + i);
            }
        }
    }

    @Test
    void learnsTheLargestFeature() {
        try (SoftmaxRegression model = new SoftmaxRegression(FEATURES, CLASSES)) {
            double before = model.evaluate(data(500)).loss();

            double trained = model.train(
                            data(500),
                            LocalTraining.epochs(10).withBatchSize(10).withLearningRate(0.5),
                            1)
                    .loss();

            assertEquals(Math.log(CLASSES), before, 1e-6);
            assertTrue(trained < before / 3, () -> "mean loss in training " + trained);
            assertTrue(model.evaluate(data(500)).accuracy().orElseThrow() > 0.95);
        }
    }
}
