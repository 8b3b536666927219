package org.fl4j.server;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;

/** Five clients whose updates depend on what they remember: lost or foreign client states show in the weights. */
final class RememberingRun {

    static final List<ClientId> CLIENTS = ClientId.numbered("client-", 5);

    private RememberingRun() {}

    /** Rounds of two clients each. */
    static ServerState run(ClientStateStore states, CheckpointStore checkpoints, ServerState from, int rounds) {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server =
                        builder(states).checkpoints(checkpoints).runner(runner).build()) {
            return server.run(from, rounds).state();
        }
    }

    static ServerBuilder builder(ClientStateStore states) {
        return builder(states, clients -> clients);
    }

    static ServerBuilder builder(ClientStateStore states, UnaryOperator<ClientProvider> change) {
        ModelPool<RuleObjectiveTest.Still> models = ModelPool.of(RuleObjectiveTest.Still::new);
        return FederatedServer.with(MeanRule.plain()
                        .minimising(RuleObjectiveTest.DRIFT, new RuleObjectiveTest.Drift())
                        .sending(context -> Map.of("direction", Toy.delta(0, 0, context.round()))))
                .clients(change.apply(
                        ClientProvider.local(CLIENTS, id -> "data", models).rememberingIn(states)))
                .localTraining(LocalTraining.steps(1).withLearningRate(0.1))
                .selector(ClientSelector.uniform(2));
    }

    /** Undisturbed, from {@link Toy#start}. */
    static ServerState undisturbed(int rounds) {
        try (ClientStateStore states = ClientStateStore.inMemory();
                InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = builder(states).runner(runner).build()) {
            return server.run(Toy.start(), rounds).state();
        }
    }
}
