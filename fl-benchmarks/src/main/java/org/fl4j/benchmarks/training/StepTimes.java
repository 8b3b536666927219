package org.fl4j.benchmarks.training;

import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.data.Examples;
import org.fl4j.dl4j.Dl4jModel;
import org.fl4j.model.ExampleGradients;
import org.fl4j.model.LocalTraining;
import org.fl4j.models.internal.DenseProducts;
import org.fl4j.privacy.dp.DiscreteGaussian;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;

/** Single mini-batch steps, timed in turns: by plan and by DL4J; by plan and the products that are in it; along clipped gradients and plain. */
final class StepTimes {

    private static final int BATCH = 10;
    private static final int LARGE_BATCH = 64;
    private static final int EXAMPLES = 50;
    private static final double LEARNING_RATE = 1e-3;

    private StepTimes() {}

    /** A step of a network by plan and by DL4J. */
    static JsonLine step(JsonLine line, Measured measured, Turns.Schedule schedule) {
        double[][] times = Turns.microseconds(
                schedule,
                List.of(
                        steps(Dl4jModel.of(measured.network().get()), measured),
                        steps(Dl4jModel.of(measured.network().get()).withoutPlans(), measured)));
        return line.add("network", measured.title())
                .add("batch", BATCH)
                .add("threads", 1)
                .add("repetitions", schedule.repetitions())
                .add("planMicroseconds", Turns.median(times, 0), 2)
                .add("dl4jMicroseconds", Turns.median(times, 1), 2)
                .add("dl4jOverPlan", Turns.medianRatio(times, 1, 0), 2);
    }

    /** A step of 784-200-200-10 by plan, and its products alone. */
    static JsonLine dense(JsonLine line, Turns.Schedule schedule) {
        Measured twoLayers = Measured.twoLayers();
        List<DenseProducts> layers = List.of(
                new DenseProducts(BATCH, 784, 200, true),
                new DenseProducts(BATCH, 200, 200, false),
                new DenseProducts(BATCH, 200, 10, false));
        double operations = layers.stream().mapToLong(DenseProducts::operations).sum();
        double[][] times = Turns.microseconds(
                schedule, List.of(steps(Dl4jModel.of(twoLayers.network().get()), twoLayers), products(layers)));
        return line.add("network", twoLayers.title())
                .add("batch", BATCH)
                .add("threads", 1)
                .add("repetitions", schedule.repetitions())
                .add("planMicroseconds", Turns.median(times, 0), 2)
                .add("productsMicroseconds", Turns.median(times, 1), 2)
                .add("planOverProducts", Turns.medianRatio(times, 0, 1), 3)
                .add("productsGigaflops", operations / Turns.median(times, 1) / 1e3, 1);
    }

    /** A step along clipped gradients of single examples at batch 64, the plain step beside it; the noise that a private step adds is apart. */
    static JsonLine clipped(JsonLine line, Measured measured, Turns.Schedule schedule) {
        Dl4jModel plain = Dl4jModel.of(measured.network().get());
        int parameters = plain.layout().length();
        DiscreteGaussian noise = DiscreteGaussian.of(DiscreteGaussian.LARGEST_SIGMA / 2);
        double[][] times = Turns.microseconds(
                schedule,
                List.of(
                        steps(plain, measured, LARGE_BATCH),
                        clippedSteps(Dl4jModel.of(measured.network().get()), measured),
                        n -> IntStream.range(0, n).forEach(step -> noise.draw(parameters))));
        return line.add("network", measured.title())
                .add("batch", LARGE_BATCH)
                .add("threads", 1)
                .add("repetitions", schedule.repetitions())
                .add("plainMicroseconds", Turns.median(times, 0), 1)
                .add("clippedMicroseconds", Turns.median(times, 1), 1)
                .add("clippedOverPlain", Turns.medianRatio(times, 1, 0), 3)
                .add("noiseMicroseconds", Turns.median(times, 2), 1);
    }

    /** Sum and step; about half of the gradients are clipped. */
    private static Turns.Work clippedSteps(Dl4jModel model, Measured measured) {
        Examples examples = measured.examples().apply(LARGE_BATCH);
        ModelWeights initial = model.weights();
        int[] all = IntStream.range(0, LARGE_BATCH).toArray();
        double[] sum = new double[model.layout().length()];
        return n -> {
            model.load(initial);
            ExampleGradients gradients = model.beginExamples(
                    examples, LocalTraining.steps(n).withLearningRate(1e-6), GradientCorrection.none(), 1);
            for (int step = 0; step < n; step++) {
                gradients.sum(all, 0, LARGE_BATCH, 1, sum);
                gradients.step(sum);
            }
            gradients.end();
        };
    }

    private static Turns.Work steps(Dl4jModel model, Measured measured) {
        return steps(model, measured, BATCH);
    }

    /** Local training of so many steps from the same weights, as a client does it: the loading is in it. */
    private static Turns.Work steps(Dl4jModel model, Measured measured, int batch) {
        Examples examples = measured.examples().apply(Math.max(EXAMPLES, batch));
        ModelWeights initial = model.weights();
        return n -> {
            model.load(initial);
            model.train(
                    examples,
                    LocalTraining.steps(n).withBatchSize(batch).withLearningRate(LEARNING_RATE),
                    GradientCorrection.none(),
                    1);
        };
    }

    private static Turns.Work products(List<DenseProducts> layers) {
        return n -> {
            for (int step = 0; step < n; step++) {
                for (DenseProducts layer : layers) {
                    layer.forward();
                }
                for (int i = layers.size() - 1; i >= 0; i--) {
                    layers.get(i).backward();
                }
            }
        };
    }
}
