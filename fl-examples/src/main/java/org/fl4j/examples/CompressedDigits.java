package org.fl4j.examples;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.InProcessRunner;
import org.fl4j.compression.Codec;
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

    private static Map<String, Codec> codecs() {
        Map<String, Codec> codecs = new LinkedHashMap<>();
        codecs.put("none", Codec.none());
        codecs.put("FP16", Codec.fp16());
        codecs.put("EDEN, 4 bits", Codec.eden(4));
        codecs.put("EDEN, 2 bits", Codec.eden(2));
        codecs.put("EDEN, 1 bit", Codec.eden(1));
        codecs.put("QSGD, 1 level", Codec.qsgd(1));
        codecs.put("random-k, 1/16", Codec.randomK(1 / 16.0));
        codecs.put("top-k, 1/64, feedback", Codec.topK(1 / 64.0));
        codecs.put("sign, feedback", Codec.sign());
        return codecs;
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
        System.out.printf("%-22s | bytes up, a client | fewer | rounds to %s | accuracy%n", "codec", target);
        double whole = 0;
        for (Map.Entry<String, Codec> codec : codecs().entrySet()) {
            AccuracyCurve curve = new AccuracyCurve();
            double bytes = run(federation, codec.getValue(), curve);
            whole = whole == 0 ? bytes : whole;
            OptionalInt reached = curve.roundsTo(target);
            System.out.printf(
                    Locale.ROOT,
                    "%-22s | %18.0f | %5.1f | %14s | %.4f%n",
                    codec.getKey(),
                    bytes,
                    whole / bytes,
                    reached.isPresent() ? reached.getAsInt() : "> " + rounds,
                    curve.lastAccuracy());
        }
        return 0;
    }

    /** Returns the bytes that a client sends in a round. */
    private double run(DigitOptions.Federation federation, Codec codec, AccuracyCurve curve) {
        ModelPool<DenseModel> models =
                ModelPool.of(() -> DenseModel.perceptron(SIZES).withSeed(digits.seed));
        Sent sent = new Sent();
        try (RoundProgress progress = new RoundProgress();
                InProcessRunner runner = InProcessRunner.of(digits.threads);
                FederatedServer server = FederatedServer.with(FedAvg.byExamples())
                        .uplink(codec)
                        .clients(federation.population().over(models))
                        .selector(ClientSelector.uniform(digits.cohort))
                        .localTraining(LocalTraining.epochs(1).withBatchSize(10).withLearningRate(learningRate))
                        .runner(runner)
                        .listeners(CentralEvaluation.every(1, models, federation.heldOut(), curve), sent, progress)
                        .build()) {
            server.run(ServerState.initial(models.initialWeights(), digits.seed), rounds);
        }
        return (double) sent.bytes / sent.updates;
    }

    private static final class Sent implements RoundListener {

        private long bytes;
        private long updates;

        @Override
        public void roundEnded(RoundResult result) {
            if (result instanceof RoundResult.Advanced advanced) {
                bytes += advanced.report()
                        .traffic()
                        .total()
                        .orElse(Traffic.Bytes.NONE)
                        .up();
                updates += advanced.report().completed().size();
            }
        }
    }
}
