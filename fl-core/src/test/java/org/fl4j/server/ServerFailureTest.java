package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.ModelPool;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ClientStateStore;
import org.fl4j.testkit.InsecureForTests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What fails on a client's thread and is the server's breaks the round: it is not booked as a client's failure. */
class ServerFailureTest {

    private static final MeanRule DRIFTING = MeanRule.plain()
            .minimising(RuleObjectiveTest.DRIFT)
            .sending(context -> Map.of("direction", Toy.delta(0, 0, 1)));
    private static final MeanRule PRIVATE =
            DRIFTING.guardedBy((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger));

    @TempDir
    private Path root;

    /** Nothing can be staged where a file is in the folder's place. */
    @Test
    void aStoreThatCannotBeWrittenBreaksTheRound() throws IOException {
        for (ServerBuilder builder : rules()) {
            Path folder = Files.createTempDirectory(root, "states");
            try (ClientStateStore store = ClientStateStore.inDirectory(folder);
                    FederatedServer server = remembering(builder, store)) {
                Files.delete(folder.resolve("staged"));
                Files.createFile(folder.resolve("staged"));

                assertThrows(UncheckedIOException.class, () -> server.run(Toy.start(), 1));
            }
        }
    }

    @Test
    void aStoreThatCannotBeReadBreaksTheRound() throws IOException {
        for (ServerBuilder builder : rules()) {
            Path folder = Files.createTempDirectory(root, "states");
            try (ClientStateStore store = ClientStateStore.inDirectory(folder);
                    FederatedServer server = remembering(builder, store)) {
                ServerState first = server.run(Toy.start(), 1).state();
                Files.write(aClientsState(folder), new byte[] {1});

                assertThrows(CorruptDataException.class, () -> server.run(first, 1));
            }
        }
    }

    /** The rule looks at each update on the client's thread. */
    @Test
    void aBugOfTheRuleBreaksTheRound() {
        RuntimeException bug = new IllegalStateException("a bug of the rule");
        LinearAggregator rule = new WithABug(bug, Optional.empty());
        for (ServerBuilder builder :
                List.of(FederatedServer.with(rule), FederatedServer.with(InsecureForTests.on(rule, 1)))) {
            try (FederatedServer server = builder.clients(oneOfTwoExamples())
                    .localTraining(Toy.TRAINING)
                    .runner(InProcessRunner.of(1))
                    .build()) {
                assertSame(bug, assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 1)));
            }
        }
    }

    /** Whether it throws depends on one client's data: an end of the run would show them. */
    @Test
    void underAPrivateRuleAFailureOfTheRuleRejectsTheUpdate() {
        LinearAggregator rule = new WithABug(
                new IllegalStateException("a bug of the rule"),
                Optional.of((context, ledger) -> new PrivacyBudgetGuard.Granted(ledger)));
        for (ServerBuilder builder :
                List.of(FederatedServer.with(rule), FederatedServer.with(InsecureForTests.on(rule, 1)))) {
            try (CapturedLog log = CapturedLog.of(FederatedServer.class);
                    FederatedServer server = builder.clients(oneOfTwoExamples())
                            .localTraining(Toy.TRAINING)
                            .runner(InProcessRunner.of(1))
                            .build()) {
                RoundResult result = server.run(Toy.start(), 1);

                assertInstanceOf(RoundResult.Advanced.class, result);
                assertEquals(Toy.weights(1, 0, 0), result.state().weights());
                assertEquals(List.of(), log.warnings());
            }
        }
    }

    /** It would be booked anew by each attempt to go on. */
    @Test
    void aStoreThatCannotBeginARoundFailsBeforeTheRoundIsBooked() throws IOException {
        AtomicInteger booked = new AtomicInteger();
        MeanRule counts = DRIFTING.guardedBy((context, ledger) -> {
            booked.incrementAndGet();
            return new PrivacyBudgetGuard.Granted(ledger);
        });
        try (ClientStateStore store = ClientStateStore.inDirectory(root);
                FederatedServer server = remembering(FederatedServer.with(counts), store)) {
            Files.delete(root.resolve("states"));
            Files.createFile(root.resolve("states"));

            assertThrows(UncheckedIOException.class, () -> server.run(Toy.start(), 1));
            assertEquals(0, booked.get());
        }
    }

    /** The first client moves elsewhere, with an example more. */
    private static ScriptedPopulation oneOfTwoExamples() {
        return ScriptedPopulation.of(2, Toy.moves(1, 0, 0))
                .but(0, (self, task) -> ClientUpdate.of(self, task, Toy.delta(5, 0, 0), 2));
    }

    /** A protocol's server makes its messages on the clients' threads. */
    @Test
    void aBugOfTheProtocolBreaksTheRound() {
        RuntimeException bug = new IllegalStateException("a bug of the protocol");
        WatchedSecure rule = WatchedSecure.of(InsecureForTests.on(MeanRule.plain(), 1))
                .withStages(stage -> WatchedSecure.withoutMessages(bug, stage));
        try (FederatedServer server = FederatedServer.with(rule)
                .clients(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            assertSame(bug, assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 1)));
        }
    }

    @Test
    void aClientsFailureOfTheSameTypeIsAnOutcome() {
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(2, Toy.moves(1, 0, 0)).but(0, (self, task) -> {
                    throw new UncheckedIOException(new IOException("its own disk"));
                }))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            assertInstanceOf(RoundResult.Advanced.class, server.run(Toy.start(), 1));
        }
    }

    private static List<ServerBuilder> rules() {
        return List.of(
                FederatedServer.with(DRIFTING),
                FederatedServer.with(PRIVATE),
                FederatedServer.with(InsecureForTests.on(DRIFTING, 1)));
    }

    private static FederatedServer remembering(ServerBuilder builder, ClientStateStore store) {
        ModelPool<RuleObjectiveTest.Still> models = ModelPool.of(RuleObjectiveTest.Still::new);
        return builder.clients(ClientProvider.local(ClientId.numbered("client-", 2), id -> "data", models)
                        .withObjective(new RuleObjectiveTest.Drift())
                        .rememberingIn(store))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build();
    }

    private static Path aClientsState(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("states"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("round-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** A mean whose look at an update of two examples fails. */
    private record WithABug(RuntimeException bug, Optional<PrivacyBudgetGuard> guard) implements LinearAggregator {

        @Override
        public LinearRound begin(RoundContext context) {
            LinearRound mean = MeanRule.plain().begin(context);
            return LinearRound.of(mean.segments(), encoder(mean.encoder()), mean::decode);
        }

        private UpdateEncoder encoder(UpdateEncoder mean) {
            return update -> {
                if (update.numExamples() == 2) {
                    throw bug;
                }
                return mean.encode(update);
            };
        }
    }
}
