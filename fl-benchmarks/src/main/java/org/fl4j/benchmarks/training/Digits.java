package org.fl4j.benchmarks.training;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.data.IdxReader;
import org.fl4j.data.Partition;
import org.fl4j.data.Partitioner;
import org.fl4j.data.StrokeDigits;
import org.fl4j.data.TrainTest;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.simulation.Population;

/** The workloads on MNIST, or on drawn digits where there is none. */
final class Digits {

    private static final int CLASSES = 10;
    private static final int COHORT = 10;
    private static final int PIXELS = 784;
    private static final int HELD_OUT_SHARE = 6;
    private static final int EXAMPLES_A_WRITER = 100;
    private static final int FEWEST_OF_A_DIGIT = 5;
    private static final double SIGMA = 2;

    private Digits() {}

    /** Softmax regression over 1,000 clients of two digits each, sizes by a power law: Li et al. (MLSys 2020). */
    static Workload softmax(WorkloadOptions options) {
        int clients = options.clientsOr(1000);
        TrainTest digits = digits(options, options.examplesOr(60) * clients, IdxReader.ImageShape.FLAT);
        Partition division = twoDigits(digits.training(), clients, Seeds.derive(options.seed, "division"));
        return new Workload(
                name(options) + ", two digits a client, sizes log-normal",
                Population.of(digits.training(), division),
                digits.test(),
                () -> Networks.softmax(PIXELS),
                training(1, 0.03),
                options.cohortOr(Math.min(COHORT, options.clientsOr(COHORT))),
                options.roundsOr(100),
                20);
    }

    /** The 2NN of McMahan et al. (AISTATS 2017), IID, E = 1, B = 10. */
    static Workload twoLayers(WorkloadOptions options) {
        return iid(options, IdxReader.ImageShape.FLAT, Networks::twoLayers, training(1, 0.1))
                .lasting(options.roundsOr(100), 10);
    }

    /** The CNN of McMahan et al. (AISTATS 2017), IID, E = 5, B = 10. */
    static Workload cnn(WorkloadOptions options) {
        return iid(options, IdxReader.ImageShape.CHANNELS_FIRST, Networks::digitCnn, training(5, 0.05))
                .lasting(options.roundsOr(20), 5);
    }

    private static Workload iid(
            WorkloadOptions options,
            IdxReader.ImageShape shape,
            Supplier<MultiLayerNetwork> network,
            LocalTraining training) {
        return divided(options, shape, Partitioner.iid(), "IID", network, training);
    }

    /** 100 clients of 600 digits, 10 of them a round. */
    static Workload divided(
            WorkloadOptions options,
            IdxReader.ImageShape shape,
            Partitioner partitioner,
            String division,
            Supplier<MultiLayerNetwork> network,
            LocalTraining training) {
        int clients = options.clientsOr(100);
        TrainTest digits = digits(options, options.examplesOr(600) * clients, shape);
        return new Workload(
                name(options) + ", " + division,
                Population.of(
                        digits.training(),
                        partitioner.partition(digits.training(), clients, Seeds.derive(options.seed, "division"))),
                digits.test(),
                network,
                training,
                options.cohortOr(Math.min(COHORT, clients)),
                1,
                1);
    }

    private static LocalTraining training(int epochs, double learningRate) {
        return LocalTraining.epochs(epochs).withBatchSize(10).withLearningRate(learningRate);
    }

    private static String name(WorkloadOptions options) {
        return options.data().isPresent() ? "MNIST" : "drawn digits";
    }

    private static TrainTest digits(WorkloadOptions options, int drawn, IdxReader.ImageShape shape) {
        return options.data()
                .map(folder -> IdxReader.mnist(folder, shape))
                .orElseGet(() -> drawn(Seeds.derive(options.seed, "digits"), drawn, shape));
    }

    private static TrainTest drawn(long seed, int examples, IdxReader.ImageShape shape) {
        StrokeDigits digits = StrokeDigits.of(seed).shaped(shape);
        List<Examples> writers = new ArrayList<>();
        for (int from = 0; from < examples; from += EXAMPLES_A_WRITER) {
            writers.add(digits.writer(writers.size(), Math.min(EXAMPLES_A_WRITER, examples - from)));
        }
        return new TrainTest(Examples.union(writers), digits.heldOut(Math.max(CLASSES, examples / HELD_OUT_SHARE)));
    }

    /**
     * Client k has the digits k and k + 1 (mod 10): five examples of each and a share of the others that is log-normal with
     * sigma 2, as in the authors' generator, scaled so that nothing is left over.
     */
    static Partition twoDigits(Examples all, int clients, long seed) {
        DeterministicRandom random = new DeterministicRandom(seed);
        List<List<Integer>> members = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            members.add(new ArrayList<>());
        }
        for (int digit = 0; digit < CLASSES; digit++) {
            deal(shuffled(all, digit, random), owners(digit, clients), random, members);
        }
        return Partition.of(
                all.size(),
                members.stream()
                        .map(each -> each.stream().mapToInt(Integer::intValue).toArray())
                        .toArray(int[][]::new));
    }

    private static List<Integer> owners(int digit, int clients) {
        List<Integer> owners = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            if (client % CLASSES == digit || (client + 1) % CLASSES == digit) {
                owners.add(client);
            }
        }
        return owners;
    }

    private static int[] shuffled(Examples all, int digit, DeterministicRandom random) {
        int[] examples = IntStream.range(0, all.size())
                .filter(example -> all.label(example) == digit)
                .toArray();
        random.shuffle(examples);
        return examples;
    }

    private static void deal(
            int[] examples, List<Integer> owners, DeterministicRandom random, List<List<Integer>> members) {
        int shared = examples.length - FEWEST_OF_A_DIGIT * owners.size();
        if (owners.isEmpty() || shared < 0) {
            throw new IllegalArgumentException("each digit needs a client and " + FEWEST_OF_A_DIGIT
                    + " examples for each of its clients, but one has " + examples.length + " examples and "
                    + owners.size() + " clients");
        }
        double[] cumulated = new double[owners.size() + 1];
        for (int i = 0; i < owners.size(); i++) {
            cumulated[i + 1] = cumulated[i] + Math.exp(SIGMA * random.nextGaussian());
        }
        int next = 0;
        for (int i = 0; i < owners.size(); i++) {
            double share = cumulated[i + 1] / cumulated[owners.size()];
            int end = FEWEST_OF_A_DIGIT * (i + 1) + (int) Math.round(share * shared);
            while (next < end) {
                members.get(owners.get(i)).add(examples[next++]);
            }
        }
    }
}
