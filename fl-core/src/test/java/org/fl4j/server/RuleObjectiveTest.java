package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.LocalClient;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.Evaluation;
import org.fl4j.model.GradientModel;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.ServerState;
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
class RuleObjectiveTest {

    static final ObjectiveSpec DRIFT = ObjectiveSpec.of("drift", "scale", 2);

    private static final List<ClientId> IDS = List.copyOf(ClientId.numbered("client-", 2));

    private final ClientStateStore store = ClientStateStore.inMemory();
    private final ModelPool<Still> models = ModelPool.of(Still::new);

    @Test
    void theServersVectorAndTheClientsMemoryReachTheGradient() {
        RoundResult third;
        try (FederatedServer server = server(clients().rememberingIn(store))) {
            third = server.run(Toy.start(), 3);
        }
        assertEquals(List.of("client-0 completed", "client-1 completed"), Toy.outcomes(third));
        // Gradient of the toy loss 0. A step of 1 by -(2 * vector + remembered): vector is (0, 0, round), remembered
        // 0, 1, 2 on every coordinate. First two coordinates: -(0 + 1 + 2). Third: -(2 * (1 + 2 + 3) + 0 + 1 + 2).
        assertEquals(Toy.weights(-3, -3, -15), third.state().weights());
        assertEquals(ComponentState.of("drift", 1).with("rounds", 3), store.read(new ClientId("client-0")));
        assertEquals(Map.of("asked", 3.0, "loss", 0.5), Toy.report(third).metrics());
    }

    /** The store on the heap that clients have unless given another. */
    @Test
    void consecutiveRunsMayUseTheSameClients() {
        ClientProvider clients = ClientProvider.local(IDS, id -> "data", models);
        ServerState six = run(clients, Toy.start(), 6);
        ServerState three = run(clients, Toy.start(), 3);

        assertEquals(six, run(clients, three, 3), "a run goes on where its memory is");
        ServerState other = run(clients, Toy.start(), 1);
        assertTrue(assertThrows(IllegalStateException.class, () -> run(clients, three, 1))
                .getMessage()
                .startsWith("the client state store in memory belongs to run " + other.run()));
    }

    private static ServerState run(ClientProvider clients, ServerState from, int rounds) {
        try (FederatedServer server = server(clients)) {
            return server.run(from, rounds).state();
        }
    }

    @Test
    void aClientThatDoesNotKnowTheObjectiveFails() {
        ClientProvider known = clients().rememberingIn(store);
        ClientProvider mixed = ClientProvider.of(
                IDS, id -> id.equals(IDS.get(0)) ? known.client(id) : LocalClient.of(id, "data", models));
        try (FederatedServer server = server(mixed.rememberingIn(store))) {
            RoundResult result = server.run(Toy.start(), 1);

            assertEquals(
                    List.of(
                            "client-0 completed",
                            "client-1 failed: org.fl4j.client.ObjectiveSpec$UnknownException: client 'client-1', round 1: the"
                                    + " objective drift(scale=2.0) remembers from round to round but this client has no"
                                    + " store for that; use Population.over or ClientProvider.local in the server's JVM,"
                                    + " LocalClient.rememberingIn elsewhere"),
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

    private ClientProvider clients() {
        return ClientProvider.local(IDS, id -> "data", models).withObjective(new Drift());
    }

    private static FederatedServer server(ClientProvider clients) {
        return FederatedServer.with(MeanRule.plain()
                        .minimising(DRIFT, new Drift())
                        .sending(context -> Map.of("direction", Toy.delta(0, 0, context.round()))))
                .clients(clients)
                .localTraining(LocalTraining.steps(1).withLearningRate(1))
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
        public boolean remembers() {
            return true;
        }

        @Override
        public Session begin(LocalObjective.Context context) {
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
                public Extras finish(LocalTraining.Report report, ModelDelta delta) {
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
        public LocalTraining.Report train(String data, LocalTraining how, GradientCorrection correction, long seed) {
            weights = weights.plus(correction.constant().orElseThrow().times(-how.learningRate()));
            return new LocalTraining.Report(5, 1, OptionalDouble.of(how.learningRate()), 0.5);
        }

        @Override
        public Evaluation evaluate(String data) {
            return Evaluation.NONE;
        }
    }
}
