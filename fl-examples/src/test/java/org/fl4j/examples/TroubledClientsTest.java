package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.FedDyn;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.client.ClientProvider;
import org.fl4j.data.SyntheticFederation;
import org.fl4j.model.LocalTraining;
import org.fl4j.model.ModelPool;
import org.fl4j.privacy.secagg.FixedPoint;
import org.fl4j.privacy.secagg.SecureSum;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.FederatedServer;
import org.fl4j.server.RoundPolicy;
import org.fl4j.server.ServerBuilder;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.Trouble;
import org.fl4j.state.ClientStateStore;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that remember and crash. One that crashes after training has staged what it remembers of it; had that been kept, the
 * next rounds would differ from those of clients that crash before.
 */
class TroubledClientsTest {

    private static final int CLIENTS = 8;
    private static final int MOST_EXAMPLES = 40;
    private static final FixedPoint NUMBERS =
            FixedPoint.within(4).resolution(0x1p-20).weighingAtMost(MOST_EXAMPLES);

    @TempDir
    private Path folder;

    static Stream<Named<Supplier<Aggregator>>> rules() {
        return Stream.of(
                Named.of("SCAFFOLD", () -> Scaffold.on(FedAvg.byExamples())),
                Named.of("FedDyn", () -> FedDyn.of(0.1)),
                Named.of(
                        "SCAFFOLD under masks",
                        () -> SecureSum.on(Scaffold.on(FedAvg.byExamples()), NUMBERS.segment("control", NUMBERS))));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void whatACrashedClientRemembersIsDropped(Supplier<Aggregator> rule) {
        ServerState after = run(rule.get(), Trouble.crashAfterTraining(), "after", 8);

        assertEquals(run(rule.get(), Trouble.crash(), "before", 8), after);
        assertNotEquals(run(rule.get(), (client, task, random) -> client.train(task), "never", 8), after);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aResumedRunMeetsTheSameTrouble(Supplier<Aggregator> rule) {
        ServerState whole = run(rule.get(), Trouble.crashAfterTraining(), "whole", 8);
        run(rule.get(), Trouble.crashAfterTraining(), "halves", 3);

        assertEquals(whole, run(rule.get(), Trouble.crashAfterTraining(), "halves", 8));
    }

    private ServerState run(Aggregator rule, Trouble.Fault fault, String name, int until) {
        SyntheticFederation federation =
                SyntheticFederation.of(new SyntheticFederation.Spread(1, 1), 4).withMaxExamples(MOST_EXAMPLES);
        ModelPool<SoftmaxRegression> models =
                ModelPool.of(() -> new SoftmaxRegression(SyntheticFederation.FEATURES, SyntheticFederation.CLASSES));
        ServerBuilder builder = rule instanceof SecureAggregator secure
                ? FederatedServer.with(secure)
                : FederatedServer.with((DirectAggregator) rule);
        try (ClientStateStore states =
                ClientStateStore.inDirectory(folder.resolve(name).resolve("clients"))) {
            ClientProvider clients = Population.generated(
                            CLIENTS, i -> federation.client(i).training())
                    .over(models, states);
            try (FederatedServer server = builder.clients(
                            Trouble.seeded(2).of(0.25, fault).around(clients))
                    .localTraining(LocalTraining.steps(4).withLearningRate(0.05))
                    .policy(RoundPolicy.DEFAULT.withMaxAbandoned(Integer.MAX_VALUE))
                    .checkpoints(CheckpointStore.in(folder.resolve(name).resolve("server")))
                    .build()) {
                return server.runUntil(until, ServerState.initial(models.initialWeights(), 7));
            }
        }
    }
}
