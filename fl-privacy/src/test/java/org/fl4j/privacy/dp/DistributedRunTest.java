package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.mean.Sketched;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.compression.LinearCodec;
import org.fl4j.model.LocalTraining;
import org.fl4j.privacy.accounting.AnalyticGaussian;
import org.fl4j.privacy.accounting.PrivacyTarget;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Trouble;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs of a server whose clients add the noise: what is charged, when it ends, and what is said of it. */
class DistributedRunTest {

    private static final double DELTA = 1e-6;
    private static final int CLIENTS = 20;
    private static final int LENGTH = 100;

    @TempDir
    private Path folder;

    /** 13 of 20 survive at least and 1 colludes: outsiders do not know the noise of 13, the server that of 12. */
    @Test
    void bothFiguresAreThoseOfTheNoiseThatIsCertain() {
        DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(1), 2);
        PrivacyStatement statement =
                noise.statement(run(noise, 3, ClientSelector.all()).ledger(), DELTA);
        double server = AnalyticGaussian.ofSigma(2 / Math.sqrt(3)).epsilon(DELTA);
        double outsiders = AnalyticGaussian.ofSigma(2 / Math.sqrt(3) * Math.sqrt(13.0 / 12))
                .epsilon(DELTA);

        assertEquals(3, statement.rounds());
        assertEquals(server, statement.againstMembers().epsilon().upper(), 1e-4 * server);
        assertEquals(outsiders, statement.againstOutsiders().epsilon().upper(), 1e-4 * outsiders);
        assertTrue(statement.againstMembers().epsilon().upper() >= server - 1e-9, statement.text());
    }

    /** 6 of 20 drop out in every round: the same is charged as without, what is certain and not what came. */
    @Test
    void dropoutsChangeNothingOfTheFigures() {
        DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(1), 2);
        Trouble trouble = Trouble.seeded(3)
                .of(Set.copyOf(ClientId.numbered("c", 6)), Trouble.dropOut(SecureSum.Stage.MASKED_INPUT::asks));
        try (FederatedServer server = FederatedServer.with(trouble.around(SecureSum.on(noise)))
                .clients(trouble.around(clients()))
                .localTraining(LocalTraining.epochs(1))
                .build()) {
            RoundResult result = server.run(ServerState.initial(Releases.start(2), 1), 3);
            assertEquals(
                    noise.statement(run(noise, 3, ClientSelector.all()).ledger(), DELTA),
                    noise.statement(result.state().ledger(), DELTA));
        }
    }

    /** On sparse graphs over samples, of which each has noise for its own size: the noise of a round is what is charged, or more. */
    @Test
    void samplesOfUnknownSizeHaveNoiseOfTheirOwn() {
        int population = 130;
        double[] delta = new double[LENGTH];
        DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(8), 0.5);
        ServerState end;
        try (FederatedServer server = FederatedServer.with(SecureSum.on(noise).onSparseGraph())
                .clients(Releases.clients(population, ModelDelta.of(Fixtures.layout(LENGTH), delta)))
                .selector(ClientSelector.poisson(0.9))
                .localTraining(LocalTraining.epochs(1))
                .build()) {
            end = server.run(ServerState.initial(Releases.start(LENGTH), 1), 2).state();
        }
        double squares = 0;
        for (int i = 0; i < LENGTH; i++) {
            squares += end.weights().get(i) * end.weights().get(i) / LENGTH;
        }
        // Of n clients 0.62 n count on a sparse graph; the denominator is 117. Six deviations of the estimate, and
        // rounding of 0.62 n.
        double variance = 2 * 16 / 0.62 / (117 * 117);
        assertEquals(variance, squares, variance * (0.05 + 6 * Math.sqrt(2.0 / LENGTH)));
        assertEquals(2, noise.statement(end.ledger(), DELTA).rounds());
    }

    /** A sample amplifies against nobody, since the amount of noise shows how many take part. */
    @Test
    void samplingIsNotClaimed() {
        DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(1), 2);
        PrivacyStatement all =
                noise.statement(run(noise, 2, ClientSelector.all()).ledger(), DELTA);
        PrivacyStatement sampled =
                noise.statement(run(noise, 2, ClientSelector.poisson(0.5)).ledger(), DELTA);

        assertEquals(all.againstMembers(), sampled.againstMembers());
        assertEquals(sampled.againstMembers(), sampled.againstOutsiders());
    }

    @Test
    void theRoundThatWouldExceedTheBudgetIsRefused() {
        double two = AnalyticGaussian.ofSigma(2 / Math.sqrt(2)).epsilon(DELTA);
        DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(1), 2)
                .within(PrivacyTarget.pure(two * 1.001).withPrivacyDelta(DELTA));
        try (FederatedServer server = server(noise, ClientSelector.all())) {
            RoundResult last = server.run(ServerState.initial(Releases.start(2), 1), 3);
            assertInstanceOf(RoundResult.Refused.class, last);
            assertEquals(2, noise.statement(last.state().ledger(), DELTA).rounds());
        }
    }

    /** By the Renyi bound of its paper: within 12 % of the Gaussian of its variance here. */
    @Test
    void skellamCostsALittleMore() {
        DistributedNoise noise = Skellam.on(ClippedMean.fixed(1), 2);
        PrivacyStatement statement =
                noise.statement(run(noise, 3, ClientSelector.all()).ledger(), DELTA);
        double gaussian = AnalyticGaussian.ofSigma(2 / Math.sqrt(3)).epsilon(DELTA);
        double upper = statement.againstMembers().epsilon().upper();

        assertTrue(upper > gaussian && upper < 1.12 * gaussian, upper + " against " + gaussian);
    }

    /** Stopped and started again, with a journal: everything counts, and the new run goes on from the old weights. */
    @Test
    void aRunThatIsStartedAgainCountsAll() {
        for (int start = 1; start <= 3; start++) {
            DistributedNoise noise =
                    DistributedGaussian.on(ClippedMean.fixed(1), 2).journal(folder.resolve("privacy.journal"));
            CheckpointStore store = CheckpointStore.in(folder.resolve("checkpoints"));
            ServerState from = store.latest().orElseGet(() -> ServerState.initial(Releases.start(2), 1));
            try (InProcessRunner runner = InProcessRunner.of(2);
                    FederatedServer server = FederatedServer.with(SecureSum.on(noise))
                            .clients(clients())
                            .localTraining(LocalTraining.epochs(1))
                            .checkpoints(store)
                            .runner(runner)
                            .build()) {
                PrivacyStatement statement =
                        noise.statement(server.run(from, 2).state().ledger(), DELTA);
                assertEquals(2L * start, statement.rounds());
                assertTrue(statement.journaled());
            }
        }
    }

    /** The norm follows the noised count over rounds, and clients are told it; a sketch and an objective go around the clip. */
    @ParameterizedTest
    @MethodSource("rules")
    void everyBoundedRuleGoesInside(BoundedAggregator rule) {
        double[] delta = IntStream.range(0, LENGTH)
                .mapToDouble(i -> i % 2 == 0 ? 0.25 : -0.5)
                .toArray();
        ServerState end;
        try (FederatedServer server = FederatedServer.with(SecureSum.on(DistributedGaussian.on(rule, 0.01)))
                .clients(Releases.clients(CLIENTS, ModelDelta.of(Fixtures.layout(LENGTH), delta)))
                .localTraining(LocalTraining.epochs(1))
                .build()) {
            end = server.run(ServerState.initial(Releases.start(LENGTH), 1), 4).state();
        }
        assertEquals(4, end.round());
        // Four rounds' deltas, each of (0.25, -0.5) in every pair of coordinates, and noise of deviation 0.01.
        for (int i = 0; i < LENGTH; i++) {
            assertEquals(i % 2 == 0 ? 1 : -2, end.weights().get(i), 0.1, rule + ", coordinate " + i);
        }
    }

    private static Stream<BoundedAggregator> rules() {
        return Stream.of(
                ClippedMean.fixed(8),
                ClippedMean.perGroup(spec -> spec.name(), Map.of("w", 8.0)),
                AdaptiveClippedMean.startingAt(8).towardsQuantile(0.9),
                FedProx.on(ClippedMean.fixed(8), 0.01),
                Sketched.on(ClippedMean.fixed(8), LinearCodec.rotation()));
    }

    @Test
    void theStatementSaysWhatItAssumes() {
        DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(1), 2);
        String text = noise.statement(run(noise, 1, ClientSelector.all()).ledger(), DELTA)
                .text();
        assertTrue(text.contains("against the server, with as many members of a cohort as it may collude with:"), text);
        assertTrue(text.contains("against outsiders, who know the noise of nobody:"), text);
        assertTrue(text.contains("model: distributed"), text);
        assertTrue(text.contains("mechanism: noise on integers at every client, of the law that the rule names"), text);
        assertTrue(text.contains("helped by more clients that add none"), text);
        assertTrue(text.contains("rule: DistributedGaussian(z=2.0) on ClippedMean"), text);
    }

    /** The server had the sums of the rounds before: what came later takes nothing of that back. */
    @Test
    void aRunThatBeganWithNoiseOfTheServerIsNotProtectedFromIt() {
        Path file = folder.resolve("privacy.journal");
        GaussianMechanism central =
                GaussianMechanism.on(ClippedMean.fixed(1), 2).newJournal(file);
        ServerState half;
        try (FederatedServer server = FederatedServer.with(SecureSum.on(central))
                .clients(clients())
                .localTraining(LocalTraining.epochs(1))
                .build()) {
            half = server.run(ServerState.initial(Releases.start(2), 1), 1).state();
        }
        DistributedNoise noise = DistributedGaussian.on(ClippedMean.fixed(1), 2).journal(file);
        try (FederatedServer server = server(noise, ClientSelector.all())) {
            PrivacyStatement statement =
                    noise.statement(server.run(half, 1).state().ledger(), DELTA);
            assertEquals(2, statement.rounds());
            assertTrue(statement.journaled());
            assertEquals(PrivacyStatement.PrivacyModel.CENTRAL, statement.model());
            assertTrue(statement.text().contains("updates in the memory of the server"), statement.text());
        }
    }

    private static ServerState run(DistributedNoise noise, int rounds, ClientSelector selector) {
        try (FederatedServer server = server(noise, selector)) {
            return server.run(ServerState.initial(Releases.start(2), 1), rounds).state();
        }
    }

    private static FederatedServer server(DistributedNoise noise, ClientSelector selector) {
        return FederatedServer.with(SecureSum.on(noise))
                .clients(clients())
                .selector(selector)
                .localTraining(LocalTraining.epochs(1))
                .build();
    }

    private static ClientProvider clients() {
        return Releases.clients(CLIENTS, ModelDelta.of(Fixtures.layout(2), 0.25, -0.5));
    }
}
