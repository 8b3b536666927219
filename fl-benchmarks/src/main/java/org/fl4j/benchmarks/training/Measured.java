package org.fl4j.benchmarks.training;

import java.util.Arrays;
import java.util.function.Supplier;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.random.DeterministicRandom;

/** A network of which single steps are timed, and examples of its shapes. */
enum Measured {
    SOFTMAX("softmax-784-10", () -> Networks.softmax(784), 784),
    TWO_LAYERS("784-200-200-10", Networks::twoLayers, 784),
    CNN("cnn-1.66M", Networks::digitCnn, 1, 28, 28),
    PICTURE_CNN("cnn-cifar-1.63M", Networks::pictureCnn, 3, 32, 32),
    LSTM("lstm-2x256", () -> Networks.characters(Characters.VOCABULARY, Characters.LENGTH)) {
        @Override
        Examples examples(int n) {
            DeterministicRandom random = new DeterministicRandom(1);
            StringBuilder text = new StringBuilder();
            for (int i = 0; i <= n * Characters.LENGTH; i++) {
                text.append((char) ('a' + random.nextInt(26)));
            }
            return Characters.sequences(text.toString(), n);
        }
    };

    final String title;
    final Supplier<MultiLayerNetwork> network;
    private final long[] shape;

    Measured(String title, Supplier<MultiLayerNetwork> network, long... shape) {
        this.title = title;
        this.network = network;
        this.shape = shape;
    }

    /** Noise of ten classes. */
    Examples examples(int n) {
        DeterministicRandom random = new DeterministicRandom(1);
        float[] features = new float[n * (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < features.length; i++) {
            features[i] = (float) random.nextDouble();
        }
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            labels[i] = random.nextInt(10);
        }
        return Examples.classified(features, labels, 10, shape);
    }
}
