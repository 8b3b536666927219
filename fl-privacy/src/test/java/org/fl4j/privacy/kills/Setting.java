package org.fl4j.privacy.kills;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.SeededNoise;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.AsynchronousRounds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.Trouble;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.QuadraticModel;

/** The federations that are killed. All of a model is on the heap, so that a process starts quickly. */
enum Setting {
    /** Clients remember, in files. */
    SCAFFOLD(120),
    /** Twelve places and a buffer of four, under latencies with a heavy tail, with an optimizer that remembers. */
    FEDBUFF(150),
    /** The masked sum of a plain rule. */
    SECURE_SUM(50),
    /** A journal, an adaptive clip, noise from what is public. */
    PRIVATE(100),
    /** The same over a buffer of three; what is under way is lost with a process, and what is charged stays so. */
    PRIVATE_BUFFER(120),
    /** The same under masks. */
    PRIVATE_MASKED(40);

    static final ServerState START = ServerState.initial(QuadraticModel.weightsOf(new double[Setting.DIMENSION]), 11);
    static final List<ClientId> CLIENTS = ClientId.numbered("client-", 20);

    private static final int DIMENSION = 500;
    private static final double NOISE_MULTIPLIER = 0.1;
    private static final Latency HEAVY = Latency.pareto(Duration.ofMinutes(1), 1.2);

    /** How many a long run has: some seconds of them. */
    final int rounds;

    Setting(int rounds) {
        this.rounds = rounds;
    }

    boolean isPrivate() {
        return this == PRIVATE || this == PRIVATE_BUFFER || this == PRIVATE_MASKED;
    }

    /** Whether a resume gives the bits of a run that was never cut off: not where it drops what was under way. */
    boolean continues() {
        return this != PRIVATE_BUFFER;
    }

    /**
     * The rule of a private setting.
     *
     * @param journal empty for none
     * @param drawn called right before a round's noise is known to anyone
     */
    static GaussianMechanism mechanism(Optional<Path> journal, Runnable drawn) {
        GaussianMechanism rule =
                SeededNoise.byScale(AdaptiveClippedMean.startingAt(0.1).withRate(0.5), NOISE_MULTIPLIER, values -> {
                    if (values == DIMENSION) {
                        drawn.run();
                    }
                });
        return journal.map(rule::journal).orElse(rule);
    }

    /**
     * A server, but for its checkpoints.
     *
     * @param rule of a private setting; the others have their own
     * @param work how long each client is at work, in wall time
     */
    ServerBuilder server(GaussianMechanism rule, ClientStateStore states, InProcessRunner runner, Duration work) {
        ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(DIMENSION));
        ClientProvider clients =
                ClientProvider.local(CLIENTS, Setting::points, models).rememberingIn(states);
        Trouble absent = Trouble.seeded(5).of(0.05, Trouble.crash());
        Trouble slow = Trouble.seeded(5).of(1, Trouble.slow(work));
        return begin(rule, runner)
                .clients(slow.around(absent.around(clients)))
                .localTraining(LocalTraining.epochs(1).withBatchSize(2).withLearningRate(0.3))
                .selector(ClientSelector.uniform(this == FEDBUFF ? 12 : 8));
    }

    private ServerBuilder begin(GaussianMechanism rule, InProcessRunner runner) {
        return switch (this) {
            case SCAFFOLD -> FederatedServer.with(Scaffold.uniform()).runner(runner);
            case FEDBUFF ->
                FederatedServer.with(FedAvg.byExamples())
                        .optimizer(FedAdam.withLearningRate(0.1))
                        .asynchronous(AsynchronousRounds.fedBuff(12, 4))
                        .runner(VirtualRunner.over(runner, HEAVY));
            case SECURE_SUM ->
                FederatedServer.with(SecureSum.on(FedAvg.byCappedExamples(3), FixedPoint.within(16)))
                        .runner(runner);
            case PRIVATE -> FederatedServer.with(rule).runner(runner);
            case PRIVATE_BUFFER ->
                FederatedServer.with(rule)
                        .asynchronous(AsynchronousRounds.fedBuff(8, 3))
                        .runner(VirtualRunner.over(runner, HEAVY));
            case PRIVATE_MASKED -> FederatedServer.with(SecureSum.on(rule)).runner(runner);
        };
    }

    private static double[][] points(ClientId client) {
        DeterministicRandom random = new DeterministicRandom(client.hashCode());
        double[][] points = new double[2 + random.nextInt(4)][DIMENSION];
        for (double[] point : points) {
            for (int j = 0; j < DIMENSION; j++) {
                point[j] = 1 + random.nextGaussian();
            }
        }
        return points;
    }
}
