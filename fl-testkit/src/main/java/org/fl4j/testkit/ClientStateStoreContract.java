package org.fl4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ClientStateStore} must keep. Extend it in a test and say how to make a store. */
public abstract class ClientStateStoreContract {

    private static final ClientId ANN = new ClientId("ann");
    private static final ClientId BOB = new ClientId("bob");

    private static final String TOO_EARLY =
            "round %d cannot be run again: what clients remembered before round %d is gone; resume from a later state or"
                    + " start with an empty store";

    private static final RunId RUN = RunId.of("weights", 7).drawn();
    private static final RunId OTHER = RunId.of("weights", 8).drawn();

    private ClientStateStore.Claim claim = () -> {};
    private long token;
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
        claim = store.claim(RUN, 0);
    }

    @AfterEach
    void closeStore() {
        store.close();
        store.close();
    }

    @Test
    void remembersNothingAtFirst() {
        assertEquals(ComponentState.EMPTY, store.read(ANN));
        begin(1);
        assertEquals(ComponentState.EMPTY, store.read(ANN));
    }

    @Test
    void whatIsStagedIsReadOnlyOnceCommitted() {
        begin(1);
        store.stage(ANN, 1, token, state(1));
        assertEquals(ComponentState.EMPTY, store.read(ANN));
        store.commit(1, List.of(ANN));
        assertEquals(state(1), store.read(ANN));
    }

    @Test
    void whatIsStagedByAClientThatWasNotAcceptedIsDropped() {
        round(1, ANN, BOB);
        begin(2);
        store.stage(ANN, 2, token, state(2));
        store.stage(BOB, 2, token, state(2));
        store.commit(2, List.of(BOB));

        assertEquals(state(1), store.read(ANN));
        assertEquals(state(2), store.read(BOB));
    }

    @Test
    void anAcceptedClientThatStagedNothingKeepsWhatItHad() {
        round(1, ANN);
        begin(2);
        store.commit(2, List.of(ANN, BOB));

        assertEquals(state(1), store.read(ANN));
        assertEquals(ComponentState.EMPTY, store.read(BOB));
    }

    @Test
    void stagingForARoundThatIsNotOpenIsIgnored() {
        begin(1);
        store.commit(1, List.of(ANN));
        store.stage(ANN, 1, token, state(1));
        begin(2);
        store.stage(ANN, 1, token, state(1));
        store.stage(ANN, 3, token, state(3));
        store.commit(2, List.of(ANN));

        assertEquals(ComponentState.EMPTY, store.read(ANN));
    }

    @Test
    void beginningDropsWhatARoundLeftOpenHadStaged() {
        begin(1);
        store.stage(ANN, 1, token, state(9));
        begin(1);
        store.commit(1, List.of(ANN));

        assertEquals(ComponentState.EMPTY, store.read(ANN));
    }

    @Test
    void beginningAnEarlierRoundRollsBack() {
        round(1, ANN);
        round(2, ANN, BOB);
        round(3, ANN);

        begin(2);

        assertEquals(state(1), store.read(ANN));
        assertEquals(ComponentState.EMPTY, store.read(BOB));
        store.commit(2, List.of());
        round(3, BOB);
        assertEquals(state(1), store.read(ANN));
        assertEquals(state(3), store.read(BOB));
    }

    @Test
    void onlyErasingForgetsEverythingAndOnlyWhenNoRunUsesTheStore() {
        round(1, ANN);
        round(2, ANN);
        store.forgetBefore(2);
        assertEquals(TOO_EARLY.formatted(1, 2), refusedToBegin(1));
        assertThrows(IllegalStateException.class, () -> store.eraseHistory());
        assertEquals(state(2), store.read(ANN));

        claim.close();
        store.eraseHistory();
        assertEquals(ComponentState.EMPTY, store.read(ANN));
        store.claim(OTHER, 0);
        round(1, BOB);
    }

    @Test
    void aRoundThatSkipsOneIsRefused() {
        round(1, ANN);
        assertThrows(IllegalStateException.class, () -> store.begin(3));
    }

    @Test
    void aStoreHasOneRunAtATime() {
        assertThrows(IllegalStateException.class, () -> store.claim(RUN, 0));
        round(1, ANN);
        claim.close();
        assertThrows(IllegalStateException.class, () -> store.begin(2));
        claim = store.claim(RUN, 1);
        ClientStateStore.Claim second = claim;
        second.close();
        claim = store.claim(RUN, 1);
        second.close();
        assertThrows(
                IllegalStateException.class, () -> store.claim(RUN, 1), "closing twice does not free the next claim");
    }

    @Test
    void anotherRunsStatesAreRefusedAndKept() {
        round(1, ANN);
        claim.close();
        RunId sameStart = RunId.of("weights", 7).drawn();
        for (RunId other : List.of(OTHER, sameStart)) {
            for (int round : new int[] {0, 1}) {
                assertThrows(IllegalStateException.class, () -> store.claim(other, round));
            }
        }
        assertEquals(state(1), store.read(ANN));
        store.claim(RUN, 1);
    }

    @Test
    void aStateThatTheStoreDoesNotReachIsRefused() {
        round(1, ANN);
        round(2, ANN);
        claim.close();
        assertThrows(IllegalStateException.class, () -> store.claim(RUN, 3));
        store.claim(RUN, 2);
    }

    @Test
    void anEmptyStoreIsForARunThatStarts() {
        claim.close();
        assertThrows(IllegalStateException.class, () -> store.claim(RUN, 1));
        store.claim(OTHER, 0);
    }

    /** The commit of the second round came before the crash, its checkpoint did not. */
    @Test
    void aRoundAheadOfTheStateIsRolledBackAndThenIsNoLongerThere() {
        round(1, ANN);
        store.forgetBefore(1);
        round(2, ANN);
        claim.close();
        claim = store.claim(RUN, 1);
        begin(2);
        assertEquals(state(1), store.read(ANN));
        claim.close();
        assertThrows(IllegalStateException.class, () -> store.claim(RUN, 2), "it was rolled back");
    }

    @Test
    void aStragglerOfAnotherRunsRoundOfTheSameNumberStagesNothing() {
        begin(1);
        long straggler = token;
        claim.close();
        store.stage(ANN, 1, straggler, state(9));
        claim = store.claim(OTHER, 0);
        begin(1);
        store.stage(ANN, 1, straggler, state(9));
        store.commit(1, List.of(ANN));

        assertEquals(ComponentState.EMPTY, store.read(ANN));
    }

    @Test
    void rememberingWhereNoServerCommitsIsRefusedAndHavingNothingToRememberIsNot() {
        store.stage(ANN, 3, token, ComponentState.EMPTY);
        assertEquals(
                "round 3: what a client wants to remember would be lost: no server of this JVM commits to this store; it must be"
                        + " the clientStates() of the server's ClientProvider. A client in another JVM than the server"
                        + " remembers in a RemoteMemory",
                assertThrows(IllegalStateException.class, () -> store.stage(ANN, 3, token, state(1)))
                        .getMessage());
    }

    @Test
    void forgettingKeepsWhatTheEarliestRoundNeeds() {
        round(1, ANN, BOB);
        round(2, ANN);
        round(3, ANN);
        store.forgetBefore(3);
        store.forgetBefore(2);

        begin(3);
        assertEquals(state(2), store.read(ANN));
        assertEquals(state(1), store.read(BOB));
        assertEquals(TOO_EARLY.formatted(2, 3), refusedToBegin(2));
    }

    /** The others, the rounds and what can be rolled back stay as they are. */
    @Test
    void oneClientIsForgottenBetweenRuns() {
        round(1, ANN, BOB);
        round(2, ANN);
        assertThrows(IllegalStateException.class, () -> store.forget(ANN), "a run uses the store");
        claim.close();
        store.forget(ANN);
        claim = store.claim(RUN, 2);
        begin(3);
        assertEquals(ComponentState.EMPTY, store.read(ANN));
        assertEquals(state(1), store.read(BOB));
        store.stage(ANN, 3, token, state(3));
        store.commit(3, List.of(ANN));
        store.forgetBefore(3);
        assertEquals(state(3), store.read(ANN));
        begin(3);
        assertEquals(ComponentState.EMPTY, store.read(ANN), "what was forgotten does not come back");
        round(3, BOB);
        store.forgetBefore(4);
        assertEquals(state(3), store.read(BOB));
    }

    @Test
    void onlyTheOpenRoundCanBeCommitted() {
        assertEquals("round 1 is not open; none is", refused(1));
        assertEquals("round 0 is not open; none is", refused(0));
        begin(1);
        assertEquals("round 2 is not open; the open round is 1", refused(2));
        store.commit(1, List.of());
        assertEquals("round 1 is not open; none is", refused(1));
    }

    @Test
    void theLastOfSeveralProposalsCounts() {
        begin(1);
        store.stage(ANN, 1, token, state(1));
        store.stage(ANN, 1, token, state(2));
        store.commit(1, List.of(ANN, ANN));

        assertEquals(state(2), store.read(ANN));
    }

    @Test
    void whatWasCommittedCanBeReplacedByNothing() {
        round(1, ANN);
        begin(2);
        store.stage(ANN, 2, token, ComponentState.EMPTY);
        store.commit(2, List.of(ANN));

        assertEquals(ComponentState.EMPTY, store.read(ANN));
        begin(2);
        assertEquals(state(1), store.read(ANN));
    }

    @Test
    void forgettingAsAServerDoesAfterEveryRoundLeavesTheLastRoundToBeRunAgain() {
        for (int round = 1; round <= 6; round++) {
            round(round, round % 2 == 0 ? ANN : BOB);
            store.forgetBefore(round);
        }
        begin(6);
        assertEquals(state(4), store.read(ANN));
        assertEquals(state(5), store.read(BOB));
        assertEquals(TOO_EARLY.formatted(5, 6), refusedToBegin(5));
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
        begin(1);
        store.stage(ANN, 1, token, rich);
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
                begin(round);
                List<Future<ComponentState>> before = new ArrayList<>();
                for (ClientId client : clients) {
                    before.add(threads.submit(() -> {
                        store.stage(client, current, token, state(current));
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

    private void begin(int round) {
        token = store.begin(round);
    }

    private String refusedToBegin(int round) {
        return assertThrows(IllegalStateException.class, () -> store.begin(round))
                .getMessage();
    }

    private String refused(int round) {
        return assertThrows(IllegalStateException.class, () -> store.commit(round, List.of()))
                .getMessage();
    }

    private void round(int round, ClientId... clients) {
        begin(round);
        for (ClientId client : clients) {
            store.stage(client, round, token, state(round));
        }
        store.commit(round, List.of(clients));
    }

    private static ComponentState state(long round) {
        return ComponentState.of("test", 1).with("round", round);
    }
}
