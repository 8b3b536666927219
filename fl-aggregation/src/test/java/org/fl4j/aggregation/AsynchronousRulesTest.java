package org.fl4j.aggregation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.mean.FedNova;
import org.fl4j.aggregation.mean.Sketched;
import org.fl4j.aggregation.objective.FedDyn;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.objective.QFedAvg;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.aggregation.robust.CenteredClipping;
import org.fl4j.aggregation.robust.CoordinateMedian;
import org.fl4j.aggregation.robust.MultiKrum;
import org.fl4j.aggregation.robust.NearestNeighbourMixing;
import org.fl4j.aggregation.robust.NormBounding;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.compression.LinearCodec;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.AsynchronousRounds;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules and asynchronous rounds. */
class AsynchronousRulesTest {

    private static final ServerState START = ServerState.initial(QuadraticModel.weightsOf(0, 0, 0), 11);
    private static final Latency HEAVY = Latency.pareto(Duration.ofSeconds(1), 1.2);
    private static final AsynchronousRounds ROUNDS =
            AsynchronousRounds.fedBuff(12, 7).withMaxStaleness(4);

    static Stream<DirectAggregator> rules() {
        return Stream.of(
                FedAvg.byCappedExamples(3),
                FedNova.byExamples(),
                FedProx.of(0.1),
                NormBounding.on(FedAvg.byExamples(), 0.5),
                Sketched.on(
                        NormBounding.on(FedAvg.byExamples(), 0.5),
                        LinearCodec.rotation().keeping(0.5)),
                CoordinateMedian.of(),
                FedProx.on((DirectAggregator) MultiKrum.tolerating(1), 0.1),
                CenteredClipping.radius(0.5),
                NearestNeighbourMixing.on(CoordinateMedian.of(), 1));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theSameBitsAfterAResumeAndOnAnyThreads(DirectAggregator rule) {
        ServerState end = run(rule, 1, START, 8);
        ServerState third = run(rule, 2, START, 3);

        assertEquals(end, run(rule, 8, ServerState.fromBytes(third.toBytes()), 5));
        assertNotEquals(List.of(), end.underWay().tasks());
        assertTrue(end.weights().isFinite());
    }

    @Test
    void whatNeedsOneCohortIsRejectedWhenBuilt() {
        assertEquals(
                "asynchronous rounds reject the objective 'scaffold' of " + Scaffold.uniform()
                        + ": its clients remember, in step with rounds that end for all of a cohort at once: use a rule whose"
                        + " clients minimise empirical risk or FedProx's objective",
                rejection(Scaffold.uniform()));
        assertTrue(rejection(FedDyn.of(0.1)).contains("its clients remember"));
        assertTrue(rejection(QFedAvg.withFairness(1)).contains("by their losses under one model"));
    }

    /** A clip that came after the damping would leave a long update as it is. */
    @Test
    void normBoundingDampsWhatItHasClipped() {
        LinearRound round = NormBounding.of(1).begin(Fixtures.context(Fixtures.layout(2)));
        Summand sum = Summand.zero(round.segments());
        round.encoder()
                .encode(Fixtures.update(1, ModelDelta.of(Fixtures.layout(2), 30, 40)), 0.5)
                .addTo(sum);

        assertEquals(0.3, sum.get(Segment.DELTA, 0), 1e-12);
        assertEquals(0.4, sum.get(Segment.DELTA, 1), 1e-12);
        assertEquals(1, sum.get(Segment.WEIGHT, 0), "the weight of the client is its own");
    }

    private static String rejection(DirectAggregator rule) {
        return assertThrows(IllegalStateException.class, () -> builder(rule).build())
                .getMessage();
    }

    private static ServerState run(DirectAggregator rule, int threads, ServerState from, int rounds) {
        try (InProcessRunner inner = InProcessRunner.of(threads);
                FederatedServer server =
                        builder(rule).runner(VirtualRunner.over(inner, HEAVY)).build()) {
            RoundResult end = server.run(from, rounds);
            assertTrue(end instanceof RoundResult.Advanced, end::toString);
            return end.state();
        }
    }

    private static ServerBuilder builder(DirectAggregator rule) {
        ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(3));
        return FederatedServer.with(rule)
                .clients(ClientProvider.local(ClientId.numbered("client-", 40), AsynchronousRulesTest::points, models))
                .localTraining(LocalTraining.epochs(2).withBatchSize(2).withLearningRate(0.3))
                .optimizer(FedAdam.withLearningRate(0.1))
                .selector(ClientSelector.uniform(12))
                .asynchronous(ROUNDS);
    }

    private static double[][] points(ClientId client) {
        DeterministicRandom random = new DeterministicRandom(client.hashCode());
        double[][] points = new double[2 + random.nextInt(5)][3];
        for (double[] point : points) {
            for (int j = 0; j < point.length; j++) {
                point[j] = 1 + random.nextGaussian();
            }
        }
        return points;
    }
}
