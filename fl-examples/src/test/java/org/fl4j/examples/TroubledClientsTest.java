package org.fl4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.mean.FedAvg;
import org.fl4j.aggregation.objective.FedDyn;
import org.fl4j.aggregation.objective.Scaffold;
import org.fl4j.aggregation.optimizer.FedAdam;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.InProcessRunner;
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
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.Collusion;
import org.fl4j.simulation.Latency;
import org.fl4j.simulation.Population;
import org.fl4j.simulation.Trouble;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
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

    private static final LocalTraining TRAINING = LocalTraining.steps(4).withLearningRate(0.05);

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
        assertNotEquals(run(rule.get(), call -> call.client().train(call.task()), "never", 8), after);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aResumedRunMeetsTheSameTrouble(Supplier<Aggregator> rule) {
        ServerState whole = run(rule.get(), Trouble.crashAfterTraining(), "whole", 8);
        run(rule.get(), Trouble.crashAfterTraining(), "halves", 3);

        assertEquals(whole, run(rule.get(), Trouble.crashAfterTraining(), "halves", 8));
    }

    /** Colluders train for each other, on whichever thread is first, also those that remember. */
    @ParameterizedTest
    @MethodSource("rules")
    void colludersThatRememberHaveTheSameBitsInEveryRun(Supplier<Aggregator> rule) {
        Set<ClientId> three = Set.of(new ClientId("client-1"), new ClientId("client-2"), new ClientId("client-6"));
        Trouble collusion = Trouble.seeded(2).colluding(three, Collusion.littleIsEnough(CLIENTS, 3));
        ServerState whole = run(rule.get(), collusion, "whole", 6, 1);
        run(rule.get(), collusion, "halves", 2, 8);

        assertEquals(whole, run(rule.get(), collusion, "halves", 6, 8));
    }

    /** A selector that learns over one that over-selects among some, an optimizer, files, and trouble in virtual time. */
    @Test
    void allAtOnceHasTheSameBitsOnAnyNumberOfThreadsAndAfterAResumeInEachRound() {
        ServerState whole = everything("whole", 1, 9);
        for (int round = 1; round < 9; round++) {
            everything("pieces", 1 + 7 * (round % 2), round);
        }

        assertEquals(whole, everything("pieces", 2, 9));
        assertTrue(
                whole.time().compareTo(Duration.ofMinutes(9)) > 0, whole.time().toString());
        assertNotEquals(ComponentState.EMPTY, whole.optimizer());
    }

    private ServerState everything(String name, int threads, int until) {
        ModelPool<SoftmaxRegression> models = models();
        try (ClientStateStore states =
                        ClientStateStore.inDirectory(folder.resolve(name).resolve("clients"));
                InProcessRunner runner = InProcessRunner.of(threads);
                FederatedServer server = FederatedServer.with(Scaffold.on(FedAvg.byExamples()))
                        .clients(Trouble.seeded(5)
                                .of(0.2, Trouble.crashAfterTraining())
                                .of(0.1, Trouble.nan())
                                .around(population().over(models, states)))
                        .selector(ClientSelector.uniform(4)
                                .among((round, client) -> (round + client.hashCode()) % 5 != 0)
                                .quarantining(1, 2))
                        .optimizer(FedAdam.withLearningRate(0.05))
                        .localTraining(TRAINING)
                        .policy(RoundPolicy.DEFAULT
                                .withOverSelection(0.5)
                                .withDeadline(Duration.ofMinutes(4))
                                .withMaxAbandoned(Integer.MAX_VALUE))
                        .runner(VirtualRunner.over(runner, Latency.pareto(Duration.ofMinutes(1), 1.2)))
                        .checkpoints(CheckpointStore.in(
                                folder.resolve(name).resolve("server"),
                                CheckpointStore.Retention.newest(2).andEvery(3)))
                        .build()) {
            return server.runUntil(until, ServerState.initial(models.initialWeights(), 7));
        }
    }

    private static Population population() {
        SyntheticFederation federation =
                SyntheticFederation.of(new SyntheticFederation.Spread(1, 1), 4).withMaxExamples(MOST_EXAMPLES);
        return Population.generated(CLIENTS, i -> federation.client(i).training());
    }

    private static ModelPool<SoftmaxRegression> models() {
        return ModelPool.of(() -> new SoftmaxRegression(SyntheticFederation.FEATURES, SyntheticFederation.CLASSES));
    }

    private ServerState run(Aggregator rule, Trouble.Fault fault, String name, int until) {
        return run(rule, Trouble.seeded(2).of(0.25, fault), name, until, 2);
    }

    private ServerState run(Aggregator rule, Trouble trouble, String name, int until, int threads) {
        ModelPool<SoftmaxRegression> models = models();
        ServerBuilder builder = rule instanceof SecureAggregator secure
                ? FederatedServer.with(secure)
                : FederatedServer.with((DirectAggregator) rule);
        try (ClientStateStore states =
                        ClientStateStore.inDirectory(folder.resolve(name).resolve("clients"));
                InProcessRunner runner = InProcessRunner.of(threads)) {
            ClientProvider clients = population().over(models, states);
            try (FederatedServer server = builder.clients(trouble.around(clients))
                    .runner(runner)
                    .localTraining(TRAINING)
                    .policy(RoundPolicy.DEFAULT.withMaxAbandoned(Integer.MAX_VALUE))
                    .checkpoints(CheckpointStore.in(folder.resolve(name).resolve("server")))
                    .build()) {
                return server.runUntil(until, ServerState.initial(models.initialWeights(), 7));
            }
        }
    }
}
