package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.RunInterruptedException;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.TrainingTask;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.server.report.RoundResult;
import org.fl4j.server.selection.ClientSelector;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client wants to remember is kept if, and only if, its update is in an advanced round. */
@Timeout(60)
class ClientStateCommitTest {

    private final ClientStateStore store = ClientStateStore.inMemory();

    @Test
    void remembersForAcceptedClientsOnly() {
        ScriptedPopulation population = remembering(4)
                .but(1, (self, task) -> {
                    count(self, task);
                    throw new IOException("away");
                })
                .but(2, (self, task) -> {
                    count(self, task);
                    return ClientUpdate.of(self, task, Toy.delta(Double.NaN, 0, 0), 1);
                });
        run(server(population), Toy.start(), 3);

        assertEquals(List.of(3L, 0L, 0L, 3L), counts(4));
    }

    @Test
    void anAbandonedRoundCommitsNoClientStates() {
        ScriptedPopulation population = remembering(3).but(0, (self, task) -> {
            if (task.round() == 2) {
                throw new IOException("away");
            }
            return counting(self, task);
        });
        ServerBuilder server = server(population).policy(RoundPolicy.DEFAULT.withMinUpdates(3));

        RoundResult second = run(server, Toy.start(), 2);
        assertInstanceOf(RoundResult.Abandoned.class, second);
        assertEquals(List.of(1L, 1L, 1L), counts(3));

        run(server, second.state(), 1);
        assertEquals(List.of(2L, 2L, 2L), counts(3));
    }

    @Test
    void anOverflowingStepCommitsNoClientStates() {
        ScriptedPopulation population = ScriptedPopulation.of(1, (self, task) -> {
            count(self, task);
            return ClientUpdate.of(self, task, Toy.delta(1e38, 0, 0), 1);
        });
        ServerState high = ServerState.initial(Toy.weights(3e38f, 0, 0), Toy.SEED);

        assertInstanceOf(RoundResult.Abandoned.class, run(server(population), high, 1));
        assertEquals(List.of(0L), counts(1));
    }

    @Test
    void lateOverSelectedClientsCommitNoState() {
        ScriptedPopulation population = remembering(13);
        run(
                server(population)
                        .selector(ClientSelector.uniform(10))
                        .policy(RoundPolicy.DEFAULT.withOverSelection(0.3)),
                Toy.start(),
                1);

        assertEquals(10, counts(13).stream().mapToLong(Long::longValue).sum());
    }

    @Test
    void anInterruptedRoundCommitsNoClientStates() throws InterruptedException {
        CountDownLatch sent = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Thread runs = Thread.currentThread();
        ScriptedPopulation population = remembering(2).but(1, (self, task) -> {
            runs.interrupt();
            sent.countDown();
            never.await();
            return counting(self, task);
        });
        try {
            assertThrows(RunInterruptedException.class, () -> run(server(population), Toy.start(), 1));
        } finally {
            Thread.interrupted();
        }
        sent.await();
        assertEquals(List.of(0L, 0L), counts(2));
        run(server(remembering(2)), Toy.start(), 1);
        assertEquals(List.of(1L, 1L), counts(2));
    }

    @Test
    void resumingFromTheStateBeforeRollsTheClientsBack() {
        ServerBuilder server = server(remembering(2));
        ServerState fourth = run(server, Toy.start(), 4).state();
        run(server, fourth, 1);
        assertEquals(List.of(5L, 5L), counts(2));

        run(server, fourth, 1);
        assertEquals(List.of(5L, 5L), counts(2), "the fifth round was run twice and counts once");
    }

    @Test
    void rejectsResumingWhenClientStatesAreGone() {
        ServerBuilder server = server(remembering(2));
        ServerState second = run(server, Toy.start(), 2).state();
        run(server, second, 2);

        IllegalStateException gone = assertThrows(IllegalStateException.class, () -> run(server, second, 1));
        assertEquals(
                "round 3 cannot be run again: what clients remembered before round 4 is gone; resume from a later state or"
                        + " start with an empty store",
                gone.getMessage());
    }

    @Test
    void aServerWhoseClientsRememberNothingCanStartOver() {
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(ScriptedPopulation.of(3, Toy::wanders))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1))
                .build()) {
            ServerState once = server.run(Toy.start(), 5).state();

            assertEquals(once, server.run(Toy.start(), 5).state());
        }
    }

    private ScriptedPopulation remembering(int clients) {
        return ScriptedPopulation.of(clients, this::counting);
    }

    private ClientUpdate counting(ClientId self, TrainingTask task) {
        count(self, task);
        return ClientUpdate.of(self, task, Toy.delta(1, 0, 0), 1);
    }

    private void count(ClientId self, TrainingTask task) {
        store.stage(
                self, task.round(), task.token(), ComponentState.of("count", 1).with("n", counted(self) + 1));
    }

    private long counted(ClientId self) {
        ComponentState state = store.read(self);
        return state.isEmpty() ? 0 : state.longValue("n");
    }

    private List<Long> counts(int clients) {
        return IntStream.range(0, clients)
                .mapToObj(i -> counted(new ClientId("client-" + i)))
                .toList();
    }

    private ServerBuilder server(ScriptedPopulation population) {
        return FederatedServer.with(MeanRule.plain())
                .clients(population.rememberingIn(store))
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private static RoundResult run(ServerBuilder builder, ServerState from, int rounds) {
        try (FederatedServer server = builder.build()) {
            return server.run(from, rounds);
        }
    }
}
