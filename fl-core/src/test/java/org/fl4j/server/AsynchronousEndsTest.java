package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.fl4j.ClientId;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.model.Evaluation;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.evaluation.FederatedEvaluation;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.simulation.VirtualRunner;
import org.fl4j.weights.ModelDelta;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How asynchronous rounds end: hung clients, rules that fail or reject, servers that are closed. */
@Timeout(60)
class AsynchronousEndsTest extends AsynchronousFixture {

    @TempDir
    private Path folder;

    @Test
    void aRunnerWithoutStreamsIsRejectedWhenBuilt() {
        ClientRunner plain = new ClientRunner() {
            @Override
            public <R> void run(
                    List<ClientId> cohort, Work<R> work, Limits limits, Consumer<? super ClientOutcome<R>> sink) {
                throw new AssertionError("not called");
            }

            @Override
            public String toString() {
                return "far";
            }
        };

        assertEquals(
                "asynchronous rounds reject the runner: far has no asynchronous rounds; use an InProcessRunner, or a"
                        + " VirtualRunner over any other",
                assertThrows(
                                IllegalStateException.class,
                                () -> asynchronous(20, AsynchronousRounds.fedBuff(5, 2))
                                        .runner(plain)
                                        .build())
                        .getMessage());
        asynchronous(20, AsynchronousRounds.fedBuff(5, 2))
                .runner(VirtualRunner.over(plain, HEAVY))
                .build()
                .close();
    }

    /** Clients that hang for good are the reason, in every round, and they end the run. */
    @Test
    void hungClientsAreNamedAndEndTheRun() {
        CountDownLatch letGo = new CountDownLatch(1);
        try (InProcessRunner threads = InProcessRunner.of(4);
                FederatedServer server = builder(4)
                        .clients(ScriptedPopulation.of(4, (self, task) -> hang(letGo)))
                        .runner(threads)
                        .policy(RoundPolicy.DEFAULT
                                .withDeadline(Duration.ofMillis(30))
                                .withMaxAbandoned(3))
                        .listeners(hears())
                        .asynchronous(AsynchronousRounds.fedBuff(4, 2))
                        .build()) {
            assertThrows(FederatedServer.RunAbandonedException.class, () -> server.run(Toy.start(), 1_000));
        } finally {
            letGo.countDown();
        }

        assertEquals(3, heard.size());
        assertEquals(
                List.of(
                        "client-0 busy since round 1",
                        "client-1 busy since round 1",
                        "client-2 busy since round 1",
                        "client-3 busy since round 1"),
                Toy.outcomes(heard.get(2)));
    }

    /** The budget knows of four rounds; the reason says nothing of who hangs. */
    @Test
    void ofAPrivateRuleHungClientsAreNotNamed() {
        CountDownLatch letGo = new CountDownLatch(1);
        PrivacyBudgetGuard always = (context, ledger) -> new PrivacyBudgetGuard.Granted(ledger);
        try (InProcessRunner threads = InProcessRunner.of(4);
                FederatedServer server = FederatedServer.with(MeanRule.plain().guardedBy(always))
                        .clients(ScriptedPopulation.of(4, (self, task) -> hang(letGo)))
                        .localTraining(Toy.TRAINING)
                        .runner(threads)
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMillis(30)))
                        .asynchronous(AsynchronousRounds.fedBuff(4, 2))
                        .build()) {
            RoundResult end = server.run(Toy.start(), 4);

            assertEquals(
                    "round 4: no client is at work and the selector chose none, with 0 of 2 updates",
                    assertInstanceOf(RoundResult.Abandoned.class, end).reason());
            assertEquals(List.of(), Toy.report(end).outcomes());
        } finally {
            letGo.countDown();
        }
    }

    /** One that hangs is not called again; that it is at work is worth a warning once it is too stale to be waited for. */
    @Test
    void aHungClientIsPassedOver() {
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch letGo = new CountDownLatch(1);
        try (CapturedLog log = CapturedLog.of(FederatedServer.class);
                InProcessRunner threads = InProcessRunner.of(3);
                FederatedServer server = builder(3)
                        .clients(ScriptedPopulation.of(3, (self, task) -> {
                                    atWork.await();
                                    return Toy.wanders(self, task);
                                })
                                .but(0, (self, task) -> {
                                    atWork.countDown();
                                    return hang(letGo);
                                }))
                        .runner(threads)
                        .listeners(hears())
                        .asynchronous(AsynchronousRounds.fedBuff(3, 1).withMaxStaleness(5))
                        .build()) {
            server.run(Toy.start(), 20);

            List<String> ofHung = heard.stream()
                    .filter(result -> Toy.report(result).outcomes().stream()
                            .anyMatch(outcome -> outcome.client().value().equals("client-0")))
                    .map(result -> Toy.report(result).round() + ": "
                            + Toy.report(result).outcomes().get(1))
                    .toList();
            assertEquals(List.of("6: Stale[client=client-0, staleness=6]"), ofHung);
            assertEquals(
                    List.of(
                            "round 6: clients that are still at work on earlier rounds: 1; until it returns, each that blocks"
                                    + " holds a thread, and a model if it borrowed one"),
                    log.warnings());
        } finally {
            letGo.countDown();
        }
    }

    @Test
    void aRunThatEndsLetsGoOfItsTasks() throws Exception {
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        try (InProcessRunner threads = InProcessRunner.of(2);
                FederatedServer server = builder(2)
                        .clients(ScriptedPopulation.of(2, (self, task) -> {
                                    atWork.await();
                                    return Toy.wanders(self, task);
                                })
                                .but(0, (self, task) -> {
                                    atWork.countDown();
                                    try {
                                        new CountDownLatch(1).await();
                                    } catch (InterruptedException e) {
                                        interrupted.countDown();
                                    }
                                    throw new IOException("let go");
                                }))
                        .runner(threads)
                        .asynchronous(AsynchronousRounds.fedBuff(2, 1))
                        .build()) {
            RoundResult end = server.run(Toy.start(), 3);

            assertEquals(1, end.state().underWay().tasks().size());
            assertTrue(interrupted.await(10, TimeUnit.SECONDS));
        }
    }

    private static ClientUpdate hang(CountDownLatch letGo) throws IOException {
        while (true) {
            try {
                letGo.await();
                throw new IOException("too late");
            } catch (InterruptedException e) {
                // Goes on.
            }
        }
    }

    /** A listener ends the run; its state goes on, on the real clock as well, where tasks are sent out again. */
    @Test
    void aRunThatAListenerEndsGoesOnFromItsState() {
        ServerBuilder builder = asynchronous(20, AsynchronousRounds.fedBuff(8, 3));
        ServerState end = run(builder, HEAVY, Toy.start(), 9);
        ServerState third = run(
                asynchronous(20, AsynchronousRounds.fedBuff(8, 3)).listeners(new RoundListener() {
                    @Override
                    public boolean endsRunAfter(RoundResult result) {
                        return result.state().round() == 3;
                    }
                }),
                HEAVY,
                Toy.start(),
                9);
        assertEquals(3, third.round());
        assertEquals(end, run(builder, HEAVY, third, 6));

        heard.clear();
        try (FederatedServer real = asynchronous(20, AsynchronousRounds.fedBuff(8, 3))
                .runner(InProcessRunner.of(2))
                .listeners(hears())
                .build()) {
            ServerState after = real.run(third, 3).state();
            assertEquals(third.time(), after.time());
            // And again on the same server, whose clients may still be at work.
            assertEquals(9, real.run(after, 3).state().round());
        }
        assertTrue(heard.stream().allMatch(RoundResult.Advanced.class::isInstance));
        assertEquals(Duration.ZERO, Toy.start().time());
    }

    /** The rule's own failure ends the run with its exception, and leaves no task at work. */
    @Test
    void aRuleThatFailsEndsTheRun() {
        IllegalStateException ours = new IllegalStateException("the rule's disk is full");
        DirectAggregator rule = context -> () -> new Aggregation() {
            @Override
            public void add(int position, ClientUpdate update) {
                throw ours;
            }

            @Override
            public Result finish() {
                return Result.of(ModelDelta.zero(Toy.LAYOUT));
            }
        };
        try (InProcessRunner inner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(rule)
                        .clients(ScriptedPopulation.of(10, Toy::wanders))
                        .localTraining(Toy.TRAINING)
                        .selector(ClientSelector.uniform(5))
                        .runner(inner)
                        .asynchronous(AsynchronousRounds.fedBuff(5, 2))
                        .build()) {
            assertEquals(ours, assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 2)));
        }
    }

    /** On either way through a buffer: a refused update fills no slot, a shortfall abandons, vectors have no cohort to go to. */
    /** One whose aggregation would take what it rejects. */
    @Test
    void aDirectRuleIsAskedBeforeItIsGivenAnUpdate() {
        DirectAggregator rule = context -> () -> {
            Aggregation mean = MeanRule.plain().begin(context).aggregation();
            return new Aggregation() {
                @Override
                public Optional<String> refusal(ClientUpdate update) {
                    return update.client().value().endsWith("3") ? Optional.of("not of client 3") : Optional.empty();
                }

                @Override
                public void add(int position, ClientUpdate update) {
                    mean.add(position, update);
                }

                @Override
                public Result finish() {
                    return mean.finish();
                }
            };
        };
        run(
                builder(rule, 10).selector(ClientSelector.all()).asynchronous(AsynchronousRounds.fedBuff(10, 9)),
                NONE,
                Toy.start(),
                1);

        assertEquals(
                List.of("client-3 rejected: client 'client-3', round 1: not of client 3"),
                Toy.outcomes(heard.get(0)).stream()
                        .filter(words -> words.contains("rejected"))
                        .toList());
    }

    @Test
    void theRuleRejectsUpdatesAndRounds() {
        for (DirectAggregator rule : List.of(
                MeanRule.plain().rejectingAbove(50),
                Toy.unlinear(MeanRule.plain().rejectingAbove(50)))) {
            heard.clear();
            run(builder(rule, 30).asynchronous(AsynchronousRounds.fedBuff(10, 3)), HEAVY, Toy.start(), 5);
            List<String> outcomes = heard.stream()
                    .flatMap(result -> Toy.outcomes(result).stream())
                    .toList();
            assertEquals(
                    15,
                    outcomes.stream()
                            .filter(words -> words.endsWith("completed"))
                            .count());
            assertTrue(
                    outcomes.stream().anyMatch(words -> words.contains("examples are more than 50")),
                    outcomes::toString);
        }
        heard.clear();
        run(
                builder(Toy.unlinear(MeanRule.plain()), 30).asynchronous(AsynchronousRounds.fedBuff(10, 1)),
                HEAVY,
                Toy.start(),
                1);
        assertEquals(
                "round 1: one update has no median",
                assertInstanceOf(RoundResult.Abandoned.class, heard.get(0)).reason());
        assertTrue(assertThrows(
                        IllegalStateException.class,
                        () -> run(
                                builder(MeanRule.plain().sending(context -> Map.of("v", Toy.delta(1, 1, 1))), 30)
                                        .asynchronous(AsynchronousRounds.fedBuff(10, 3)),
                                HEAVY,
                                Toy.start(),
                                1))
                .getMessage()
                .endsWith(
                        "sends clients [v] beside the weights, of one round for all of a cohort; asynchronous rounds have no"
                                + " such cohort"));
    }

    /** Closed while all are at work, a server on the host's runner ends its run; the state before is on disk. */
    @Test
    void closingTheServerEndsARun() throws Exception {
        CountDownLatch atWork = new CountDownLatch(3);
        CheckpointStore store = CheckpointStore.in(folder.resolve("closed"));
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        try (InProcessRunner threads = InProcessRunner.of(3)) {
            FederatedServer server = builder(6)
                    .clients(ScriptedPopulation.of(6, (self, task) -> {
                        if (task.round() == 1) {
                            return Toy.wanders(self, task);
                        }
                        atWork.countDown();
                        Thread.sleep(60_000);
                        throw new IOException("not reached");
                    }))
                    .selector(ClientSelector.uniform(3))
                    .runner(threads)
                    .checkpoints(store)
                    .asynchronous(AsynchronousRounds.fedBuff(3, 3).selectingPerRelease())
                    .build();
            Thread run = new Thread(() -> {
                try {
                    server.run(Toy.start(), 5);
                } catch (RuntimeException e) {
                    thrown.set(e);
                }
            });
            run.start();
            atWork.await();
            server.close();
            run.join(10_000);
            assertEquals("the server was closed during a run", thrown.get().getMessage());
            assertEquals(1, store.latest().orElseThrow().round());
        }
    }

    /** Between rounds, a client that is at work is not evaluated, and goes on with its task. */
    @Test
    void evaluationBetweenRoundsPassesOverClientsAtWork() {
        CountDownLatch atWork = new CountDownLatch(1);
        CountDownLatch evaluated = new CountDownLatch(1);
        List<Long> examples = new ArrayList<>();
        ScriptedPopulation clients = ScriptedPopulation.of(6, (self, task) -> {
                    atWork.await();
                    return Toy.wanders(self, task);
                })
                .but(0, (self, task) -> {
                    atWork.countDown();
                    evaluated.await();
                    return Toy.wanders(self, task);
                })
                .judgedBy((self, task) -> new Evaluation(1, 1, List.of()));
        try (InProcessRunner threads = InProcessRunner.of(4);
                FederatedServer server = builder(6)
                        .clients(clients)
                        .selector(ClientSelector.roundRobin(2))
                        .runner(threads)
                        .listeners(
                                FederatedEvaluation.every(1, clients, threads, (round, sum) -> {
                                    examples.add(sum.examples());
                                    evaluated.countDown();
                                }),
                                hears())
                        .asynchronous(AsynchronousRounds.fedBuff(2, 1))
                        .build()) {
            assertEquals(10, server.run(Toy.start(), 10).state().round());
        }
        assertEquals(5, examples.get(examples.size() - 10));
        assertTrue(
                heard.stream().flatMap(result -> Toy.outcomes(result).stream()).anyMatch("client-0 completed"::equals));
    }
}
