package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.client.ClientOutcome;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.InProcessRunner;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.TrainingTask;
import org.fl4j.model.LocalTraining;
import org.fl4j.server.checkpoint.CheckpointStore;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two tests after one another: what the first was given is gone in the second. */
@ExtendWith(FederationExtension.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FederationExtensionTest {

    private static final ClientId ANN = new ClientId("ann");
    private static final List<Long> SEEDS = new ArrayList<>();
    private static final List<ClientStateStore> STORES = new ArrayList<>();
    private static final List<InProcessRunner> RUNNERS = new ArrayList<>();

    @Test
    @Order(1)
    void givesWhatAFederationNeeds(
            long seed,
            CheckpointStore checkpoints,
            ClientStateStore states,
            InProcessRunner runner,
            ClientStateStore same) {
        ServerState start = ServerState.initial(QuadraticModel.weightsOf(1), seed);
        checkpoints.save(start);
        assertEquals(start, checkpoints.latest().orElseThrow());
        assertEquals(states, same, "one of each kind a test");
        states.read(ANN);
        SEEDS.add(seed);
        STORES.add(states);
        RUNNERS.add(runner);
    }

    @Test
    @Order(2)
    void cleansUp(long seed, CheckpointStore checkpoints, ClientStateStore states) {
        assertTrue(checkpoints.latest().isEmpty(), "a folder of its own");
        assertThrows(IllegalStateException.class, () -> STORES.get(0).read(ANN), "the first test's store is closed");
        assertNotEquals(STORES.get(0), states);
        assertThrows(
                IllegalStateException.class,
                () -> RUNNERS.get(0)
                        .run(
                                List.of(ANN),
                                client -> new ClientOutcome.Completed<>(client, 1),
                                new ClientRunner.Limits(ClientRunner.Limits.NO_DEADLINE, 1),
                                outcome -> {}),
                "the first test's runner is closed");
        if (Long.getLong(FederationExtension.SEED) == null) {
            assertNotEquals(SEEDS.get(0), seed, "equal by chance with probability 2^-64");
        }
    }

    @Test
    void aScriptIsPlayedLineByLine() throws Exception {
        ScriptedClient ann = ScriptedClient.of(ANN)
                .sends(3, 1, 2)
                .fails(new IOException("offline"))
                .sends(4, 5, 6);
        assertEquals(3, ann.train(task()).numExamples());
        assertEquals(
                "offline",
                assertThrows(IOException.class, () -> ann.train(task())).getMessage());
        for (int i = 0; i < 2; i++) {
            assertEquals(6, ann.train(task()).delta().get(1), "the last line is repeated");
        }
        assertThrows(IllegalStateException.class, () -> ScriptedClient.of(ANN).train(task()));
    }

    private static TrainingTask task() {
        return new TrainingTask(
                1, QuadraticModel.weightsOf(0, 0), LocalTraining.epochs(1), ObjectiveSpec.EMPIRICAL_RISK, Map.of(), 1);
    }
}
