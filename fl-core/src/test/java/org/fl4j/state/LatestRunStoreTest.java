package org.fl4j.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.fl4j.ClientId;
import org.junit.jupiter.api.Test;

/** The store of clients that were given none: the last run that began has it. */
class LatestRunStoreTest {

    private static final ClientId ANN = new ClientId("ann");
    private static final RunId FIRST = StoredRounds.run(1);
    private static final RunId SECOND = StoredRounds.run(2);

    private final ClientStateStore store = ClientStateStore.ofLatestRun();

    @Test
    void aNewRunReplacesTheOneBeforeOnceItBegins() {
        remember(FIRST, 1, 10);
        ClientStateStore.Claim claim = store.claim(SECOND, 0);
        assertEquals(10, store.read(ANN).longValue("n"), "a claim alone loses nothing");
        claim.close();
        remember(FIRST, 2, 20);

        claim = store.claim(SECOND, 0);
        store.begin(1);
        assertEquals(ComponentState.EMPTY, store.read(ANN));
        store.commit(1, List.of());
        claim.close();
        assertThrows(IllegalStateException.class, () -> store.claim(FIRST, 2));
        remember(SECOND, 2, 30);
        assertEquals(30, store.read(ANN).longValue("n"));
    }

    @Test
    void rejectsANewRunWhileAnotherIsActive() {
        store.claim(FIRST, 0);
        assertTrue(assertThrows(IllegalStateException.class, () -> store.claim(SECOND, 0))
                .getMessage()
                .startsWith("the client state store in memory is in use by run " + FIRST));
    }

    @Test
    void rejectsARunPastItsFirstRoundWithoutItsStates() {
        assertThrows(IllegalStateException.class, () -> store.claim(FIRST, 1));
        remember(FIRST, 1, 10);
        assertThrows(IllegalStateException.class, () -> store.claim(SECOND, 1));
        store.claim(FIRST, 1);
        assertEquals(10, store.read(ANN).longValue("n"));
    }

    @SuppressWarnings("try") // the claim is held, not used
    private void remember(RunId run, int round, long n) {
        try (ClientStateStore.Claim claim = store.claim(run, round - 1)) {
            long token = store.begin(round);
            store.stage(ANN, round, token, ComponentState.of("count", 1).with("n", n));
            store.commit(round, List.of(ANN));
        }
    }
}
