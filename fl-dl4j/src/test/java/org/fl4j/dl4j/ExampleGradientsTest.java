package org.fl4j.dl4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.fl4j.data.Examples;
import org.fl4j.model.ExampleGradients;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Sums of clipped gradients are those of the naive loop, and no example disturbs another. */
class ExampleGradientsTest {

    private static final int ARCHITECTURES = 150;

    /** A learning rate: weights are lost in the rounding of a step this long. */
    private static final double LONG = 1L << 40;

    /** Above every norm. */
    private static final double UNCLIPPED = 0x1p40;

    /** Of the norms of all contributions. */
    private static final double TOLERANCE = 1e-6;

    /** One in so many: batch and single example fall on different sides of a kink, or the rounding of FP32 is larger than the tolerance. */
    private static final int APART = 50;

    /** The naive loop is the ordinary training step on each example alone. */
    @Test
    void clippingEqualsTheNaiveLoopOverRandomArchitectures() {
        List<String> apart = new ArrayList<>();
        int compared = 0;
        int clipped = 0;
        for (long seed = 0; seed < ARCHITECTURES; seed++) {
            RandomArchitecture architecture = RandomArchitecture.of(seed, DataType.FLOAT);
            if (architecture.normalises()) {
                continue;
            }
            compared++;
            Examples data = architecture.data();
            Dl4jModel model = ArchitectureComparison.model(architecture.network(RandomSteps.plainSgd()));
            Naive naive = Naive.of(model, data);
            double clip = naive.medianNorm();
            double difference = naive.difference(clip, sum(model, data, clip));
            clipped += naive.clipped(clip);
            if (!(difference <= TOLERANCE)) {
                apart.add("seed " + seed + ", " + architecture + ": " + difference);
            }
        }
        assertTrue(apart.size() <= compared / APART, compared + " compared, apart: " + apart);
        assertTrue(
                compared > 100 && clipped > 500, compared + " architectures, " + clipped + " gradients were clipped");
    }

    /** Where products of steps cost more than the gradient, and where they cost less. */
    @Test
    void longAndShortSequencesAreClippedAsByTheNaiveLoop() {
        for (int[] shape : new int[][] {{3, 24}, {60, 4}, {12, 12}}) {
            Dl4jModel model = characters(shape[1]);
            Examples data = text(shape[0], 9);
            Naive naive = Naive.of(model, data);
            double clip = naive.medianNorm();
            double difference = naive.difference(clip, sum(model, data, clip));

            assertTrue(difference <= TOLERANCE, Arrays.toString(shape) + ": " + difference);
        }
    }

    @Test
    void stepsAreThoseOfOrdinaryTraining() {
        for (long seed = 0; seed < 60; seed++) {
            RandomArchitecture architecture = RandomArchitecture.of(seed, DataType.FLOAT);
            if (architecture.normalises()) {
                continue;
            }
            RandomSteps rules = RandomSteps.of(seed, false);
            Dl4jModel model = ArchitectureComparison.model(architecture.network(rules));
            Examples data = architecture.data().select(new int[] {0, 1, 2}); // one mini-batch
            ModelWeights start = model.weights();
            LocalTraining how = LocalTraining.steps(3).withBatchSize(3).withLearningRate(rules.rate());
            GradientCorrection correction = GradientCorrection.towards(ModelWeights.zero(model.layout()), 0.1);
            model.train(data, how, correction, 1);
            double[] trained = values(model);
            model.load(start);
            ExampleGradients gradients = model.beginExamples(data, how, correction, 1);
            double[] sum = new double[model.layout().length()];
            for (int step = 0; step < 3; step++) {
                gradients.sum(new int[] {0, 1, 2}, 0, 3, UNCLIPPED, sum);
                gradients.step(Arrays.stream(sum).map(g -> g / 3).toArray());
            }
            gradients.end();
            double[] stepped = values(model);

            double moved = distance(trained, doubles(start));
            assertTrue(
                    distance(trained, stepped) <= 1e-4 * moved + 1e-6,
                    () -> architecture + ": " + distance(trained, stepped) + " of " + moved);
        }
    }

    /** What others contribute has the same bits whatever stands in its place. */
    @Test
    void anExampleThatIsNotFiniteAddsZeroAndDisturbsNoOther() {
        for (long seed = 0; seed < 100; seed++) {
            RandomArchitecture architecture = RandomArchitecture.of(seed, DataType.FLOAT);
            Examples data = architecture.data();
            boolean isIndices = architecture.toString().contains("Embedding");
            if (architecture.normalises() || isIndices) {
                continue;
            }
            Dl4jModel model = ArchitectureComparison.model(architecture.network(RandomSteps.plainSgd()));
            double clip = Naive.of(model, data).medianNorm();
            double[] all = sum(model, data, clip);
            assertArrayEquals(
                    sum(model, withFeature(data, 1, Float.NaN), clip),
                    sum(model, withFeature(data, 1, Float.NEGATIVE_INFINITY), clip),
                    () -> architecture + ": the others' bits");
            for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, 1e38f}) {
                double[] without = sum(model, withFeature(data, 1, wrong), clip);
                double sensitivity = model.beginExamples(data, how(), GradientCorrection.none(), 1)
                        .sensitivity(clip);

                assertTrue(Arrays.stream(without).allMatch(Double::isFinite), () -> architecture + " " + wrong);
                // Two examples: the one that was replaced, and what replaced it if that is finite after all.
                double most = wrong == 1e38f ? 2 * sensitivity : sensitivity;
                assertTrue(distance(all, without) <= most, () -> architecture + " " + wrong);
            }
        }
    }

    @Test
    void theSameChosenExamplesGiveTheSameBits() {
        Dl4jModel model = characters(6);
        Examples data = text(5, 40);
        double[] once = sum(model, data, 0.01);
        sum(model, data.select(new int[] {3, 2}), 0.5);

        assertArrayEquals(once, sum(model, data, 0.01));
    }

    static LocalTraining how() {
        return LocalTraining.steps(1).withBatchSize(8).withLearningRate(0.1);
    }

    /** Over all examples, as many at once as there can be. */
    private static double[] sum(Dl4jModel model, Examples data, double clip) {
        ExampleGradients gradients = model.beginExamples(data, how(), GradientCorrection.none(), 1);
        int[] all = IntStream.range(0, data.size()).toArray();
        double[] total = new double[model.layout().length()];
        double[] sum = new double[total.length];
        for (int from = 0; from < all.length; from += gradients.mostInSum()) {
            gradients.sum(all, from, Math.min(gradients.mostInSum(), all.length - from), clip, sum);
            for (int i = 0; i < total.length; i++) {
                total[i] += sum[i];
            }
        }
        return total;
    }

    private static Dl4jModel characters(int width) {
        return Dl4jModel.of(Networks.stack(
                Networks.sgd(),
                new EmbeddingSequenceLayer.Builder().nIn(7).nOut(5).build(),
                new LSTM.Builder()
                        .nIn(5)
                        .nOut(width)
                        .activation(Activation.TANH)
                        .dataFormat(RNNFormat.NCW)
                        .build(),
                new RnnOutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(width)
                        .nOut(7)
                        .activation(Activation.SOFTMAX)
                        .dataFormat(RNNFormat.NCW)
                        .build()));
    }

    /** Few different characters, so that many come more than once. */
    private static Examples text(int steps, int n) {
        float[] indices = new float[n * steps];
        float[] next = new float[n * steps * 7];
        for (int i = 0; i < n * steps; i++) {
            indices[i] = (i * i + i / 3) % 7;
            int e = i / steps;
            next[e * 7 * steps + (i * 5 + e) % 7 * steps + i % steps] = 1;
        }
        return Examples.withTargets(indices, new long[] {steps}, next, new long[] {7, steps});
    }

    private static Examples withFeature(Examples data, int example, float value) {
        int width = data.featureLength();
        float[] features = new float[data.size() * width];
        float[] labels = new float[data.size() * data.labelLength()];
        for (int i = 0; i < data.size(); i++) {
            data.copyFeatures(i, features, i * width);
            data.copyLabel(i, labels, i * data.labelLength());
        }
        features[example * width] = value;
        return Examples.withTargets(features, shape(data.featureShape()), labels, shape(data.labelShape()));
    }

    private static long[] shape(List<Long> sides) {
        return sides.stream().mapToLong(Long::longValue).toArray();
    }

    private static double[] values(Dl4jModel model) {
        return doubles(model.weights());
    }

    private static double[] doubles(ModelWeights weights) {
        double[] values = new double[weights.layout().length()];
        Arrays.setAll(values, weights::get);
        return values;
    }

    private static double distance(double[] a, double[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(squares);
    }

    /** Every example's gradient, read off a step of plain SGD on it alone. */
    private record Naive(List<double[]> gradients) {

        static Naive of(Dl4jModel model, Examples data) {
            ModelWeights start = model.weights();
            List<double[]> gradients = new ArrayList<>();
            LocalTraining one = LocalTraining.steps(1).withBatchSize(1).withLearningRate(LONG);
            for (int i = 0; i < data.size(); i++) {
                model.load(start);
                model.train(data.select(new int[] {i}), one, 1);
                gradients.add(Arrays.stream(values(model)).map(w -> -w / LONG).toArray());
            }
            model.load(start);
            return new Naive(gradients);
        }

        private static double norm(double[] gradient) {
            return distance(gradient, new double[gradient.length]);
        }

        double medianNorm() {
            double median = gradients.stream()
                    .mapToDouble(Naive::norm)
                    .sorted()
                    .skip(gradients.size() / 2)
                    .findFirst()
                    .orElseThrow();
            return Math.max(median, 1e-6);
        }

        int clipped(double clip) {
            return (int) gradients.stream().filter(g -> norm(g) > clip).count();
        }

        /** From a sum, relative to the norms of what was added. */
        double difference(double clip, double[] sum) {
            double[] expected = new double[sum.length];
            double norms = 0;
            for (double[] gradient : gradients) {
                double norm = norm(gradient);
                double factor = norm > clip ? clip / norm : 1;
                norms += factor * norm;
                for (int i = 0; i < expected.length; i++) {
                    expected[i] += factor * gradient[i];
                }
            }
            return distance(expected, sum) / Math.max(norms, 1e-6);
        }
    }
}
