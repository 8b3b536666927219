package org.fl4j.models;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.fl4j.data.Examples;
import org.fl4j.model.GradientModel;
import org.fl4j.model.Metric;
import org.fl4j.model.StatisticsSpec;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.testkit.GradientModelContract;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("models")
class DenseModelContractTest extends GradientModelContract<Examples> {

    @Parameter(0)
    private Supplier<DenseModel> model;

    @Parameter(1)
    private boolean classes;

    @Parameter(2)
    private boolean plain;

    static Stream<Arguments> models() {
        return Stream.of(
                of("softmax regression", () -> DenseModel.softmaxRegression(4, 3), true, true),
                of("linear regression", () -> DenseModel.linearRegression(4, 2), false, true),
                of("perceptron", () -> DenseModel.perceptron(4, 5, 3), true, true),
                of(
                        "perceptron, momentum, L2",
                        () -> DenseModel.perceptron(4, 6, 5, 3)
                                .withMomentum(0.9)
                                .withL2(0.01),
                        true,
                        false));
    }

    private static Arguments of(String name, Supplier<DenseModel> model, boolean classes, boolean plain) {
        return Arguments.of(Named.of(name, model), classes, plain);
    }

    @Override
    protected GradientModel<Examples> model() {
        return model.get();
    }

    @Override
    protected Optional<GradientModel<Examples>> plainSgd() {
        return plain ? Optional.of(model.get()) : Optional.empty();
    }

    @Override
    protected int classes() {
        return classes ? 3 : 0;
    }

    @Override
    protected StatisticsSpec statistics() {
        return classes
                ? StatisticsSpec.forMetrics(
                        Metric.ROC_AUC, Metric.CALIBRATION_ERROR, Metric.topAccuracy(2), Metric.PERPLEXITY)
                : StatisticsSpec.forMetrics(Metric.MSE);
    }

    @Override
    protected Examples data(int examples) {
        DeterministicRandom random = new DeterministicRandom(3);
        float[] features = new float[4 * examples];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        if (!classes) {
            float[] targets = new float[2 * examples];
            for (int i = 0; i < targets.length; i++) {
                targets[i] = (float) random.nextGaussian();
            }
            return Examples.withTargets(features, new long[] {4}, targets, new long[] {2});
        }
        int[] labels = new int[examples];
        for (int i = 0; i < examples; i++) {
            labels[i] = i % 3;
        }
        return Examples.classified(features, labels, 3, 4);
    }
}
