package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundListener;
import org.fl4j.server.report.RoundResult;
import org.fl4j.state.ClientStateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How a run ends before its last round. */
@Timeout(60)
class EndOfRunTest {

    @Test
    void aListenerCanEndTheRun() {
        RoundListener enough = new RoundListener() {
            @Override
            public boolean endsRunAfter(RoundResult result) {
                return result.state().round() == 3;
            }
        };
        try (FederatedServer server = server(Toy::wanders).listeners(enough).build();
                FederatedServer plain = server(Toy::wanders).build()) {
            ServerState end = server.run(Toy.start(), 10).state();
            assertEquals(3, end.round());
            assertEquals(plain.run(Toy.start(), 3).state(), end);
        }
    }

    @Test
    void aListenersErrorDoesNotHideWhyTheCheckpointFailed() {
        RuntimeException full = new IllegalStateException("the disk is full");
        Error broken = new AssertionError("a listener");
        CheckpointStore failing = new CheckpointStore() {
            @Override
            public void save(ServerState state) {
                if (state.round() > 0) {
                    throw full;
                }
            }

            @Override
            public Optional<ServerState> latest() {
                return Optional.empty();
            }
        };
        RoundListener listener = new RoundListener() {
            @Override
            public void roundEnded(RoundResult result) {
                throw broken;
            }
        };
        try (FederatedServer server =
                server(Toy::wanders).checkpoints(failing).listeners(listener).build()) {
            assertSame(full, assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 1)));
        }
        assertEquals(List.of(broken), List.of(full.getSuppressed()));
    }

    @Test
    void closingTheServerEndsARunOnTheHostsRunner() throws InterruptedException {
        CountDownLatch training = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (InProcessRunner hosts = InProcessRunner.of(1)) {
            FederatedServer server = server((self, task) -> {
                        training.countDown();
                        never.await();
                        return Toy.wanders(self, task);
                    })
                    .runner(hosts)
                    .build();
            Future<Boolean> run = thread.submit(() -> {
                IllegalStateException closed =
                        assertThrows(IllegalStateException.class, () -> server.run(Toy.start(), 1));
                assertEquals("the server was closed during a run", closed.getMessage());
                return Thread.currentThread().isInterrupted();
            });
            training.await();
            server.close();
            assertFalse(run.get(), "the interrupt meant the run only");
            try (FederatedServer another = server(Toy::wanders).runner(hosts).build()) {
                assertInstanceOf(RoundResult.Advanced.class, another.run(Toy.start(), 1), "the runner is the host's");
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } finally {
            thread.shutdownNow();
        }
    }

    /** The run's thread is interrupted when nothing waits, so the next operation on files meets it. */
    @Test
    void anInterruptDuringAFileOperationEndsTheRun(@TempDir Path folder) {
        CheckpointStore store = CheckpointStore.in(folder.resolve("server"));
        RoundListener interrupts = new RoundListener() {
            @Override
            public void roundStarted(int round) {
                if (round == 3) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        try (ClientStateStore states = ClientStateStore.inDirectory(folder.resolve("clients"));
                FederatedServer server = RememberingRun.builder(states)
                        .checkpoints(store)
                        .listeners(interrupts)
                        .build()) {
            assertThrows(RunInterruptedException.class, () -> server.run(Toy.start(), 10));
            assertTrue(Thread.interrupted(), "the flag is kept");
        }
        try (ClientStateStore states = ClientStateStore.inDirectory(folder.resolve("clients"))) {
            Thread.currentThread().interrupt();
            assertThrows(
                    RunInterruptedException.class,
                    () -> RememberingRun.run(states, store, store.latest().orElseThrow(), 8));
            assertTrue(Thread.interrupted(), "the flag is kept");
            assertEquals(
                    RememberingRun.undisturbed(10),
                    RememberingRun.run(states, store, store.latest().orElseThrow(), 8));
        }
    }

    private static ServerBuilder server(ScriptedPopulation.Training training) {
        return FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(3, training))
                .localTraining(Toy.TRAINING);
    }
}
