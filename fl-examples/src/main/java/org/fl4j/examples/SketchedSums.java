package org.fl4j.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.mean.Sketched;
import org.fl4j.compression.LinearCodec;
import org.fl4j.models.DenseModel;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;
import org.fl4j.simulation.Simulation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Fewer bytes under a secure sum: a network of two hidden layers over digits, whose clients send all of their delta in many bits, in
 * few, rotated, and only a part of it.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.SketchedSums}; it
 * prints a table. Bytes are those of the reports of the rounds: a client's whole answers of a round, and the one
 * with its masked vector.
 */
@Command(
        name = "sketched-sums",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Bytes, rounds and accuracy of masked sums, with and without linear codecs.")
public final class SketchedSums implements Callable<Integer> {

    private static final int[] SIZES = {784, 200, 200, 10};

    /** What a user states who knows nothing of the deltas but that they are small. */
    private static final double ANY = 4;

    private static final int FEW = 2;
    private static final double BITS_A_BYTE = 8;

    @Mixin
    private DigitOptions digits = new DigitOptions();

    @Option(names = "--rounds", description = "Rounds of each run (default: ${DEFAULT-VALUE}).")
    private int rounds = 60;

    @Option(names = "--target", description = "The accuracy to count rounds to (default: ${DEFAULT-VALUE}).")
    private double target = 0.96;

    @Option(
            names = "--norm",
            description = "No client's delta is longer, or the client is rejected (default: ${DEFAULT-VALUE}).")
    private double norm = 4;

    @Option(
            names = "--largest",
            description = "No coordinate of a delta is larger, or the client is rejected (default: ${DEFAULT-VALUE}).")
    private double largest = 0.25;

    SketchedSums() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new SketchedSums(), args));
    }

    /** How deltas are summed. */
    private record Way(String name, LinearAggregator rule, FixedPoint numbers) {

        static Way sketched(LinearCodec codec, double norm, int parameters) {
            return new Way(
                    codec.toString(),
                    Sketched.on(FedAvg.uniform(), codec),
                    FixedPoint.within(codec.largest(norm, parameters)).inSteps(FEW));
        }
    }

    @Override
    public Integer call() {
        DigitOptions.Federation federation = digits.federation();
        int parameters = DenseModel.perceptron(SIZES).layout().length();
        LinearCodec rotation = LinearCodec.rotation();
        List<Way> ways = new ArrayList<>();
        ways.add(new Way("any number", FedAvg.uniform(), FixedPoint.within(ANY)));
        ways.add(new Way(
                "few steps", FedAvg.uniform(), FixedPoint.within(largest).inSteps(FEW)));
        ways.add(Way.sketched(rotation, norm, parameters));
        ways.add(Way.sketched(rotation.keeping(0.5), norm, parameters));
        ways.add(Way.sketched(rotation.keeping(0.25), norm, parameters));
        System.out.printf(
                Locale.ROOT,
                "%s, %d a round, %d parameters, %d rounds, seed %d%n",
                federation.name(),
                digits.cohort,
                parameters,
                rounds,
                digits.seed);
        System.out.println("deltas as                | bytes up | masked input | bits a parameter | rounds to " + target
                + " | accuracy | lost");
        ways.forEach(way -> run(way, federation, parameters));
        return 0;
    }

    private void run(Way way, DigitOptions.Federation federation, int parameters) {
        SecureSum rule = SecureSum.on(way.rule(), way.numbers());
        Sent sent = new Sent();
        Simulation.Result end = Simulation.with(rule)
                .over(federation.population(), () -> DenseModel.perceptron(SIZES))
                .cohort(digits.cohort)
                .seed(digits.seed)
                .evaluateOn(federation.heldOut())
                .configure(server -> server.listeners(sent, new RoundProgress()))
                .run(rounds);
        long updates = Math.max(1, sent.completed);
        String reached = end.evaluations().entrySet().stream()
                .filter(each -> each.getValue().accuracy().orElse(0) >= target)
                .map(each -> String.valueOf(each.getKey()))
                .findFirst()
                .orElse("> " + rounds);
        OptionalDouble accuracy = end.evaluations().lastEntry().getValue().accuracy();
        System.out.printf(
                Locale.ROOT,
                "%-24s | %8d | %12d | %16.2f | %14s | %8.4f | %4d%n",
                way.name(),
                sent.bytes / updates,
                sent.inputBytes / updates,
                BITS_A_BYTE * sent.inputBytes / updates / parameters,
                reached,
                accuracy.orElse(Double.NaN),
                (long) rounds * digits.cohort - sent.completed);
    }

    /** What clients answered, and how many were in a sum. */
    private static final class Sent implements RoundListener {

        private long bytes;
        private long inputBytes;
        private long completed;

        @Override
        public void roundEnded(RoundResult result) {
            if (result instanceof RoundResult.Advanced advanced) {
                RoundResult.Report report = advanced.report();
                bytes += report.traffic().total().orElse(Traffic.Bytes.NONE).up();
                inputBytes += report.traffic()
                        .byStage()
                        .getOrDefault(SecureSum.Stage.MASKED_INPUT.name(), Traffic.Bytes.NONE)
                        .up();
                completed += report.completed().size();
            }
        }
    }
}
