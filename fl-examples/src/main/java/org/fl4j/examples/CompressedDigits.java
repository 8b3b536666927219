package org.fl4j.examples;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.InProcessRunner;
import org.fl4j.compression.Codec;
import org.fl4j.compression.Downlink;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.models.DenseModel;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.CentralEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.report.Traffic;
import org.fl4j.server.selection.ClientSelector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Fewer bytes up: a network of two hidden layers over digits, whose clients send their deltas by one codec after another.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.CompressedDigits
 * -Dargs="--data ../mnist"}; it prints a table. Bytes are those of the reports of the rounds.
 */
@Command(
        name = "compressed-digits",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Bytes, rounds and accuracy of federated averaging, with and without codecs.")
public final class CompressedDigits implements Callable<Integer> {

    private static final int[] SIZES = {784, 200, 200, 10};

    @Mixin
    private DigitOptions digits = new DigitOptions();

    @Option(names = "--rounds", description = "Rounds of each run (default: ${DEFAULT-VALUE}).")
    private int rounds = 60;

    @Option(names = "--target", description = "The accuracy to count rounds to (default: ${DEFAULT-VALUE}).")
    private double target = 0.96;

    @Option(names = "--learning-rate", description = "Of the clients' SGD (default: ${DEFAULT-VALUE}).")
    private double learningRate = 0.1;

    CompressedDigits() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new CompressedDigits(), args));
    }

    /** How updates and weights travel. */
    private record Way(Codec up, Downlink down) {}

    private static Map<String, Way> ways() {
        Map<String, Way> ways = new LinkedHashMap<>();
        ways.put("none", up(Codec.none()));
        ways.put("FP16", up(Codec.fp16()));
        ways.put("EDEN, 4 bits", up(Codec.eden(4)));
        ways.put("EDEN, 2 bits", up(Codec.eden(2)));
        ways.put("EDEN, 1 bit", up(Codec.eden(1)));
        ways.put("QSGD, 1 level", up(Codec.qsgd(1)));
        ways.put("random-k, 1/16", up(Codec.randomK(1 / 16.0)));
        ways.put("top-k, 1/64, feedback", up(Codec.topK(1 / 64.0)));
        ways.put("sign, feedback", up(Codec.sign()));
        ways.put("down FP16", new Way(Codec.none(), Downlink.fp16()));
        ways.put("down deltas, 2 bits", new Way(Codec.none(), Downlink.deltas(Codec.eden(2))));
        ways.put("down deltas, 1 bit", new Way(Codec.none(), Downlink.deltas(Codec.eden(1))));
        ways.put("1 bit up, deltas down", new Way(Codec.eden(1), Downlink.deltas(Codec.eden(1))));
        return ways;
    }

    private static Way up(Codec codec) {
        return new Way(codec, Downlink.NONE);
    }

    @Override
    public Integer call() {
        if (rounds < 1) {
            throw new IllegalArgumentException("--rounds must be at least 1, but was " + rounds);
        }
        DigitOptions.Federation federation = digits.federation();
        System.out.printf(
                Locale.ROOT,
                "%s, %d a round, %d rounds, seed %d%n",
                federation.name(),
                digits.cohort,
                rounds,
                digits.seed);
        System.out.printf(
                "%-22s | bytes up, a client | fewer | bytes down | fewer | rounds to %s | accuracy%n", "codec", target);
        Sent whole = new Sent();
        for (Map.Entry<String, Way> way : ways().entrySet()) {
            AccuracyCurve curve = new AccuracyCurve();
            Sent sent = run(federation, way.getValue(), curve);
            whole = whole.asked == 0 ? sent : whole;
            OptionalInt reached = curve.roundsTo(target);
            System.out.printf(
                    Locale.ROOT,
                    "%-22s | %18.0f | %5.1f | %10.0f | %5.1f | %14s | %.4f%n",
                    way.getKey(),
                    sent.up(),
                    whole.up() / sent.up(),
                    sent.down(),
                    whole.down() / sent.down(),
                    reached.isPresent() ? reached.getAsInt() : "> " + rounds,
                    curve.lastAccuracy());
        }
        return 0;
    }

    private Sent run(DigitOptions.Federation federation, Way way, AccuracyCurve curve) {
        ModelPool<DenseModel> models =
                ModelPool.of(() -> DenseModel.perceptron(SIZES).withSeed(digits.seed));
        Sent sent = new Sent();
        try (RoundProgress progress = new RoundProgress();
                InProcessRunner runner = InProcessRunner.of(digits.threads);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .uplink(way.up())
                        .downlink(way.down())
                        .clients(federation.population().over(models))
                        .selector(ClientSelector.uniform(digits.cohort))
                        .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(learningRate))
                        .runner(runner)
                        .listeners(CentralEvaluation.every(1, models, federation.heldOut(), curve), sent, progress)
                        .build()) {
            server.run(ServerState.initial(models.initialWeights(), digits.seed), rounds);
        }
        return sent;
    }

    /** The bytes of a run, by client and round. */
    private static final class Sent implements RoundListener {

        private Traffic.Bytes bytes = Traffic.Bytes.NONE;
        private long asked;

        @Override
        public void roundEnded(RoundResult result) {
            if (result instanceof RoundResult.Advanced advanced) {
                bytes = bytes.plus(advanced.report().traffic().total().orElse(Traffic.Bytes.NONE));
                asked += advanced.report().completed().size();
            }
        }

        double up() {
            return (double) bytes.up() / asked;
        }

        double down() {
            return (double) bytes.down() / asked;
        }
    }
}
