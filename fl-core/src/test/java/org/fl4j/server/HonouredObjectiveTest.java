package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.LocalObjectives;
import org.fl4j.client.ObjectiveContext;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.LocalTrainingReport;
import org.fl4j.model.ModelPool;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.GradientCorrection;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.junit.jupiter.api.Test;

/**
 * An objective from the rule, through the task and the client's session, to the gradient: it adds to it
 * {@code scale * server vector} and the number of rounds this client remembers.
 */
class HonouredObjectiveTest {

    static final ObjectiveSpec DRIFT = ObjectiveSpec.of("drift", "scale", 2);

    private final ClientStateStore store = ClientStateStore.inMemory();

    @Test
    void theServersVectorAndTheClientsMemoryReachTheGradient() {
        RoundResult third;
        LocalObjectives objectives = LocalObjectives.of(new Drift()).rememberingIn(store);
        try (FederatedServer server = server(id -> objectives)) {
            third = server.run(Toy.start(), 3);
        }
        assertEquals(List.of("client-0 completed", "client-1 completed"), Toy.outcomes(third));
        // Gradient of the toy loss 0. A step of 1 by -(2 * vector + remembered): vector is (0, 0, round), remembered
        // 0, 1, 2 on every coordinate. First two coordinates: -(0 + 1 + 2). Third: -(2 * (1 + 2 + 3) + 0 + 1 + 2).
        assertEquals(Toy.weights(-3, -3, -15), third.state().weights());
        assertEquals(ComponentState.of("drift", 1).with("rounds", 3), store.read(new ClientId("client-0")));
        assertEquals(Map.of("asked", 3.0, "loss", 0.5), Toy.report(third).metrics());
    }

    @Test
    void aClientThatDoesNotKnowTheObjectiveFailsAndNothingRunsSilentlyWithoutIt() {
        LocalObjectives known = LocalObjectives.of(new Drift()).rememberingIn(store);
        try (FederatedServer server = server(id -> id.value().equals("client-0") ? known : LocalObjectives.of())) {
            RoundResult result = server.run(Toy.start(), 1);

            assertEquals(
                    List.of(
                            "client-0 completed",
                            "client-1 failed: org.fl4j.client.UnknownObjectiveException: client 'client-1', round 1: the"
                                    + " task asks for drift(scale=2.0) but this client knows [] and empirical-risk; give"
                                    + " the objective to LocalObjectives.of"),
                    Toy.outcomes(result));
        }
    }

    @Test
    void theBuildersObjectiveReachesTheClientsOfARuleWithoutOne() {
        ScriptedPopulation echo = ScriptedPopulation.of(1, Toy.moves(1, 0, 0));
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(echo.but(0, (self, task) -> {
                    assertEquals(DRIFT, task.objective());
                    return Toy.moves(1, 0, 0).train(self, task);
                }))
                .localTraining(Toy.TRAINING)
                .objective(DRIFT)
                .runner(InProcessRunner.of(1))
                .build()) {
            assertInstanceOf(RoundResult.Advanced.class, server.run(Toy.start(), 1));
        }
    }

    private FederatedServer server(Function<ClientId, LocalObjectives> objectives) {
        ModelPool<Still> models = ModelPool.of(Still::new);
        return FederatedServer.with(MeanRule.plain()
                        .minimising(DRIFT)
                        .sending(context -> Map.of("direction", Toy.delta(0, 0, context.round()))))
                .clients(ClientProvider.of(
                        ClientId.numbered("client-", 2),
                        id -> LocalClient.withObjectives(id, "data", models, objectives.apply(id))))
                .localTraining(LocalTraining.steps(1).withLearningRate(1))
                .clientStates(store)
                .runner(InProcessRunner.of(2))
                .build();
    }

    /** Adds a server's vector and its own memory to every gradient. */
    static final class Drift implements LocalObjective {

        @Override
        public String name() {
            return "drift";
        }

        @Override
        public Session begin(ObjectiveContext context) {
            TrainingTask task = context.task();
            ComponentState remembered = context.remembered();
            long rounds = remembered.isEmpty() ? 0 : remembered.longValue("rounds");
            ModelDelta vector = task.vectors().get("direction");
            double scale = task.objective().parameter("scale");
            ModelDelta constant = Toy.delta(
                    scale * vector.get(0) + rounds, scale * vector.get(1) + rounds, scale * vector.get(2) + rounds);
            return new Session() {
                @Override
                public GradientCorrection correction() {
                    return GradientCorrection.constant(constant);
                }

                @Override
                public Extras finish(LocalTrainingReport report, ModelDelta delta) {
                    return new Extras(
                            Map.of(), Map.of(), ComponentState.of("drift", 1).with("rounds", rounds + 1));
                }
            };
        }
    }

    /** A model whose loss is flat: only a correction moves it. */
    static final class Still implements GradientModel<String> {

        private ModelWeights weights = Toy.weights(0, 0, 0);

        @Override
        public ParameterLayout layout() {
            return Toy.LAYOUT;
        }

        @Override
        public ModelWeights weights() {
            return weights;
        }

        @Override
        public void load(ModelWeights other) {
            weights = other;
        }

        @Override
        public LocalTrainingReport train(String data, LocalTraining how, GradientCorrection correction, long seed) {
            weights = weights.plus(correction.constant().orElseThrow().times(-how.learningRate()));
            return new LocalTrainingReport(5, 1, OptionalDouble.of(how.learningRate()), 0.5);
        }

        @Override
        public Evaluation evaluate(String data) {
            return Evaluation.NONE;
        }
    }
}
