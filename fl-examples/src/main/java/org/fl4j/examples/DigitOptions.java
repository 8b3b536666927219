package org.fl4j.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fl4j.data.Examples;
import org.fl4j.data.IdxReader;
import org.fl4j.data.StrokeDigits;
import org.fl4j.data.TrainTest;
import org.fl4j.random.Seeds;
import org.fl4j.simulation.Population;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options about the federation, shared by the examples on digits. */
final class DigitOptions {

    private static final int IMAGES_PER_WRITER = 200;
    private static final int HELD_OUT = 2000;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Read real MNIST (IDX files, plain or gzip) from DIR instead of drawing digits.")
    @Nullable
    Path data;

    @Option(names = "--clients", description = "How many clients there are (default: ${DEFAULT-VALUE}).")
    int clients = 100;

    @Option(names = "--cohort", description = "How many clients train in a round (default: ${DEFAULT-VALUE}).")
    int cohort = 10;

    @Option(
            names = "--division",
            description =
                    "How MNIST is divided among the clients: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})."
                            + " Drawn digits are always one writer a client.")
    Division division = Division.IID;

    @Option(
            names = "--skew",
            description = "Dirichlet's alpha, the power law's exponent or the log-normal's sigma"
                    + " (default: ${DEFAULT-VALUE}).")
    double skew = 0.5;

    @Option(names = "--seed", description = "Decides everything random (default: ${DEFAULT-VALUE}).")
    long seed = 42;

    @Option(names = "--threads", description = "Clients at a time (default: the processors, ${DEFAULT-VALUE}).")
    int threads = Runtime.getRuntime().availableProcessors();

    /** Who the clients are, and what the server tests on. */
    record Federation(Population population, Examples heldOut, String name) {}

    Federation federation() {
        Commands.requirePositive("--clients", clients);
        Commands.requirePositive("--cohort", cohort);
        Commands.requirePositive("--threads", threads);
        Optional<Path> directory = Optional.ofNullable(data);
        return directory.isPresent() ? mnist(directory.get()) : drawn();
    }

    private Federation mnist(Path directory) {
        TrainTest mnist = IdxReader.mnist(directory);
        Population population = Population.of(
                mnist.training(),
                division.partitioner(skew).partition(mnist.training(), clients, Seeds.derive(seed, "division")));
        return new Federation(population, mnist.test(), "MNIST, " + clients + " clients, " + division);
    }

    private Federation drawn() {
        StrokeDigits digits = StrokeDigits.of(Seeds.derive(seed, "digits"));
        List<Examples> writers = new ArrayList<>();
        for (int writer = 0; writer < clients; writer++) {
            writers.add(digits.writer(writer, IMAGES_PER_WRITER));
        }
        return new Federation(
                Population.of(writers), digits.heldOut(HELD_OUT), "drawn digits, " + clients + " writers");
    }
}
