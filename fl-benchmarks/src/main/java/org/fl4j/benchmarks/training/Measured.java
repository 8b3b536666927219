package org.fl4j.benchmarks.training;

import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.data.NextCharacters;
import org.fl4j.random.DeterministicRandom;

/**
 * A network of which single steps are timed.
 *
 * @param title in the results
 * @param network makes a new one
 * @param examples makes so many examples of its shapes
 */
record Measured(String title, Supplier<MultiLayerNetwork> network, IntFunction<Examples> examples) {

    private static final int CLASSES = 10;
    private static final int LETTERS = 26;

    static Measured twoLayers() {
        return new Measured("784-200-200-10", Networks::twoLayers, n -> noise(n, 784, 784));
    }

    static List<Measured> all() {
        return List.of(
                new Measured("softmax-784-10", () -> Networks.softmax(784), n -> noise(n, 784, 784)),
                twoLayers(),
                new Measured("cnn-1.66M", Networks::digitCnn, n -> noise(n, 784, 1, 28, 28)),
                new Measured("cnn-cifar-1.63M", Networks::pictureCnn, n -> noise(n, 3072, 3, 32, 32)),
                new Measured(
                        "lstm-2x256",
                        () -> Networks.characters(NextCharacters.VOCABULARY, Characters.LENGTH),
                        Measured::sequences));
    }

    private static Examples noise(int n, int values, long... shape) {
        DeterministicRandom random = new DeterministicRandom(1);
        float[] features = new float[n * values];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextDouble();
        }
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = random.nextInt(CLASSES);
        }
        return Examples.classified(features, labels, CLASSES, shape);
    }

    private static Examples sequences(int n) {
        DeterministicRandom random = new DeterministicRandom(1);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i <= n * Characters.LENGTH; i++) {
            text.append((char) ('a' + random.nextInt(LETTERS)));
        }
        return Characters.sequences(text.toString(), n);
    }
}
