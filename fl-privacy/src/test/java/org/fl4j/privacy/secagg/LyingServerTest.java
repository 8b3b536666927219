package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.fl4j.privacy.secagg.internal.message.SurvivorList;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Lies of a malicious server after the masked inputs: who survived, and who signed that. Six clients, of whom any four can
 * unmask a sum, so no two disjoint groups can.
 */
class LyingServerTest {

    private static final int N = 6;
    private static final String OTHER_SURVIVORS =
            "the server asks to unmask a sum over other survivors than those it had this client sign";

    private final IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
    private final ThreatModel threatModel =
            ThreatModel.curious(new DropoutTolerance(0, 0.33)).against(Adversary.MALICIOUS, identities, identities);
    private LyingServer server = new LyingServer(threatModel, N);

    @BeforeEach
    void fourSharesReconstructASecret() {
        assertEquals(4, server.terms().threshold());
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** The control: an honest server recovers the sum. */
    @Test
    void anHonestServerRecoversTheSum() throws Exception {
        server.unmaskAfterHonestRound(LyingServer::truth);
        assertEquals(Map.of(), server.rejections());
        assertArrayEquals(new double[] {15, 150, -15}, server.sum().orElseThrow());
    }

    @Test
    void rejectsOtherSurvivorsForHalfTheClients() throws Exception {
        IndexSet[] lists = {server.clients(0, 1, 2, 3, 4, 5), server.clients(1, 2, 3, 4, 5)};
        server.untilSigned((client, truth) -> new SurvivorList(truth.header(), lists[client / 3]));
        int[][] signers = {{1, 2, 3}, {0, 2, 3}, {0, 1, 3}, {1, 4, 5}, {1, 3, 5}, {1, 3, 4}};
        server.unmask((client, truth) -> server.request(client, lists[client / 3], signers[client]));
        server.assertAllReject(client -> "neighbour 'client-" + (client < 3 ? 3 : 1)
                + "' did not sign the survivors and the transcript that this" + " client was given");
    }

    @Test
    void rejectsUnsignedSurvivors() throws Exception {
        server.unmaskAfterHonestRound(
                (client, truth) -> server.request(client, server.clients(client, 1, 2, 3, 4), 1, 2, 3));
        server.assertAllReject(client -> OTHER_SURVIVORS);
    }

    @Test
    void rejectsTooFewSignatures() throws Exception {
        server.unmaskAfterHonestRound(
                (client, truth) -> server.request(client, truth.survivors(), (client + 1) % N, (client + 2) % N));
        server.assertAllReject(client -> "the server shows 2 signatures on the survivors; at least 3 are needed");
    }

    @Test
    void rejectsTheClientsOwnSignature() throws Exception {
        server.unmaskAfterHonestRound((client, truth) ->
                server.request(client, truth.survivors(), client, (client + 1) % N, (client + 2) % N));
        server.assertAllReject(client ->
                "the server shows a signature of position " + client + ", which is not a surviving neighbour");
    }

    @Test
    void rejectsASignatureOfAClientThatDroppedOut() throws Exception {
        IndexSet survivors = server.clients(0, 1, 2, 3, 4);
        server.advertise();
        server.deal(LyingServer::truth);
        server.mask(LyingServer::truth);
        server.signatures().put(5, Bytes.owning(new byte[Ed25519.SIGNATURE_BYTES]));
        server.lose(5);
        server.sign((client, truth) -> new SurvivorList(truth.header(), survivors));
        server.unmask((client, truth) -> server.request(client, survivors, (client + 1) % 5, (client + 2) % 5, 5));
        server.assertRejected(
                5, client -> "the server shows a signature of position 5, which is not a surviving neighbour");
    }

    @Test
    void rejectsAForgedSignature() throws Exception {
        byte[] forger = Ed25519.sign(Ed25519.freshKeys().getPrivate(), new byte[] {1});
        assertSignatureRejected(Bytes.owning(forger));
    }

    @Test
    void rejectsASignatureByAnotherClient() throws Exception {
        server.untilSigned(LyingServer::truth);
        showAsThatOfTheNext(server.signature(5));
    }

    @Test
    void rejectsASignatureOfAnotherRound() throws Exception {
        server.untilSigned(LyingServer::truth);
        Bytes earlier = server.signature(1);
        server.close();
        server = new LyingServer(threatModel, N);
        assertSignatureRejected(earlier);
    }

    private void assertSignatureRejected(Bytes signature) throws Exception {
        server.untilSigned(LyingServer::truth);
        showAsThatOfTheNext(signature);
    }

    /** To all but client 5, whose signature one of the tests misuses, as that of client 1 or 2. */
    private void showAsThatOfTheNext(Bytes signature) throws Exception {
        server.lose(5);
        server.unmask((client, truth) -> {
            int pretended = client == 1 ? 2 : 1;
            UnmaskingRequest honest = server.request(client, truth.survivors(), pretended, 3, 4, client == 0 ? 2 : 0);
            List<Bytes> signatures = honest.signers().stream()
                    .mapToObj(signer -> signer == pretended ? signature : server.signature(signer))
                    .toList();
            return new UnmaskingRequest(truth.header(), truth.survivors(), honest.signers(), signatures);
        });
        // Clients 3 and 4 are shown their own signatures, too, but the false one comes first.
        server.assertRejected(
                5,
                client -> "neighbour 'client-" + (client == 1 ? 2 : 1)
                        + "' did not sign the survivors and the transcript that this client was given");
    }

    /** Both shares of one client, from one holder: the second list comes too late, whatever it says. */
    @Test
    void rejectsASecondRequest() throws Exception {
        server.unmaskAfterHonestRound(LyingServer::truth);
        UnmaskingRequest second = server.request(0, server.clients(0, 1, 2, 3), 1, 2, 3);
        byte[] sealed = server.keys().seal(0, ProtocolStage.UNMASK, second.toBytes());
        IllegalStateException rejection = assertThrows(
                IllegalStateException.class,
                () -> server.session(0).answer(sealed, server.drill().work(0, 1)));
        assertEquals("client 'client-0': its half of the round is over", rejection.getMessage());
    }

    /** A client that rejected a list accepts no other. */
    @Test
    void rejectsAnHonestRequestAfterALie() throws Exception {
        server.untilSigned(LyingServer::truth);
        UnmaskingRequest truth = server.request(0, server.clients(0, 1, 2, 3, 4, 5), 1, 2, 3);
        server.unmask((client, honest) -> server.request(client, server.clients(client, 1, 2, 3, 4), 1, 2, 3));
        byte[] sealed = server.keys().seal(0, ProtocolStage.UNMASK, truth.toBytes());
        assertThrows(
                IllegalStateException.class,
                () -> server.session(0).answer(sealed, server.drill().work(0, 1)));
        server.assertNothingLearned();
    }

    @Test
    void rejectsASecondListToSign() throws Exception {
        server.untilSigned(LyingServer::truth);
        SurvivorList second = new SurvivorList(server.header(0), server.clients(0, 1, 2, 3));
        assertTrue(server.tell(0, ProtocolStage.CONSISTENCY, second.toBytes()).isEmpty());
        assertEquals(
                Map.of(
                        0,
                        "client 'client-0', round 1: the server's message does not bear the seal of UNMASK: it was"
                                + " altered, or is of another client, stage, round or session"),
                server.rejections());
    }

    @Test
    void rejectsSurvivorsWithoutTheClientItself() throws Exception {
        server.untilSigned((client, truth) -> new SurvivorList(truth.header(), allBut(client)));
        server.assertAllReject(client -> "the server wants this client's shares for a sum that it is not in");
    }

    @Test
    void rejectsFewerSurvivorsThanTheThreshold() throws Exception {
        server.untilSigned((client, truth) ->
                new SurvivorList(truth.header(), server.clients(client, (client + 1) % N, (client + 2) % N)));
        server.assertAllReject(client -> "the server wants a sum over 3 clients but at least 4 are needed");
    }

    @Test
    void rejectsASurvivorThatDealtNoShares() throws Exception {
        server.advertise();
        server.lose(5);
        server.deal(LyingServer::truth);
        server.mask(LyingServer::truth);
        server.sign((client, truth) -> new SurvivorList(truth.header(), server.clients(0, 1, 2, 3, 4, 5)));
        server.assertRejected(
                5, client -> "the server says that position 5 survived, but it dealt this client no shares");
    }

    /** It has no neighbour that would miss its shares, and would make too few survivors look like enough. */
    @Test
    void rejectsASurvivorThatSentNoKeys() throws Exception {
        server.lose(5);
        server.advertise();
        server.deal(LyingServer::truth);
        server.mask(LyingServer::truth);
        server.sign((client, truth) -> new SurvivorList(truth.header(), server.clients(0, 1, 2, 3, 4, 5)));
        server.assertRejected(5, client -> "the server says that position 5 survived, but it sent no keys");
    }

    @Test
    void rejectsFewerDealersThanTheThreshold() throws Exception {
        server.advertise();
        server.deal(LyingServer::truth);
        server.mask((client, truth) -> {
            IndexSet two = server.clients(truth.dealers().stream().limit(2).toArray());
            return new ShareDelivery(
                    truth.header(),
                    two,
                    Bytes.owning(new byte[2 * ShareDealing.COMMITMENT_BYTES]),
                    Bytes.owning(new byte[2 * ShareDealing.BOX_BYTES]));
        });
        server.assertAllReject(
                client -> "the server delivers shares of 2 of 5 neighbours, with which the threshold of 4 is"
                        + " not reached, or of others");
    }

    private IndexSet allBut(int client) {
        return server.clients(0, 1, 2, 3, 4, 5).where(index -> index != client);
    }
}
