package org.fl4j.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.fl4j.binary.ComponentState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ClientStateStore} must keep. Extend it in a test and say how to make a store. */
public abstract class ClientStateStoreContract {

    private static final ClientId ANN = new ClientId("ann");
    private static final ClientId BOB = new ClientId("bob");

    private ClientStateStore store = ClientStateStore.inMemory();

    /** For a test class that extends this one. */
    protected ClientStateStoreContract() {}

    /**
     * A new store, which this suite closes.
     *
     * @return without any client's state
     */
    protected abstract ClientStateStore newStore();

    @BeforeEach
    void makeStore() {
        store = newStore();
    }

    @AfterEach
    void closeStore() {
        store.close();
        store.close();
    }

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
        store.stage(ANN, 3, ComponentState.EMPTY);
        assertEquals(
                "client 'ann', round 3: what it wants to remember would be lost, no server commits to this store; give one"
                        + " store to LocalObjectives.rememberingIn and to the server's clientStates",
                assertThrows(IllegalStateException.class, () -> store.stage(ANN, 3, state(1)))
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

    @Test
    void theLastOfSeveralProposalsCounts() {
        store.begin(1);
        store.stage(ANN, 1, state(1));
        store.stage(ANN, 1, state(2));
        store.commit(1, List.of(ANN, ANN));

        assertEquals(state(2), store.read(ANN));
    }

    @Test
    void whatWasCommittedCanBeReplacedByNothing() {
        round(1, ANN);
        store.begin(2);
        store.stage(ANN, 2, ComponentState.EMPTY);
        store.commit(2, List.of(ANN));

        assertEquals(ComponentState.EMPTY, store.read(ANN));
        store.begin(2);
        assertEquals(state(1), store.read(ANN));
    }

    @Test
    void forgettingAsAServerDoesAfterEveryRoundLeavesTheLastRoundToBeRunAgain() {
        for (int round = 1; round <= 6; round++) {
            round(round, round % 2 == 0 ? ANN : BOB);
            store.forgetBefore(round);
        }
        store.begin(6);
        assertEquals(state(4), store.read(ANN));
        assertEquals(state(5), store.read(BOB));
        assertEquals(
                "round 5 cannot be run again: what clients remembered before round 6 is gone; resume from a later state "
                        + "or start with an empty store",
                assertThrows(IllegalStateException.class, () -> store.begin(5)).getMessage());
    }

    @Test
    void everyKindOfValueComesBackAsItWas() {
        ComponentState rich = ComponentState.of("rich", 3)
                .with("long", Long.MIN_VALUE)
                .with("double", -0.0)
                .with("text", "\u00e4\u4e2d")
                .with("doubles", new double[] {Double.NaN, 0.1})
                .with("floats", new float[] {Float.MIN_VALUE, Float.NEGATIVE_INFINITY})
                .with("bytes", new byte[100_000]);
        store.begin(1);
        store.stage(ANN, 1, rich);
        store.commit(1, List.of(ANN));

        assertEquals(rich, store.read(ANN));
    }

    @Test
    void clientsStageAndReadFromManyThreads() throws InterruptedException, ExecutionException {
        List<ClientId> clients = ClientId.numbered("client-", 64);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 1; round <= 3; round++) {
                int current = round;
                store.begin(round);
                List<Future<ComponentState>> before = new ArrayList<>();
                for (ClientId client : clients) {
                    before.add(threads.submit(() -> {
                        store.stage(client, current, state(current));
                        return store.read(client);
                    }));
                }
                for (Future<ComponentState> read : before) {
                    assertEquals(round == 1 ? ComponentState.EMPTY : state(round - 1), read.get());
                }
                store.commit(round, clients);
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(
                IntStream.range(0, 64).mapToObj(i -> state(3)).toList(),
                clients.stream().map(store::read).toList());
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
