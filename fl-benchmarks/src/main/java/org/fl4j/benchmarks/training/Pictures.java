package org.fl4j.benchmarks.training;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.fl4j.data.Examples;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.simulation.Population;

/**
 * The workloads on CIFAR-10, or on noise about a picture for each class where there is none. Kept as bytes, an example's
 * label before its 3 x 32 x 32 values as in the binary files of CIFAR-10; a client's examples are made when it is chosen.
 */
final class Pictures {

    private static final int CLASSES = 10;
    private static final int SIDE = 32;
    private static final int VALUES = 3 * SIDE * SIDE;
    private static final int RECORD = 1 + VALUES;
    private static final int BRIGHTEST = 255;
    private static final int FILES = 5;
    private static final int HELD_OUT_SHARE = 5;

    private final byte[] records;
    private final int[] order;

    private Pictures(byte[] records, int[] order) {
        this.records = records;
        this.order = order;
    }

    /** The CIFAR-10 benchmark of pfl-research: 1,000 clients of 50, 50 a round, IID, one epoch. */
    static Workload cifar(WorkloadOptions options) {
        LocalTraining training = LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.05);
        int clients = options.clientsOr(1000);
        return workload(options, clients, 50, training, Math.min(clients, 50), 20)
                .with(Networks::pictureCnn);
    }

    /** BlazeFL's benchmark: 100 clients, all of them in each of 5 rounds, 5 epochs, batches of 50. */
    static Workload leNet(WorkloadOptions options) {
        LocalTraining training = LocalTraining.epochs(5).withBatchSize(50).withLearningRate(0.1);
        int clients = options.clientsOr(100);
        return workload(options, clients, 500, training, clients, 5).with(Networks::leNet);
    }

    /** All but the network. */
    private interface Unfinished {
        Workload with(Supplier<MultiLayerNetwork> network);
    }

    private static Unfinished workload(
            WorkloadOptions options, int clients, int standard, LocalTraining training, int cohort, int rounds) {
        long seed = options.seed;
        int each = options.examplesOr(standard);
        Pictures pictures = options.data()
                .map(folder -> read(folder, "data_batch_", FILES, seed))
                .orElseGet(() -> drawn(clients * each, "training", seed));
        Pictures heldOut = options.data()
                .map(folder -> read(folder, "test_batch", 1, seed))
                .orElseGet(() -> drawn(Math.max(CLASSES, clients * each / HELD_OUT_SHARE), "held out", seed));
        int size = pictures.order.length / clients;
        return network -> new Workload(
                (options.data().isPresent() ? "CIFAR-10" : "drawn pictures") + ", IID",
                Population.generated(clients, client -> pictures.examples(client * size, size)),
                heldOut.examples(0, heldOut.order.length),
                network,
                training,
                options.cohortOr(cohort),
                options.roundsOr(rounds),
                5);
    }

    private Examples examples(int from, int count) {
        float[] features = new float[count * VALUES];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            int at = order[from + i] * RECORD;
            labels[i] = records[at];
            for (int j = 0; j < VALUES; j++) {
                features[i * VALUES + j] = (records[at + 1 + j] & BRIGHTEST) / (float) BRIGHTEST;
            }
        }
        return Examples.classified(features, labels, CLASSES, 3, SIDE, SIDE);
    }

    private static Pictures read(Path folder, String prefix, int files, long seed) {
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int file = 1; file <= files; file++) {
                all.write(Files.readAllBytes(folder.resolve(prefix + (files == 1 ? "" : file) + ".bin")));
            }
            if (all.size() % RECORD != 0) {
                throw new IllegalArgumentException(
                        folder + ": expected records of " + RECORD + " bytes, but was " + all.size() + " bytes");
            }
            int n = all.size() / RECORD;
            return new Pictures(
                    all.toByteArray(), new DeterministicRandom(Seeds.derive(seed, "division")).permutation(n));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Pictures drawn(int examples, String purpose, long seed) {
        DeterministicRandom classes = new DeterministicRandom(Seeds.derive(seed, "classes"));
        byte[][] means = new byte[CLASSES][VALUES];
        for (byte[] mean : means) {
            fill(mean, 0, classes);
        }
        DeterministicRandom random = new DeterministicRandom(Seeds.derive(seed, purpose));
        byte[] records = new byte[Math.multiplyExact(examples, RECORD)];
        for (int i = 0; i < examples; i++) {
            int at = i * RECORD;
            fill(records, at + 1, random);
            records[at] = (byte) random.nextInt(CLASSES);
            byte[] mean = means[records[at]];
            for (int j = 0; j < VALUES; j++) {
                int noise = records[at + 1 + j] & BRIGHTEST;
                records[at + 1 + j] = (byte) ((7 * noise + (mean[j] & BRIGHTEST)) / 8);
            }
        }
        return new Pictures(records, IntStream.range(0, examples).toArray());
    }

    /** Uniform bytes for one example. */
    private static void fill(byte[] bytes, int from, DeterministicRandom random) {
        for (int i = 0; i < VALUES; i += Long.BYTES) {
            long bits = random.nextLong();
            for (int j = 0; j < Long.BYTES; j++, bits >>>= Byte.SIZE) {
                bytes[from + i + j] = (byte) bits;
            }
        }
    }
}
