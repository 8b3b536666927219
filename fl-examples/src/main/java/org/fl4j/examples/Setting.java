package org.fl4j.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fl4j.data.Examples;
import org.fl4j.data.IdxReader;
import org.fl4j.data.Partitioner;
import org.fl4j.data.StrokeDigits;
import org.fl4j.data.SyntheticFederation;
import org.fl4j.data.TrainTest;
import org.fl4j.model.LocalTraining;
import org.fl4j.random.Seeds;
import org.fl4j.simulation.Population;

/**
 * A federation of clients that differ, and how they train.
 *
 * @param name in the table
 * @param population who the clients are
 * @param heldOut what the server tests on
 * @param localTraining local training
 */
record Setting(String name, Population population, Examples heldOut, LocalTraining localTraining) {

    private static final int CLIENTS = 100;
    private static final double ALPHA = 0.1;
    private static final int DRAWN = 20_000;
    private static final int DRAWN_TEST = 2_000;

    private static final int SYNTHETIC_CLIENTS = 100;
    private static final int MOST_EXAMPLES = 1_000;

    /** Classes divided by Dirichlet(0.1) among 100 clients: MNIST, or drawn digits where there is none. */
    static Setting digits(Optional<Path> mnist, long seed) {
        TrainTest digits = mnist.map(IdxReader::mnist).orElseGet(() -> drawn(seed));
        Population population = Population.of(
                digits.training(),
                Partitioner.dirichlet(ALPHA).partition(digits.training(), CLIENTS, Seeds.derive(seed, "division")));
        LocalTraining localTraining = LocalTraining.epochs(1).withBatchSize(10).withLearningRate(0.05);
        String name = (mnist.isPresent() ? "MNIST" : "drawn digits") + ", Dirichlet(" + ALPHA + ")";
        return new Setting(name, population, digits.test(), localTraining);
    }

    /** Synthetic(1, 1) of the FedProx paper; tested on the union of the clients' test examples. */
    static Setting synthetic(long seed) {
        SyntheticFederation federation = SyntheticFederation.of(
                        new SyntheticFederation.Spread(1, 1), Seeds.derive(seed, "clients"))
                .withMaxExamples(MOST_EXAMPLES);
        List<Examples> training = new ArrayList<>();
        List<Examples> test = new ArrayList<>();
        for (int client = 0; client < SYNTHETIC_CLIENTS; client++) {
            training.add(federation.client(client).training());
            test.add(federation.client(client).test());
        }
        LocalTraining localTraining = LocalTraining.epochs(2).withBatchSize(10).withLearningRate(0.01);
        return new Setting("Synthetic(1, 1)", Population.of(training), Examples.union(test), localTraining);
    }

    private static TrainTest drawn(long seed) {
        StrokeDigits digits = StrokeDigits.of(Seeds.derive(seed, "digits"));
        List<Examples> writers = new ArrayList<>();
        for (int writer = 0; writer < CLIENTS; writer++) {
            writers.add(digits.writer(writer, DRAWN / CLIENTS));
        }
        return new TrainTest(Examples.union(writers), digits.heldOut(DRAWN_TEST));
    }
}
