package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.fl4j.binary.ComponentState;
import org.junit.jupiter.api.Test;

class InMemoryClientStateStoreTest {

    private static final ClientId ANN = new ClientId("ann");
    private static final ClientId BOB = new ClientId("bob");

    private final ClientStateStore store = ClientStateStore.inMemory();

    @Test
    void remembersNothingAtFirst() {
        assertEquals(ComponentState.EMPTY, store.read(ANN));
        store.begin(1);
        assertEquals(ComponentState.EMPTY, store.read(ANN));
    }

    @Test
    void whatIsStagedIsReadOnlyOnceCommitted() {
        store.begin(1);
        store.stage(ANN, 1, state(1));
        assertEquals(ComponentState.EMPTY, store.read(ANN));
        store.commit(1, List.of(ANN));
        assertEquals(state(1), store.read(ANN));
    }

    @Test
    void whatIsStagedByAClientThatWasNotAcceptedIsDropped() {
        round(1, ANN, BOB);
        store.begin(2);
        store.stage(ANN, 2, state(2));
        store.stage(BOB, 2, state(2));
        store.commit(2, List.of(BOB));

        assertEquals(state(1), store.read(ANN));
        assertEquals(state(2), store.read(BOB));
    }

    @Test
    void anAcceptedClientThatStagedNothingKeepsWhatItHad() {
        round(1, ANN);
        store.begin(2);
        store.commit(2, List.of(ANN, BOB));

        assertEquals(state(1), store.read(ANN));
        assertEquals(ComponentState.EMPTY, store.read(BOB));
    }

    @Test
    void stagingForARoundThatIsNotOpenIsIgnored() {
        store.begin(1);
        store.commit(1, List.of(ANN));
        store.stage(ANN, 1, state(1));
        store.begin(2);
        store.stage(ANN, 1, state(1));
        store.stage(ANN, 3, state(3));
        store.commit(2, List.of(ANN));

        assertEquals(ComponentState.EMPTY, store.read(ANN));
    }

    @Test
    void beginningDropsWhatARoundLeftOpenHadStaged() {
        store.begin(1);
        store.stage(ANN, 1, state(9));
        store.begin(1);
        store.commit(1, List.of(ANN));

        assertEquals(ComponentState.EMPTY, store.read(ANN));
    }

    @Test
    void beginningAnEarlierRoundRollsBack() {
        round(1, ANN);
        round(2, ANN, BOB);
        round(3, ANN);

        store.begin(2);

        assertEquals(state(1), store.read(ANN));
        assertEquals(ComponentState.EMPTY, store.read(BOB));
        store.commit(2, List.of());
        round(3, BOB);
        assertEquals(state(1), store.read(ANN));
        assertEquals(state(3), store.read(BOB));
    }

    @Test
    void startingOverForgetsEverythingAndIsAlwaysPossible() {
        round(1, ANN);
        round(2, ANN);
        store.forgetBefore(2);
        store.begin(1);
        assertEquals(ComponentState.EMPTY, store.read(ANN));
        store.commit(1, List.of());
    }

    @Test
    void rememberingWhereNoServerCommitsIsRefusedAndHavingNothingToRememberIsNot() {
        ClientStateStore unused = ClientStateStore.inMemory();
        unused.stage(ANN, 3, ComponentState.EMPTY);
        assertEquals(
                "client 'ann', round 3: what it wants to remember would be lost, no server commits to this store; give one"
                        + " store to LocalObjectives.rememberingIn and to the server's clientStates",
                assertThrows(IllegalStateException.class, () -> unused.stage(ANN, 3, state(1)))
                        .getMessage());
    }

    @Test
    void forgettingKeepsWhatTheEarliestRoundNeeds() {
        round(1, ANN, BOB);
        round(2, ANN);
        round(3, ANN);
        store.forgetBefore(3);
        store.forgetBefore(2);

        store.begin(3);
        assertEquals(state(2), store.read(ANN));
        assertEquals(state(1), store.read(BOB));
        assertEquals(
                "round 2 cannot be run again: what clients remembered before round 3 is gone; resume from a later state "
                        + "or start with an empty store",
                assertThrows(IllegalStateException.class, () -> store.begin(2)).getMessage());
    }

    @Test
    void onlyTheOpenRoundCanBeCommitted() {
        assertEquals("round 1 is not open; none is", refused(1));
        assertEquals("round 0 is not open; none is", refused(0));
        store.begin(2);
        assertEquals("round 1 is not open; the open round is 2", refused(1));
        store.commit(2, List.of());
        assertEquals("round 2 is not open; none is", refused(2));
    }

    private String refused(int round) {
        return assertThrows(IllegalStateException.class, () -> store.commit(round, List.of()))
                .getMessage();
    }

    private void round(int round, ClientId... clients) {
        store.begin(round);
        for (ClientId client : clients) {
            store.stage(client, round, state(round));
        }
        store.commit(round, List.of(clients));
    }

    private static ComponentState state(long round) {
        return ComponentState.of("test", 1).with("round", round);
    }
}
