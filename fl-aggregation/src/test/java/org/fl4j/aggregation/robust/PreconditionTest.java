package org.fl4j.aggregation.robust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.Rounds;
import org.fl4j.aggregation.TestClient;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PreconditionTest {

    private static final ParameterLayout LAYOUT = Fixtures.layout(2);

    /** Each with the most clients that are too few. */
    static Stream<Arguments> tooFew() {
        CoordinateMedian median = CoordinateMedian.of();
        return Stream.of(
                Arguments.of(median, 0, "CoordinateMedian tolerating f = 0 needs n > 2f = 0 updates; there are 0"),
                Arguments.of(
                        CoordinateMedian.tolerating(3),
                        6,
                        "CoordinateMedian tolerating f = 3 needs n > 2f = 6 updates; there are 6"),
                Arguments.of(TrimmedMean.share(0.1), 0, "TrimmedMean.share(0.1) needs at least 1 update; there are 0"),
                Arguments.of(Krum.tolerating(2), 6, "Krum tolerating f = 2 needs n >= 2f + 3 = 7 updates; there are 6"),
                Arguments.of(
                        MultiKrum.tolerating(2),
                        6,
                        "MultiKrum tolerating f = 2 needs n >= 2f + 3 = 7 updates; there are 6"),
                Arguments.of(
                        MultiKrum.tolerating(2).selecting(4),
                        7,
                        "MultiKrum tolerating f = 2 of n = 7 updates selects at most n - f - 2 = 3; m is 4"),
                Arguments.of(
                        Bulyan.tolerating(2),
                        10,
                        "Bulyan tolerating f = 2 needs n >= 4f + 3 = 11 updates; there are 10"),
                Arguments.of(GeometricMedian.uniform(), 0, "GeometricMedian needs at least 1 update; there are 0"),
                Arguments.of(CenteredClipping.radius(1), 0, "CenteredClipping needs at least 1 update; there are 0"),
                Arguments.of(
                        NearestNeighbourMixing.on(median, 2),
                        4,
                        "NearestNeighbourMixing tolerating f = 2 needs n > 2f = 4 updates; there are 4"),
                Arguments.of(
                        NearestNeighbourMixing.on(Krum.tolerating(2), 2),
                        6,
                        "Krum tolerating f = 2 needs n >= 2f + 3 = 7 updates; there are 6"));
    }

    @ParameterizedTest
    @MethodSource("tooFew")
    void reportsAShortfallOfOneUpdateAndNoneWithOneMore(DirectAggregator rule, int clients, String reason) {
        assertEquals(Optional.of(reason), Rounds.shortfall(rule, clients));
        assertEquals(Optional.empty(), Rounds.shortfall(rule, clients + 1));
    }

    @Test
    void theLargestToleranceDoesNotOverflow() {
        assertEquals(
                Optional.of("Bulyan tolerating f = 2147483647 needs n >= 4f + 3 = 8589934591 updates; there are 1"),
                Rounds.shortfall(Bulyan.tolerating(Integer.MAX_VALUE), 1));
    }

    @Test
    void theServerAbandonsARoundWithTooFewUpdates(@TempDir Path directory) {
        Krum rule = Krum.tolerating(2).storedIn(UpdateStorage.inFiles(directory));
        RoundResult.Abandoned abandoned = assertInstanceOf(RoundResult.Abandoned.class, run(rule, 6));

        assertEquals("round 1: Krum tolerating f = 2 needs n >= 2f + 3 = 7 updates; there are 6", abandoned.reason());
        assertEquals(start().weights(), abandoned.state().weights());
        assertEquals(0, directory.toFile().listFiles().length);
    }

    /** Client i moves by (i, -i): with three neighbours all but the first and the last have 2 (1 + 1 + 4), the second is taken. */
    @Test
    void theServerAppliesTheAggregate(@TempDir Path directory) {
        Krum rule = Krum.tolerating(2).storedIn(UpdateStorage.inFiles(directory));
        RoundResult.Advanced advanced = assertInstanceOf(RoundResult.Advanced.class, run(rule, 7));

        assertEquals(
                ModelWeights.copyOf(LAYOUT, new double[] {6, 4}),
                advanced.state().weights());
        assertEquals(0, directory.toFile().listFiles().length);
    }

    private static RoundResult run(DirectAggregator rule, int clients) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(ClientProvider.of(
                                ClientId.numbered("", clients), id -> new TestClient(id, PreconditionTest::move)))
                        .localTraining(LocalTraining.steps(1).withLearningRate(1))
                        .runner(runner)
                        .build()) {
            return server.run(start(), 1);
        }
    }

    private static ServerState start() {
        return ServerState.initial(ModelWeights.copyOf(LAYOUT, new double[] {5, 5}), 1);
    }

    private static ClientUpdate move(ClientId id, TrainingTask task) {
        int i = Integer.parseInt(id.value());
        return ClientUpdate.of(id, task, ModelDelta.of(LAYOUT, i, -i), 1);
    }
}
