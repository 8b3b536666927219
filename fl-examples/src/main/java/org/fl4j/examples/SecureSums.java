package org.fl4j.examples;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.client.Client;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.data.Examples;
import org.fl4j.data.StrokeDigits;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.secagg.DropoutTolerance;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.IdentityDirectory;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.random.Seeds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.simulation.Population;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What it costs that the server sees masked sums only: softmax regression over writers of digits, some of whom vanish in
 * each round, in the clear and against servers that may do more and more.
 *
 * <p>Run it from the root of the repository with {@code mvn -q -Drun=quickstart -Dmain=org.fl4j.examples.SecureSums}; it prints
 * a table, and on standard error who vanished. Accuracies for the same clients differ by rounding alone. Times are of the
 * server and all clients together, who in an application have a computer each. Below 100 clients every graph is complete.
 */
@Command(
        name = "secure-sums",
        mixinStandardHelpOptions = true,
        version = "FL4J 0.1.0-SNAPSHOT",
        sortOptions = false,
        description = "Time and accuracy of masked sums, against several adversaries, while clients vanish.")
public final class SecureSums implements Callable<Integer> {

    private static final int IMAGES = 30;
    private static final int PIXELS = 784;
    private static final int CLASSES = 10;
    private static final int HELD_OUT = 2_000;

    /** No coordinate of a client's delta is beyond it, or the client is refused. */
    private static final double RANGE = 4;

    /** Twice the share that vanishes unless told otherwise, so that hardly any round is lost. */
    private static final DropoutTolerance TOLERANCE = DropoutTolerance.ofDropouts(0.2);

    @Option(
            names = "--clients",
            description =
                    "How many there are against a curious server, all in every round (default: ${DEFAULT-VALUE}).")
    private int clients = 100;

    @Option(
            names = "--signers",
            description = "How many there are against a server that may lie: they check each other's signatures"
                    + " (default: ${DEFAULT-VALUE}).")
    private int signers = 30;

    @Option(names = "--rounds", description = "Rounds of each run (default: ${DEFAULT-VALUE}).")
    private int rounds = 3;

    @Option(
            names = "--vanishing",
            description = "The share of clients that vanish while they train, others in each round"
                    + " (default: ${DEFAULT-VALUE}).")
    private double vanishing = 0.1;

    @Option(names = "--seed", description = "Decides data, training and who vanishes (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(names = "--threads", description = "Clients at a time (default: the processors, ${DEFAULT-VALUE}).")
    private int threads = Runtime.getRuntime().availableProcessors();

    SecureSums() {}

    /**
     * Starts the example.
     *
     * @param args see {@code --help}
     */
    public static void main(String[] args) {
        System.exit(Commands.run(new SecureSums(), args));
    }

    @Override
    public Integer call() {
        if (clients < 2 || signers < 2 || rounds < 1 || !(vanishing >= 0 && vanishing < 1)) {
            throw new IllegalArgumentException(
                    "--clients and --signers must be at least 2, --rounds at least 1 and --vanishing in [0, 1), but"
                            + " were " + clients + ", " + signers + ", " + rounds + " and " + vanishing);
        }
        System.out.printf(
                Locale.ROOT,
                "drawn digits, %.0f %% of the writers vanish in a round, %d rounds%n",
                100 * vanishing,
                rounds);
        System.out.println("clients | the server sees            | seconds a round | rounds lost | test accuracy");
        Examples heldOut = digits().heldOut(HELD_OUT);
        FedAvg rule = FedAvg.byCappedExamples(IMAGES);
        SecureSum curious = SecureSum.on(rule, FixedPoint.within(RANGE)).tolerating(TOLERANCE);
        run(clients, "each update", heldOut, FederatedServer.with(rule));
        run(clients, "a sum; curious", heldOut, FederatedServer.with(curious));
        run(clients, "a sum; curious, sparse", heldOut, FederatedServer.with(curious.onSparseGraph()));
        IdentityDirectory.Simulated keys = new IdentityDirectory.Simulated();
        run(signers, "each update", heldOut, FederatedServer.with(rule));
        run(signers, "a sum; semi-malicious", heldOut, FederatedServer.with(curious.semiMalicious(keys, keys)));
        run(signers, "a sum; malicious", heldOut, FederatedServer.with(curious.malicious(keys, keys)));
        return 0;
    }

    private StrokeDigits digits() {
        return StrokeDigits.of(Seeds.derive(seed, "digits"));
    }

    private void run(int writers, String sees, Examples heldOut, ServerBuilder builder) {
        StrokeDigits digits = digits();
        Population population = Population.of(IntStream.range(0, writers)
                .mapToObj(writer -> digits.writer(writer, IMAGES))
                .toList());
        ModelPool<SoftmaxRegression> models = ModelPool.of(() -> new SoftmaxRegression(PIXELS, CLASSES));
        LostRounds lost = new LostRounds();
        long start = System.nanoTime();
        RoundResult end;
        try (InProcessRunner runner = InProcessRunner.of(threads);
                FederatedServer server = builder.clients(
                                population.over(models).decorated(client -> new Vanishing(client, this::vanishes)))
                        .localTraining(LocalTraining.epochs(5).withBatchSize(10).withLearningRate(0.1))
                        .runner(runner)
                        .policy(RoundPolicy.DEFAULT.withMaxAbandoned(Integer.MAX_VALUE))
                        .listeners(lost, new RoundProgress())
                        .build()) {
            end = server.run(ServerState.initial(models.with(SoftmaxRegression::weights), seed), rounds);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        double accuracy = models.with(model -> {
            model.load(end.state().weights());
            return model.evaluate(heldOut).accuracy().orElseThrow();
        });
        System.out.printf(
                Locale.ROOT,
                "%7d | %-26s | %15.2f | %11d | %.4f%n",
                writers,
                sees,
                seconds / rounds,
                lost.count,
                accuracy);
    }

    private boolean vanishes(ClientId client, int round) {
        return new DeterministicRandom(Seeds.derive(seed, round, client.value(), "vanishing")).nextDouble() < vanishing;
    }

    private interface Fate {
        boolean vanishes(ClientId client, int round);
    }

    /** A client whose connection breaks after it dealt shares of its keys: the others give the server what it needs. */
    private record Vanishing(Client itself, Fate fate) implements Client {

        @Override
        public ClientId id() {
            return itself.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (fate.vanishes(id(), task.round())) {
                throw new IOException("the connection broke");
            }
            return itself.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself.evaluate(task);
        }

        @Override
        public Optional<String> objection(TrainingTask task) {
            return itself.objection(task);
        }
    }

    private static final class LostRounds implements RoundListener {

        private int count;

        @Override
        public void roundEnded(RoundResult result) {
            count += result instanceof RoundResult.Abandoned ? 1 : 0;
        }
    }
}
