package org.fl4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.client.ClientProvider;
import org.fl4j.client.ClientRunner;
import org.fl4j.client.Delivery;
import org.fl4j.client.LocalClient;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.PersonalTraining;
import org.fl4j.client.TrainingTask;
import org.fl4j.compression.Uplink;
import org.fl4j.model.ModelPool;
import org.fl4j.state.ClientStateStore;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;
import org.junit.jupiter.api.Test;

/** An objective that remembers, where the data are and the server's store is not. */
class FarMemoryTest {

    private static final ClientId SELF = new ClientId("client-0");
    private static final RunId RUN = Toy.start().run().drawn();

    private final ClientStateStore far = ClientStateStore.inMemory();
    private final PlainSession session = PlainSession.of(
            ClientProvider.local(List.of(SELF), id -> "data", ModelPool.of(RuleObjectiveTest.Still::new))
                    .withObjective(new RuleObjectiveTest.Drift())
                    .rememberingIn(far)
                    .client(SELF));

    @Test
    void aRemoteClientRejectsAnObjectiveThatRemembers() {
        PlainSession plain = PlainSession.of(LocalClient.of(SELF, "data", ModelPool.of(RuleObjectiveTest.Still::new))
                .withObjectives(List.of(new RuleObjectiveTest.Drift())));
        assertEquals(
                "client 'client-0', round 1: the objective drift(scale=2.0) remembers from round to round but this client has"
                        + " no store for that; use Population.over or ClientProvider.local in the server's JVM,"
                        + " LocalClient.rememberingIn elsewhere",
                assertThrows(ObjectiveSpec.UnknownException.class, () -> plain.answer(task(1, 5)))
                        .getMessage());
    }

    @Test
    void stagingInAStoreWithoutAServerThrows() {
        assertEquals(
                "the server failed while a client was at work: java.lang.IllegalStateException: round 1: what a client"
                        + " wants to remember would be lost: no server of this JVM commits to this store; it must be the"
                        + " clientStates() of the server's ClientProvider. A client in another JVM than the server"
                        + " remembers in a RemoteMemory",
                assertThrows(ClientRunner.ServerFailureException.class, () -> session.answer(task(1, 5)))
                        .getMessage());
    }

    /** The host begins the rounds, and its tokens are not the server's. */
    @Test
    void stagingUnderATokenOfAnotherStoreWarnsOnce() throws Exception {
        far.claim(RUN, 0);
        try (CapturedLog log = CapturedLog.of(ClientStateStore.class)) {
            for (int round = 1; round <= 2; round++) {
                session.answer(task(round, far.begin(round) + 1));
                far.commit(round, List.of(SELF));
            }
            assertEquals(ComponentState.EMPTY, far.read(SELF));
            assertEquals(
                    List.of(
                            "round 1: what a client wants to remember is dropped: its task is not of a server that commits to"
                                    + " the client state store in memory; it must be the clientStates() of the server's"
                                    + " ClientProvider. A client in another JVM than the server remembers in a RemoteMemory. This is"
                                    + " logged once"),
                    log.warnings());
        }
    }

    /** They are not told from one another's, but each from a stranger. */
    @Test
    void stragglersOfEarlierRoundsAndRunsAreIgnored() throws Exception {
        try (CapturedLog log = CapturedLog.of(ClientStateStore.class)) {
            ClientStateStore.Claim claim = far.claim(RUN, 0);
            long late = far.begin(1);
            far.commit(1, List.of());
            session.answer(task(1, late));
            far.begin(2);
            session.answer(task(1, late));
            claim.close();
            far.eraseHistory();
            far.claim(Toy.start().run().drawn(), 0);
            far.begin(1);
            session.answer(task(1, late));

            assertEquals(List.of(), log.warnings());
        }
    }

    private static byte[] task(int round, long token) {
        return new TrainingTask(
                        round,
                        0,
                        token,
                        Toy.weights(0, 0, 0),
                        Toy.TRAINING,
                        RuleObjectiveTest.DRIFT,
                        PersonalTraining.JOINT,
                        Uplink.NONE,
                        Map.of("direction", Toy.delta(0, 0, 1)),
                        1,
                        Delivery.NONE)
                .toBytes();
    }
}
