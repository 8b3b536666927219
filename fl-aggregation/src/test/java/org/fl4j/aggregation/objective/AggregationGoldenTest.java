package org.fl4j.aggregation.objective;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.Rounds;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.aggregation.optimizer.FedAdagrad;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.aggregation.optimizer.FedAvgM;
import org.fl4j.aggregation.optimizer.FedYogi;
import org.fl4j.aggregation.robust.CenteredClipping;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.Delivery;
import org.fl4j.client.PersonalTraining;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.Uplink;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.fl4j.testkit.Fixtures;
import org.fl4j.testkit.GoldenFiles;
import org.fl4j.testkit.QuadraticModel;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The states of fl-aggregation's rules and optimizers, and of their clients: all that outlives a round. */
class AggregationGoldenTest {

    private static final ParameterLayout LAYOUT = QuadraticModel.layoutOf(2);
    private static final ModelWeights ORIGIN = QuadraticModel.weightsOf(0, 0);
    private static final ModelDelta DELTA = ModelDelta.of(LAYOUT, 3, -4);

    @TestFactory
    Stream<DynamicTest> binaryForms() throws Exception {
        return GoldenFiles.tests(List.of(
                GoldenFiles.ofState("FedAvgM.KIND", stepped(FedAvgM.withLearningRate(1))),
                GoldenFiles.ofState(
                        "AdaptiveStep.kind",
                        stepped(FedAdagrad.withLearningRate(1).withAdaptivity(0.5))),
                GoldenFiles.ofState(
                        "AdaptiveStep.kind",
                        stepped(FedAdam.withLearningRate(1)
                                .withMomentum(0.5)
                                .withSecondMoment(0.75)
                                .withAdaptivity(0.5))),
                GoldenFiles.ofState(
                        "AdaptiveStep.kind",
                        stepped(FedYogi.withLearningRate(1)
                                .withMomentum(0.5)
                                .withSecondMoment(0.75)
                                .withAdaptivity(0.5))),
                GoldenFiles.ofState("CenteredClipping.KIND", aggregated(CenteredClipping.radius(100), DELTA)),
                GoldenFiles.ofState("Scaffold.KIND", scaffold()),
                GoldenFiles.ofState("ScaffoldObjective.KIND", remembered(Scaffold.uniform())),
                GoldenFiles.ofState("FedDyn.KIND", aggregated(FedDyn.of(0.5), DELTA)),
                GoldenFiles.ofState("DynamicObjective.KIND", remembered(FedDyn.of(0.5)))));
    }

    private static ComponentState stepped(ServerOptimizer optimizer) {
        return optimizer.step(1, ORIGIN, DELTA, ComponentState.EMPTY).state();
    }

    private static ComponentState aggregated(DirectAggregator rule, ModelDelta delta) {
        return Rounds.result(rule, Fixtures.context(LAYOUT), List.of(delta)).state();
    }

    private static ComponentState scaffold() {
        var round = Scaffold.uniform().begin(Fixtures.context(LAYOUT));
        try (var aggregation = round.aggregation()) {
            aggregation.add(
                    0,
                    Rounds.withVector(
                            Fixtures.update(0, DELTA, 1), Scaffold.CONTROL, ModelDelta.of(LAYOUT, 1000, -2000)));
            return aggregation.finish().state();
        }
    }

    /** What a client remembers of one step of rate 1/2 from the origin towards the point (3, -4). */
    private static ComponentState remembered(DirectAggregator rule) throws Exception {
        ClientId client = new ClientId("ann");
        ModelPool<QuadraticModel> models = ModelPool.of(() -> new QuadraticModel(2));
        try (ClientStateStore store = ClientStateStore.inMemory()) {
            store.claim(RunId.of("origin", 7).drawn(), 0);
            long token = store.begin(1);
            ClientProvider.local(List.of(client), id -> new double[][] {{3, -4}}, models)
                    .withObjective(rule.localObjective().orElseThrow())
                    .rememberingIn(store)
                    .client(client)
                    .train(new TrainingTask(
                            1,
                            0,
                            token,
                            ORIGIN,
                            LocalTraining.steps(1).withLearningRate(0.5),
                            rule.objective(),
                            PersonalTraining.JOINT,
                            Uplink.NONE,
                            Map.of(Scaffold.CONTROL, ModelDelta.of(LAYOUT, 0.25, 0.75)),
                            7,
                            Delivery.NONE));
            store.commit(1, Set.of(client));
            store.begin(2);
            return store.read(client);
        }
    }
}
