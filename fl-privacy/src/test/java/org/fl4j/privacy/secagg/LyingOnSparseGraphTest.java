package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.fl4j.privacy.secagg.internal.message.SurvivorList;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A semi-malicious server among a hundred clients. Client 0 is real; the server makes up the answers of the others, as if all
 * colluded with it, and their keys are signed.
 */
class LyingOnSparseGraphTest {

    private static final int N = 100;
    private static final IdentityDirectory.Simulated IDENTITIES = new IdentityDirectory.Simulated();
    private static final String OTHER_ROSTER =
            "the roster's hash is not that of the keys, this client's own among them";

    private static final List<Bytes> KEYS = Stream.generate(() -> KeyPair25519.fresh(new SecureRandom()))
            .limit(2 * N)
            .map(pair -> Bytes.owning(pair.publicKey()))
            .toList();

    private final LyingServer server = new LyingServer(
            ThreatModel.curious(new DropoutTolerance(0.01, 0.1))
                    .against(Adversary.SEMI_MALICIOUS, IDENTITIES, IDENTITIES),
            N);

    @BeforeEach
    void keysAreCollectedHonestly() throws Exception {
        assertTrue(server.terms().seedIsOfKeys());
        server.lose(N - 1);
        server.announce(0, server.serverKeys());
        String task = server.advertisement(0).taskFingerprint();
        for (int client = 1; client < N - 1; client++) {
            KeyAdvertisement unsigned = new KeyAdvertisement(
                    server.header(client), KEYS.get(2 * client), KEYS.get(2 * client + 1), task, Bytes.EMPTY);
            KeyAdvertisement signed = unsigned.signed(IDENTITIES.sign(Fixtures.client(client), unsigned.signedBytes()));
            server.know(client, signed, server.serverKeys());
        }
        server.settleRoster();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void rejectsASeedThatIsNotTheHashOfTheKeys() throws Exception {
        KeyRoster truth = roster();
        byte[] seed = truth.graphSeed().shared().clone();
        seed[0] ^= 1;
        tell(new KeyRoster(
                truth.header(),
                0,
                truth.advertised(),
                Bytes.owning(seed),
                truth.roster(),
                truth.leaves(),
                truth.neighbours()));
        assertRejected("the seed of the graph is not the hash of the keys");
    }

    /** All hashes fit, but another key stands for the client's own. */
    @Test
    void rejectsALeafThatIsNotTheClientsOwn() throws Exception {
        List<Bytes> leaves = new ArrayList<>(roster().leaves());
        leaves.set(0, leaves.get(1));
        tellHashesThatFit(leaves, leaves);
        assertRejected(OTHER_ROSTER);
    }

    /** All hashes fit, but other keys of neighbours are in them than those that this client gets. */
    @Test
    void rejectsLeavesThatAreNotTheNeighboursOwn() throws Exception {
        List<Bytes> leaves = new ArrayList<>(roster().leaves());
        Collections.reverse(leaves.subList(1, leaves.size()));
        tellHashesThatFit(leaves, leaves);
        assertRejected(OTHER_ROSTER);
    }

    @Test
    void rejectsAHashThatIsNotThatOfTheLeaves() throws Exception {
        List<Bytes> leaves = roster().leaves();
        List<Bytes> others = new ArrayList<>(leaves);
        Collections.reverse(others);
        tellHashesThatFit(others, leaves);
        assertRejected(OTHER_ROSTER);
    }

    @Test
    void rejectsSignaturesOnOtherSurvivors() throws Exception {
        dealAndMask();
        IndexSet survivors = server.keys().advertised();
        sign(survivors);
        unmask(survivors, survivors.where(client -> client != 0));
        assertRejected("neighbour 'client-" + signers().toArray()[0]
                + "' did not sign the survivors and the transcript that this client was given");
    }

    /** The control: signatures on these survivors are accepted. */
    @Test
    void acceptsSignaturesOnTheSurvivors() throws Exception {
        dealAndMask();
        IndexSet survivors = server.keys().advertised();
        sign(survivors);
        assertTrue(unmask(survivors, survivors).isPresent());
        assertEquals(Map.of(), server.rejections());
    }

    /** On a sparse graph a survivor without neighbours would make too few survivors look like enough. */
    @Test
    void rejectsASurvivorThatSentNoKeys() throws Exception {
        dealAndMask();
        sign(IndexSet.all(N));
        assertRejected("the server says that position 99 survived, but it sent no keys");
    }

    private KeyRoster roster() {
        return KeyRoster.fromBytes(LyingServer.record(new ShareCollection(server.keys()), 0), N);
    }

    private void tell(KeyRoster roster) throws Exception {
        server.tell(0, ProtocolStage.SHARE_KEYS, roster.toBytes());
    }

    /** A roster, a seed and neighbours that follow from some leaves, and the leaves to go with them. */
    private void tellHashesThatFit(List<Bytes> hashed, List<Bytes> leaves) throws Exception {
        byte[] hash =
                Transcript.roster(server.serverKeys().announced(), server.keys().advertised(), hashed);
        server.settleRoster(hash, Transcript.graphSeed(hash), "");
        KeyRoster truth = roster();
        tell(new KeyRoster(
                truth.header(), 0, truth.advertised(), truth.graphSeed(), truth.roster(), leaves, truth.neighbours()));
    }

    /** The shares of the others are junk, which a client does not open. */
    private void dealAndMask() throws Exception {
        tell(roster());
        IndexSet neighbours = neighbours();
        server.tell(
                0,
                ProtocolStage.MASKED_INPUT,
                new ShareDelivery(
                                server.header(0),
                                neighbours,
                                Bytes.owning(new byte[neighbours.size() * ShareDealing.COMMITMENT_BYTES]),
                                Bytes.owning(new byte[neighbours.size() * ShareDealing.BOX_BYTES]))
                        .toBytes());
        assertEquals(Map.of(), server.rejections());
    }

    private IndexSet neighbours() {
        return server.keys().neighboursIn(0, server.keys().advertised());
    }

    private IndexSet signers() {
        return server.clients(
                neighbours().stream().limit(server.terms().signaturesOfOthers()).toArray());
    }

    private void sign(IndexSet survivors) throws Exception {
        SurvivorList list = new SurvivorList(server.header(0), survivors);
        server.tell(0, ProtocolStage.CONSISTENCY, list.toBytes());
    }

    private Optional<byte[]> unmask(IndexSet survivors, IndexSet signed) throws Exception {
        byte[] message = Transcript.survivors(server.keys().transcript().shared(), signed);
        List<Bytes> signatures = new ArrayList<>();
        for (int signer : signers().toArray()) {
            signatures.add(Bytes.owning(IDENTITIES.sign(Fixtures.client(signer), message)));
        }
        UnmaskingRequest request = new UnmaskingRequest(server.header(0), survivors, signers(), signatures);
        return server.tell(0, ProtocolStage.UNMASK, request.toBytes());
    }

    private void assertRejected(String why) {
        assertEquals(Map.of(0, "client 'client-0', round 1: " + why), server.rejections());
    }
}
