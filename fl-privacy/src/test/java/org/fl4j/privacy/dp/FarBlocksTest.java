package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.client.Client;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.EvaluationTask;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.testkit.FarBlockRunner;
import org.fl4j.testkit.QuadraticModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Central privacy with an adaptive clip, over blocks that are trained and summed elsewhere: noise is drawn at the server. */
class FarBlocksTest {

    private static final int CLIENTS = 70;
    private static final int DIMENSION = 3;
    private static final double Q = 0.6;
    private static final int ROUNDS = 6;
    private static final ServerState START = ServerState.initial(QuadraticModel.weightsOf(0, 0, 0), 11);

    private final List<Map<String, Double>> metrics = new ArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void blocksElsewhereGiveTheSameStateMetricsAndLedger() {
        Played here = here();
        FarBlockRunner far = far();
        Played there = play(far, ROUNDS, folder.resolve("there"));

        assertEquals(here, there);
        assertNotEquals(here.metrics().get(0).get("clip"), here.metrics().get(5).get("clip"), "the clip moves");
        // About 42 clients a round: two or three full blocks and the rest.
        assertTrue(far.answers().size() > 2 * ROUNDS, () -> far.answers() + " bytes");
    }

    /** With new objects on both sides and the same folder. */
    @Test
    void blocksElsewhereResumeFromACheckpoint() {
        Played here = here();
        play(far(), 3, folder.resolve("there"));
        Played there = play(far(), ROUNDS, folder.resolve("there"));

        assertEquals(here, there);
    }

    /** What a run ends with, the ledger and the clip within, what it states, and what each round reported. */
    private record Played(ServerState state, String statement, List<Map<String, Double>> metrics) {}

    private Played here() {
        try (InProcessRunner runner = InProcessRunner.of(2)) {
            Played here = play(runner, ROUNDS, folder.resolve("here"));
            metrics.clear();
            return here;
        }
    }

    private Played play(ClientRunner runner, int until, Path checkpoints) {
        GaussianMechanism rule = rule().drawingFrom(SeededNoise::byScale);
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(population())
                .localTraining(LocalTraining.epochs(2).withBatchSize(2).withLearningRate(0.3))
                .selector(new SeededPoisson())
                .checkpoints(CheckpointStore.in(checkpoints))
                .listeners(new RoundListener() {
                    @Override
                    public void roundEnded(RoundResult result) {
                        metrics.add(((RoundResult.Advanced) result).report().metrics());
                    }
                })
                .runner(runner)
                .build()) {
            ServerState end = server.runUntil(until, START);
            return new Played(end, rule.statement(end.ledger(), 1e-5).toString(), List.copyOf(metrics));
        }
    }

    private static FarBlockRunner far() {
        GaussianMechanism noiseless = rule().drawingFrom((distribution, n) -> {
            throw new AssertionError("noise is drawn at the server");
        });
        return FarBlockRunner.of(noiseless, population());
    }

    private static GaussianMechanism rule() {
        return GaussianMechanism.on(AdaptiveClippedMean.startingAt(0.1).withRate(1), 0.8);
    }

    /** Some clients fail in some rounds, which nobody is told. */
    private static ClientProvider population() {
        ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(DIMENSION));
        return ClientProvider.local(ClientId.numbered("client-", CLIENTS), FarBlocksTest::points, models)
                .decorated(Failing::new);
    }

    private static double[][] points(ClientId client) {
        DeterministicRandom random = new DeterministicRandom(client.hashCode());
        double[][] points = new double[4][DIMENSION];
        for (double[] point : points) {
            for (int j = 0; j < DIMENSION; j++) {
                point[j] = 1 + random.nextGaussian();
            }
        }
        return points;
    }

    /** Every seventh client fails, another seventh in each round, as if it had been away. */
    private record Failing(Client itself) implements Client {

        @Override
        public ClientId id() {
            return itself.id();
        }

        @Override
        public ClientUpdate train(TrainingTask task) throws Exception {
            if (Math.floorMod(id().hashCode() + task.round(), 7) == 0) {
                throw new IOException("away");
            }
            return itself.train(task);
        }

        @Override
        public Evaluation evaluate(EvaluationTask task) throws Exception {
            return itself.evaluate(task);
        }
    }

    /** Counted as the real one, but two runs draw the same cohorts. */
    private record SeededPoisson() implements ClientSelector {

        @Override
        public Selection select(Context context) {
            DeterministicRandom random = new DeterministicRandom(context.seed());
            return Selection.of(context.population().stream()
                    .filter(client -> random.nextDouble() < Q)
                    .toList());
        }

        @Override
        public SamplingScheme scheme() {
            return new SamplingScheme.Poisson(Q, SamplingScheme.Source.CRYPTOGRAPHIC);
        }
    }
}
