package org.fl4j.models.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.data.Examples;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.weights.GradientCorrection;
import org.junit.jupiter.api.Test;

/** What the sensitivity of private sums rests on. */
class PlanExamplesTest {

    private static final int INPUTS = 37;
    private static final int CLASSES = 10;

    /** What OpenBLAS does with a row depends on shapes, not on what stands in the others: of many sizes, on each path of products. */
    @Test
    void anExamplesNormHasTheSameBitsWhateverTheOthersAre() {
        for (int n : new int[] {1, 2, 3, 7, 16, 17, 33, 64, 100, 101, 128}) {
            float[] features = features(n, 1);
            int kept = n / 2;
            double before = squares(features)[kept];
            for (float other : new float[] {0, 1e30f, -1e-30f, Float.NaN}) {
                float[] changed = features.clone();
                for (int i = 0; i < changed.length; i++) {
                    changed[i] = i / INPUTS == kept ? features[i] : other;
                }

                assertEquals(before, squares(changed)[kept], n + " rows, the others " + other);
            }
            float[] drawn = features(n, 2);
            System.arraycopy(features, kept * INPUTS, drawn, kept * INPUTS, INPUTS);
            assertEquals(before, squares(drawn)[kept], n + " rows, the others drawn anew");
        }
    }

    /** {@code (1 + 2^-12)(1 + 2 * 128 * gamma_128) + 2^-29}, gamma_n = n 2^-24 / (1 - n 2^-24). */
    @Test
    void theSensitivityIsThatOfTheDecision() {
        assertEquals(1.00219776, gradients(features(128, 1)).sensitivity(1), 1e-8);
        assertEquals(2.00439552, gradients(features(128, 1)).sensitivity(2), 2e-8);
    }

    /** Two hundred trials of random data, of every size of sum: no two sums that differ in one example are farther apart. */
    @Test
    void sumsThatDifferInOneExampleAreWithinTheSensitivity() {
        DeterministicRandom random = new DeterministicRandom(5);
        for (int trial = 0; trial < 200; trial++) {
            int n = 1 + random.nextInt(128);
            float[] features = features(n, trial);
            double clip = Math.scalb(1.0, random.nextInt(20) - 12);
            double[] with = sum(features, clip);
            Arrays.fill(features, 0, INPUTS, Float.NaN);
            double[] without = sum(features, clip);
            double squares = 0;
            for (int i = 0; i < with.length; i++) {
                squares += (with[i] - without[i]) * (with[i] - without[i]);
            }

            assertTrue(Math.sqrt(squares) <= gradients(features).sensitivity(clip), Math.sqrt(squares) + " at " + clip);
        }
    }

    @Test
    void sumsOutOfRangeAreRejected() {
        PlanExamples gradients = gradients(features(128, 1));
        double[] into = new double[parameters()];

        assertEquals(
                "a sum must have 1 to 128 examples, but had 0",
                assertThrows(IllegalArgumentException.class, () -> gradients.sum(new int[1], 0, 0, 1, into))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> gradients.sum(new int[129], 0, 129, 1, into));
        for (double clip : new double[] {0, -1, 0x1p-41, 0x1p41, Double.NaN}) {
            assertEquals(
                    "clip norm must be in [2^-40, 2^40], but was " + clip,
                    assertThrows(IllegalArgumentException.class, () -> gradients.sensitivity(clip))
                            .getMessage());
        }
    }

    private static double[] squares(float[] features) {
        int n = features.length / INPUTS;
        PlanExamples gradients = gradients(features);
        gradients.sum(IntStream.range(0, n).toArray(), 0, n, 1, new double[parameters()]);
        return IntStream.range(0, n).mapToDouble(gradients::square).toArray();
    }

    private static double[] sum(float[] features, double clip) {
        int n = features.length / INPUTS;
        double[] sum = new double[parameters()];
        gradients(features).sum(IntStream.range(0, n).toArray(), 0, n, clip, sum);
        return sum;
    }

    private static PlanExamples gradients(float[] features) {
        int n = features.length / INPUTS;
        int[] labels = IntStream.range(0, n).map(i -> i % CLASSES).toArray();
        Examples data = Examples.classified(features, labels, CLASSES, INPUTS);
        return (PlanExamples) plan().examples(data, 0.1, GradientCorrection.none(), 1);
    }

    private static float[] features(int n, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        float[] features = new float[n * INPUTS];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextGaussian();
        }
        return features;
    }

    private static int[] widths() {
        return new int[] {INPUTS, 130, 61, CLASSES};
    }

    private static int parameters() {
        int[] widths = widths();
        return IntStream.range(0, widths.length - 1)
                .map(i -> (widths[i] + 1) * widths[i + 1])
                .sum();
    }

    private static Plan plan() {
        int[] widths = widths();
        NativeFloats weights = NativeFloats.zeros(parameters());
        DeterministicRandom random = new DeterministicRandom(3);
        float[] values = new float[parameters()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.2 * random.nextGaussian());
        }
        weights.put(0, values, 0, values.length);
        Plan.Stage[] stages = new Plan.Stage[widths.length - 1];
        int at = 0;
        for (int i = 0; i < stages.length; i++) {
            int size = widths[i] * widths[i + 1];
            Parameter w = new Parameter(weights, at, size, null, true);
            Parameter b = new Parameter(weights, at + size, widths[i + 1], null, true);
            at += size + widths[i + 1];
            Activation activation = i == stages.length - 1 ? Activation.IDENTITY : Activation.RELU;
            stages[i] = new Plan.Stage(
                    new DenseLayer(128, 1, widths[i], widths[i + 1], activation, w, b, Chunks.ofThisProcess()),
                    List.of(UpdateRule.SGD, UpdateRule.SGD),
                    Clipping.NONE);
        }
        Head head = new Head(CLASSES, new Head.Softmax(), Head.Loss.CROSS_ENTROPY, null, 1e-10);
        return new Plan(INPUTS, List.of(stages), head, 128);
    }
}
