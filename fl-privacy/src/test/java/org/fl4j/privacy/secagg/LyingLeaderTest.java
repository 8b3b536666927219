package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.SecureRandom;
import java.util.List;
import org.fl4j.CorruptDataException;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.HolderKey;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Part;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Seed;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.ServerKeys;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Shares;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Transfer;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a leading server cannot make an honest holder, or an honest client, do. */
class LyingLeaderTest {

    private static final int N = 5;
    private static final int LEAST = 3;
    private static final String HOLDER = "server 2 of a shared sum, round 1: ";

    private final SharedDrill drill = new SharedDrill(
            SharedSum.on(new IntegerRule(100)).ofAtLeast(LEAST), 2, N, 4, client -> new double[] {client, 1, 0, 7});
    private PlayedLeader leader;

    @BeforeEach
    void begin() throws Exception {
        leader = new PlayedLeader(drill, N);
    }

    @AfterEach
    void end() {
        leader.close();
    }

    private static void assertRefused(String reason, Executable what) {
        assertEquals(
                reason,
                assertThrows(SecureSum.ProtocolViolationException.class, what).getMessage());
    }

    private Shares[] transferAll() throws Exception {
        Shares[] shares = new Shares[N];
        Seed[] seeds = new Seed[N];
        for (int client = 0; client < N; client++) {
            shares[client] = leader.shares(client);
            seeds[client] = leader.seed(client, shares[client]);
        }
        assertEquals(List.of(0, 1, 2, 3, 4), leader.transfer(shares[0].task(), seeds));
        return shares;
    }

    /** The honest course, and what the refusals below are held against: its sum, and the plain one. */
    @Test
    void theHolderRevealsOneSum() throws Exception {
        Shares[] shares = transferAll();
        RingVector sum = RingVector.zero(leader.terms().plan());
        sum.addPacked(leader.sum(0, 2, 4), 0);
        for (int client : new int[] {0, 2, 4}) {
            sum.addPacked(leader.part(shares[client]), 0);
        }
        assertArrayEquals(
                new double[] {6, 3, 0, 21},
                sum.toSummand(leader.terms().segments()).toArray());
    }

    @Test
    void noSecondSumOfASession() throws Exception {
        transferAll();
        leader.sum(0, 1, 2);

        assertRefused(
                "server 2 of a shared sum: the message is of a session that is over or was never announced here",
                () -> leader.sum(0, 1, 3));
    }

    @Test
    void noSumOverFewerThanTheHolderAllows() throws Exception {
        transferAll();

        assertRefused(
                HOLDER
                        + "the leading server asks for a sum over fewer clients than .ofAtLeast(3) of this server allows",
                () -> leader.sum(0, 1));
        // Nor another after it.
        assertThrows(SecureSum.ProtocolViolationException.class, () -> leader.sum(0, 1, 2));
    }

    @Test
    void noSumWithClientsThatWereNotOpened() throws Exception {
        Shares[] shares = {leader.shares(0), leader.shares(1), leader.shares(2)};
        leader.transfer(
                shares[0].task(), leader.seed(0, shares[0]), leader.seed(1, shares[1]), leader.seed(2, shares[2]));

        assertRefused(
                HOLDER + "the leading server asks for a sum over clients whose shares this server does not hold",
                () -> leader.sum(0, 1, 3));
    }

    /** One client under two names would be in the sum twice: the box is bound to the name, and a name counts once. */
    @Test
    void noClientCountsTwice() throws Exception {
        Shares shares = leader.shares(0);
        Seed renamed =
                new Seed(1, Fixtures.client(1), shares.key(), shares.parts().get(1));
        assertEquals(List.of(0), leader.transfer(shares.task(), leader.seed(0, shares), renamed));

        assertRefused(
                HOLDER + "the leading server transfers the shares of a client twice, or of one outside the cohort",
                () -> leader.transfer(shares.task(), leader.seed(3, shares)));
    }

    @Test
    void noPositionCountsTwiceOrLiesOutside() throws Exception {
        for (int position : new int[] {0, -1, N}) {
            try (PlayedLeader other = new PlayedLeader(drill, N)) {
                Shares first = other.shares(0);
                Shares second = other.shares(1);
                assertEquals(List.of(0), other.transfer(first.task(), other.seed(0, first)));
                assertRefused(
                        HOLDER
                                + "the leading server transfers the shares of a client twice, or of one outside the cohort",
                        () -> other.transfer(first.task(), other.seed(position, second)));
            }
        }
    }

    /** Clients that were handed another model are in no sum with the rest. */
    @Test
    void noSumOverTwoTasks() throws Exception {
        Shares shares = leader.shares(0);
        assertEquals(List.of(), leader.transfer("0".repeat(64), leader.seed(0, shares)));

        assertRefused(
                HOLDER + "the leading server transfers shares of two tasks",
                () -> leader.transfer(shares.task(), leader.seed(1, leader.shares(1))));
    }

    @Test
    void noBoxOfAnotherSession() throws Exception {
        try (PlayedLeader before = new PlayedLeader(drill, N, leader.holder)) {
            Shares recorded = before.shares(0);
            assertFalse(before.session.equals(leader.session));
            assertEquals(List.of(), leader.transfer(recorded.task(), leader.seed(0, recorded)));
        }
    }

    @Test
    void noMessageTwiceOrUnsealed() throws Exception {
        Shares shares = leader.shares(0);
        byte[] transfer =
                leader.sealed(new Transfer(leader.session, shares.task(), List.of(leader.seed(0, shares))).toBytes());
        leader.holder.answer(transfer);
        String unsealed = HOLDER
                + "the message does not bear the leading server's seal of the next message of its session: it was"
                + " altered, repeated, or is of another";

        assertRefused(unsealed, () -> leader.holder.answer(transfer));
        assertEquals(
                "server 2 of a shared sum: not a message of a leading server",
                assertThrows(CorruptDataException.class, () -> leader.holder.answer(new byte[40]))
                        .getMessage());
        assertRefused(
                "server 2 of a shared sum, round 1: the leading server announces a session that is open",
                () -> leader.holder.answer(leader.announcement()));
    }

    @Test
    void noTermsButTheHoldersOwn() {
        assertRefused(
                "server 2 of a shared sum, round 1: the leading server's terms are not those of this end's own configuration for 6"
                        + " clients, at least 3, among 2 servers; were all configured alike?",
                () -> leader.holder.answer(leader.announcement(6, leader.holderKey.keys())));
        assertRefused(
                "server 2 of a shared sum, round 1: the leading server announces a round of 2 clients, which this end's own"
                        + " configuration does not allow: a shared sum must be over at least 3 clients, but was 2; SharedSum's"
                        + " .ofAtLeast(...) sets the bound",
                () -> leader.holder.answer(leader.announcement(2, leader.holderKey.keys())));
        assertRefused(
                HOLDER + "a key of the announcement or of this server is not valid",
                () -> leader.holder.answer(leader.announcement(
                        N,
                        new ServerKeys(
                                Bytes.owning(new byte[32]),
                                leader.holderKey.keys().encapsulation()))));
    }

    /** A key that the leading server holds itself would let it read all parts. */
    @Test
    void noClientSealsToAKeyThatAServerDidNotSign() throws Exception {
        String unsigned =
                "client 'client-0', round 1: the key of server 2 is not signed for this session by the identity that this"
                        + " client knows; is the order of the servers the same at all ends?";

        assertRefused(
                unsigned, () -> leader.shares(0, leader.request(leader.forged(Ed25519.freshKeys(), leader.session))));
        // Its own signature, but on a key of another session.
        Bytes other = Bytes.owning(new byte[32]);
        assertRefused(
                unsigned,
                () -> leader.shares(
                        0, leader.request(leader.forged(drill.identities().get(0), other))));
        assertRefused(
                "client 'client-0', round 1: the leading server names 0 other servers, but expected 1",
                () -> leader.shares(0, leader.request()));
    }

    /** Both keys of a server are checked: an X25519 key of small order, an ML-KEM key that is not reduced. */
    @Test
    void noClientSealsToKeysThatAreNone() throws Exception {
        byte[] unreduced = leader.holderKey.keys().encapsulation().shared().clone();
        unreduced[0] = (byte) 0xFF;
        unreduced[1] |= 0x0F;
        for (ServerKeys bad : List.of(
                new ServerKeys(leader.holderKey.keys().agreement(), Bytes.owning(unreduced)),
                new ServerKeys(
                        Bytes.owning(new byte[32]), leader.holderKey.keys().encapsulation()))) {
            byte[] signed = HolderKey.signedBytes(leader.session, bad);
            HolderKey key = new HolderKey(
                    leader.session,
                    bad,
                    Bytes.owning(Ed25519.sign(drill.identities().get(0).getPrivate(), signed)));
            assertRefused(
                    "client 'client-0', round 1: a server's key is not valid",
                    () -> leader.shares(0, leader.request(key)));
        }
    }

    /** An encapsulation that was replaced in transit gives another secret, so the box stays closed. */
    @Test
    void noBoxOfAnotherEncapsulation() throws Exception {
        Shares shares = leader.shares(0);
        Shares other = leader.shares(1);
        Seed swapped = new Seed(
                0,
                shares.header().client(),
                shares.key(),
                new Part(
                        other.parts().get(1).encapsulated(),
                        shares.parts().get(1).box()));

        assertEquals(List.of(), leader.transfer(shares.task(), swapped));
    }

    @Test
    void aClientAnswersOnce() throws Exception {
        try (SharingClient client = new SharingClient(drill.known(), Fixtures.client(0), new SecureRandom())) {
            byte[] request = leader.request(leader.holderKey);
            // A damaged request changes nothing; the right one may still arrive.
            assertThrows(
                    CorruptDataException.class,
                    () -> client.answer(new byte[9], drill.local().work(0, 1)));
            client.answer(request, drill.local().work(0, 1));

            assertEquals(
                    "client 'client-0': its half of the round is over",
                    assertThrows(
                                    IllegalStateException.class,
                                    () -> client.answer(request, drill.local().work(0, 1)))
                            .getMessage());
        }
    }

    @Test
    void aClientOfAnotherRoundRefuses() {
        try (SharingClient client = new SharingClient(drill.known(), Fixtures.client(0), new SecureRandom())) {
            assertRefused(
                    "client 'client-0', round 2: the leading server announces round 1 of a model with 4 parameters, but the task"
                            + " has 4",
                    () -> client.answer(
                            leader.request(leader.holderKey), drill.local().work(0, 2)));
        }
    }

    /** The newest stay; what a holder was asked and never finished does not pile up. */
    @Test
    void aHolderKeepsFewSessions() throws Exception {
        Shares shares = leader.shares(0);
        for (int i = 0; i < ShareHolder.MOST_SESSIONS; i++) {
            try (RoundKeys keys = RoundKeys.fresh(new SecureRandom())) {
                leader.holder.answer(leader.announcement(N, keys.published()));
            }
        }
        assertRefused(
                "server 2 of a shared sum: the message is of a session that is over or was never announced here",
                () -> leader.transfer(shares.task(), leader.seed(0, shares)));
    }

    @Test
    void aHeaderIsTheClients() throws Exception {
        assertEquals(
                new MessageHeader(leader.session, 1, Fixtures.client(3)),
                leader.shares(3).header());
    }
}
