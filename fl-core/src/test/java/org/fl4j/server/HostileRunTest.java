package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Clients that never return, and ends of a run at any moment. */
@Timeout(60)
class HostileRunTest {

    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void letHungClientsReturn() {
        release.countDown();
    }

    /** Six of twenty, two of them at the processor's expense. */
    @Test
    void clientsThatHangForeverCostTheirThreadsAndNoRound() {
        int[] abandoned = {0};
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(20, (self, task) -> {
                            int number = Integer.parseInt(self.value().substring("client-".length()));
                            return number % 10 < 3 ? hang(self, task, number % 10 == 0) : Toy.wanders(self, task);
                        }))
                        .selector(ClientSelector.uniform(10))
                        .localTraining(Toy.TRAINING)
                        .runner(runner.withWindow(20))
                        .policy(RoundPolicy.DEFAULT.withDeadline(Duration.ofMillis(500)))
                        .listeners(new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                abandoned[0] = Math.max(abandoned[0], runner.abandoned());
                            }
                        })
                        .build()) {
            assertEquals(200, server.run(Toy.start(), 200).state().round());
            assertEquals(6, abandoned[0]);
            assertEquals(6, runner.abandoned());
        }
    }

    /** Ever others hang, a third of each cohort. */
    @Test
    void aRunWithoutThreadsEndsAndSaysWhy() {
        try (InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = FederatedServer.with(MeanRule.plain())
                        .clients(ScriptedPopulation.of(
                                2000,
                                (self, task) -> Math.floorMod(self.value().hashCode(), 10) < 3
                                        ? hang(self, task, false)
                                        : Toy.wanders(self, task)))
                        .selector(ClientSelector.uniform(40))
                        .localTraining(Toy.TRAINING)
                        .runner(runner.withWindow(40))
                        .policy(RoundPolicy.DEFAULT
                                .withDeadline(Duration.ofMillis(200))
                                .withMaxAbandoned(1000))
                        .build()) {
            assertEquals(
                    "every thread of this runner is held by a client that did not return when it was interrupted; give clients"
                            + " time limits of their own",
                    assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 200))
                            .getMessage());
            assertEquals(2 + InProcessRunner.MOST_ABANDONED, runner.abandoned());
        }
    }

    enum End {
        INTERRUPT,
        CLOSE
    }

    /** Fifty ends of one run, each continued from what the one before left. */
    @ParameterizedTest
    @EnumSource
    void aRunThatEndsAtAnyMomentIsResumedToTheSameBits(End how, @TempDir Path folder) throws Exception {
        DeterministicRandom random = new DeterministicRandom(3);
        CheckpointStore store = CheckpointStore.in(folder.resolve("server"));
        Set<String> ends = new TreeSet<>();
        for (int i = 0; i < 50; i++) {
            long delay = (long) (random.nextDouble() * 5e7);
            ends.add(end(how, delay, store, folder.resolve("clients")));
        }
        ServerState end = store.latest().orElseThrow();
        assertTrue(end.round() >= 3, () -> "only " + end.round() + " rounds");
        assertEquals(RememberingRun.undisturbed(end.round()), end);
        ends.remove("java.lang.IllegalStateException: the server is closed; build another");
        assertEquals(
                Set.of(
                        how == End.INTERRUPT
                                ? "org.fl4j.RunInterruptedException"
                                : "java.lang.IllegalStateException: the server was closed during a run"),
                ends);
    }

    /** A round that will not be played must not be charged. */
    @ParameterizedTest
    @EnumSource
    void anEndInAListenerChargesNoFurtherRound(End how) {
        AtomicInteger charged = new AtomicInteger();
        AtomicReference<FederatedServer> itself = new AtomicReference<>();
        try (CapturedLog log = CapturedLog.of(FederatedServer.class);
                FederatedServer server = FederatedServer.with(MeanRule.plain().guardedBy((context, ledger) -> {
                            charged.incrementAndGet();
                            return new PrivacyBudgetGuard.Granted(ledger);
                        }))
                        .clients(ScriptedPopulation.of(3, Toy::wanders))
                        .localTraining(Toy.TRAINING)
                        .listeners(new RoundListener() {
                            @Override
                            public void roundEnded(RoundResult result) {
                                if (how == End.CLOSE) {
                                    itself.get().close();
                                } else {
                                    Thread.currentThread().interrupt();
                                }
                                throw new RunInterruptedException("as an evaluation would");
                            }
                        })
                        .build()) {
            itself.set(server);
            Class<? extends RuntimeException> expected =
                    how == End.CLOSE ? IllegalStateException.class : RunInterruptedException.class;
            assertThrows(expected, () -> server.run(Toy.start(), 9));
            assertEquals(how == End.INTERRUPT, Thread.interrupted());
            assertEquals(List.of(), log.warnings());
        }
        assertEquals(1, charged.get());
    }

    @SuppressWarnings("try") // that it is closed in its midst is the test
    private static String end(End how, long nanos, CheckpointStore store, Path folder) throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        AtomicBoolean flag = new AtomicBoolean();
        CountDownLatch begins = new CountDownLatch(1);
        try (ClientStateStore states = ClientStateStore.inDirectory(folder);
                InProcessRunner runner = InProcessRunner.of(2);
                FederatedServer server = RememberingRun.builder(states)
                        .checkpoints(store)
                        .runner(runner)
                        .build()) {
            Thread run = new Thread(() -> {
                begins.countDown();
                try {
                    server.runUntil(1_000_000, Toy.start());
                } catch (Throwable t) {
                    thrown.set(t);
                }
                flag.set(Thread.currentThread().isInterrupted());
            });
            run.start();
            begins.await();
            TimeUnit.NANOSECONDS.sleep(nanos);
            if (how == End.INTERRUPT) {
                run.interrupt();
            } else {
                server.close();
            }
            run.join(5000);
            assertFalse(run.isAlive(), "it goes on");
            assertEquals(how == End.INTERRUPT, flag.get(), "an interrupt is kept, a close is no interrupt");
        }
        Throwable t = thrown.get();
        if (t instanceof RunInterruptedException) {
            return RunInterruptedException.class.getName();
        }
        return String.valueOf(t);
    }

    private ClientUpdate hang(ClientId self, TrainingTask task, boolean busily) {
        while (release.getCount() > 0) {
            if (busily) {
                Thread.onSpinWait();
            } else {
                awaitDeaf();
            }
        }
        return Toy.wanders(self, task);
    }

    private void awaitDeaf() {
        try {
            release.await();
        } catch (InterruptedException e) {
            awaitDeaf();
        }
    }
}
