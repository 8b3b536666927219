package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that is started again goes on where it was, up to the same total number of rounds. */
class RunUntilTest {

    @TempDir
    private Path folder;

    private final List<Integer> played = new ArrayList<>();
    private final ScriptedPopulation population = ScriptedPopulation.of(1, (self, task) -> {
        played.add(task.round());
        return Toy.wanders(self, task);
    });

    @Test
    void aRestartRunsTheRemainingRoundsOnly() {
        ServerState whole;
        try (FederatedServer server = server().checkpoints(CheckpointStore.in(folder.resolve("whole")))
                .build()) {
            whole = server.run(Toy.start(), 5).state();
        }
        played.clear();
        runUntil(3);
        assertEquals(List.of(1, 2, 3), played);
        assertEquals(whole, runUntil(5));
        assertEquals(whole, runUntil(5));
        assertEquals(List.of(1, 2, 3, 4, 5), played);
    }

    @Test
    void rejectsARoundBeforeTheCheckpoint() {
        runUntil(3);
        assertEquals(
                "round must be at least 3, that of the newest checkpoint, but was 2; it counts from the start of the"
                        + " training, not from the checkpoint",
                assertThrows(IllegalArgumentException.class, () -> runUntil(2)).getMessage());
    }

    @Test
    void rejectsCheckpointsOfAnotherStart() {
        ServerState kept = runUntil(2);
        ServerState other = ServerState.initial(Toy.weights(0, 0, 1), Toy.SEED);
        assertEquals(
                "the checkpoints are of run " + kept.run() + " but the initial state begins run " + other.run()
                        + ": seed, layout or initial weights differ; is the model's own seed set? To begin afresh, give the"
                        + " run another folder",
                assertThrows(IllegalStateException.class, () -> runUntil(5, other))
                        .getMessage());
        assertEquals(List.of(1, 2), played);
    }

    @Test
    void runUntilWithoutACheckpointStoreThrows() {
        try (FederatedServer server = server().build()) {
            assertEquals(
                    "checkpoints(...) was not called on the builder; runUntil resumes from there",
                    assertThrows(IllegalStateException.class, () -> server.runUntil(5, Toy.start()))
                            .getMessage());
        }
    }

    @Test
    void runUntilReturnsTheStateBeforeARefusedRound() {
        MeanRule twoRounds = MeanRule.plain()
                .guardedBy((context, ledger) -> context.round() > 2
                        ? new PrivacyBudgetGuard.Refused("spent", Map.of())
                        : new PrivacyBudgetGuard.Granted(ledger));
        for (int time = 0; time < 2; time++) {
            try (FederatedServer server = FederatedServer.with(twoRounds)
                    .clients(population)
                    .localTraining(Toy.TRAINING)
                    .runner(InProcessRunner.of(1))
                    .checkpoints(CheckpointStore.in(folder))
                    .build()) {
                assertEquals(2, server.runUntil(5, Toy.start()).round());
            }
        }
        assertEquals(List.of(1, 2), played);
    }

    private ServerBuilder server() {
        return FederatedServer.with(MeanRule.plain())
                .clients(population)
                .localTraining(Toy.TRAINING)
                .runner(InProcessRunner.of(1));
    }

    private ServerState runUntil(int round) {
        return runUntil(round, Toy.start());
    }

    private ServerState runUntil(int round, ServerState initial) {
        try (FederatedServer server =
                server().checkpoints(CheckpointStore.in(folder)).build()) {
            return server.runUntil(round, initial);
        }
    }
}
