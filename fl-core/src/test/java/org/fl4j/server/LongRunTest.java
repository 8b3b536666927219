package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.fl4j.client.ClientUpdate;
import org.fl4j.client.InProcessRunner;
import org.fl4j.server.checkpoint.ServerState;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.junit.jupiter.api.Test;

/** After 2,000 rounds nothing is larger than after ten. */
class LongRunTest {

    @Test
    void neitherTheStateNorTheClientsHistoryGrows() {
        ServerState all;
        ClientStateStore store = ClientStateStore.inMemory();
        ScriptedPopulation population = ScriptedPopulation.of(4, (self, task) -> {
            store.stage(
                    self,
                    task.round(),
                    task.token(),
                    ComponentState.of("last", 1).with("round", task.round()));
            return ClientUpdate.of(self, task, Toy.delta(0.001, 0, 0), 1);
        });
        try (FederatedServer server = FederatedServer.with(MeanRule.plain())
                .clients(population.rememberingIn(store))
                .localTraining(Toy.TRAINING)
                .optimizer(Toy.counting())
                .selector(Toy.countingSelector())
                .runner(InProcessRunner.of(1))
                .build()) {
            ServerState ten = server.run(Toy.start(), 10).state();
            all = server.run(ten, 1990).state();

            assertEquals(ten.toBytes().length, all.toBytes().length);
        }
        store.claim(all.run(), all.round());
        IllegalStateException gone = assertThrows(IllegalStateException.class, () -> store.begin(1999));
        assertEquals(
                "round 1999 cannot be run again: what clients remembered before round 2000 is gone; resume from a later"
                        + " state or start with an empty store",
                gone.getMessage());
        assertDoesNotThrow(
                () -> store.begin(2000), "the round before the last can be the newest checkpoint that is whole");
        assertEquals(
                1999,
                store.read(population.ids().get(0)).longValue("round"),
                "what round 2000 itself left is rolled back");
    }
}
