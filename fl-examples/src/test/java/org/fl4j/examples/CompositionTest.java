package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.stream.Stream;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.FedProx;
import org.fl4j.aggregation.optimizer.FedYogi;
import org.fl4j.aggregation.robust.Krum;
import org.fl4j.aggregation.robust.NearestNeighbourMixing;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.data.SyntheticFederation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.dp.AdaptiveClippedMean;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.dp.LocalDifferentialPrivacy;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.simulation.Population;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What clients minimise, how updates combine, how the server steps and who adds noise go together freely. */
class CompositionTest {

    private final ModelPool<SoftmaxRegression> models =
            ModelPool.of(() -> new SoftmaxRegression(SyntheticFederation.FEATURES, SyntheticFederation.CLASSES));

    static Stream<DirectAggregator> rules() {
        return Stream.of(
                GaussianMechanism.on(FedProx.on(ClippedMean.fixed(1), 0.1), 1),
                FedProx.on(
                        GaussianMechanism.on(AdaptiveClippedMean.startingAt(1).withCountNoise(3), 1), 0.1),
                FedProx.on(NearestNeighbourMixing.on(Krum.tolerating(1), 1), 0.1));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void objectiveRuleNoiseAndOptimizer(DirectAggregator rule) {
        assertEquals(FedProx.of(0.1).objective(), rule.objective());
        RoundResult end = run(rule, population().over(models), FedYogi.withLearningRate(0.1));

        assertInstanceOf(RoundResult.Advanced.class, end);
        assertEquals(3, end.state().round());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void andClientsThatAddNoiseThemselves(DirectAggregator rule) {
        LocalDifferentialPrivacy noisy = LocalDifferentialPrivacy.clippedTo(1);
        ClientProvider inner = population().over(models);
        ClientProvider clients = inner.decorated(noisy::around);

        assertInstanceOf(RoundResult.Advanced.class, run(rule, clients, ServerOptimizer.plain()));
        assertInstanceOf(RoundResult.Advanced.class, run(FedAvg.byExamples(), inner, ServerOptimizer.plain()));
        assertEquals(3, noisy.statement(inner.ids().get(0), 1e-5).rounds());
    }

    private RoundResult run(DirectAggregator rule, ClientProvider clients, ServerOptimizer optimizer) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(clients)
                        .optimizer(optimizer)
                        .localTraining(LocalTraining.steps(3).withLearningRate(0.05))
                        .runner(runner)
                        .build()) {
            return server.run(ServerState.initial(models.with(SoftmaxRegression::weights), 3), 3);
        }
    }

    private static Population population() {
        SyntheticFederation federation =
                SyntheticFederation.of(new SyntheticFederation.Spread(1, 1), 4).withMaxExamples(60);
        return Population.of(List.of(
                federation.client(0).training(),
                federation.client(1).training(),
                federation.client(2).training(),
                federation.client(3).training(),
                federation.client(4).training(),
                federation.client(5).training()));
    }
}
