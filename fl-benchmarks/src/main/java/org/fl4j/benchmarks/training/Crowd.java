package org.fl4j.benchmarks.training;

import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.simulation.Population;

/** A million tiny clients that exist when they are chosen: what a round costs beside its steps. */
final class Crowd {

    private static final int FEATURES = 60;
    private static final int CLASSES = 10;
    private static final int EXAMPLES = 10;
    private static final int HELD_OUT = 2000;

    private Crowd() {}

    /** Softmax regression of 60 features, 10 examples a client: one step each. */
    static Workload softmax(WorkloadOptions options) {
        long seed = Seeds.derive(options.seed, "crowd");
        int each = options.examplesOr(EXAMPLES);
        int clients = options.clientsOr(1_000_000);
        return new Workload(
                "drawn when chosen",
                Population.generated(clients, client -> examples(Seeds.derive(seed, client, "client"), each)),
                examples(Seeds.derive(seed, "held out"), HELD_OUT),
                () -> Networks.softmax(FEATURES),
                LocalTraining.epochs(1).withBatchSize(EXAMPLES).withLearningRate(0.5),
                options.cohortOr(Math.min(10_000, clients)),
                options.roundsOr(5),
                5);
    }

    /** Noise, with a raised block of six features for each class. */
    private static Examples examples(long seed, int n) {
        DeterministicRandom random = new DeterministicRandom(seed);
        float[] features = new float[n * FEATURES];
        int[] labels = new int[n];
        int block = FEATURES / CLASSES;
        for (int i = 0; i < n; i++) {
            labels[i] = random.nextInt(CLASSES);
            for (int j = 0; j < FEATURES; j++) {
                features[i * FEATURES + j] = (float) random.nextDouble() + (j / block == labels[i] ? 0.5f : 0);
            }
        }
        return Examples.classified(features, labels, CLASSES, FEATURES);
    }
}
