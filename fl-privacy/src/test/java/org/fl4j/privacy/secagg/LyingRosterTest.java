package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lies of a malicious server about the roster: the clients, their positions and their keys. */
class LyingRosterTest {

    private static final int N = 6;
    private static final KeyPair25519 ITS_OWN = KeyPair25519.fresh(new SecureRandom());
    private static final Bytes SMALL_ORDER = Bytes.owning(new byte[KeyPair25519.BYTES]);
    private static final String UNSIGNED = "' are not signed by the identity key that the directory has for it";
    private static final String OTHER_ROSTER =
            "the roster's hash is not that of the keys, this client's own among them";
    private static final String OTHER_TRANSCRIPT =
            "' did not sign the survivors and the transcript that this client was given";

    /** Of six clients only. */
    private final Map<ClientId, PrivateKey> privateKeys = new HashMap<>();

    private final LyingServer server = new LyingServer(threatModel(), N);

    private ThreatModel threatModel() {
        Map<ClientId, PublicKey> publicKeys = new HashMap<>();
        for (int client = 0; client < N; client++) {
            KeyPair keys = Ed25519.freshKeys();
            publicKeys.put(Fixtures.client(client), keys.getPublic());
            privateKeys.put(Fixtures.client(client), keys.getPrivate());
        }
        return ThreatModel.curious(new DropoutTolerance(0, 0.33))
                .against(
                        Adversary.MALICIOUS,
                        IdentityDirectory.of(publicKeys),
                        (self, message) -> IdentityDirectory.Signer.of(privateKeys.get(self))
                                .sign(self, message));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void rejectsAMaskKeyOfTheServersOwn() throws Exception {
        server.advertise();
        replaceInAllRosters(
                3,
                its -> new KeyAdvertisement(
                        its.header(), its.boxKey(), itsOwnKey(), its.taskFingerprint(), its.signature()));
        server.assertAllReject(client -> client == 3 ? OTHER_ROSTER : "the keys of neighbour 'client-3" + UNSIGNED);
    }

    @Test
    void rejectsABoxKeyOfTheServersOwn() throws Exception {
        server.advertise();
        replaceInAllRosters(
                3,
                its -> new KeyAdvertisement(
                        its.header(), itsOwnKey(), its.maskKey(), its.taskFingerprint(), its.signature()));
        server.assertAllReject(client -> client == 3 ? OTHER_ROSTER : "the keys of neighbour 'client-3" + UNSIGNED);
    }

    @Test
    void rejectsAMaskKeyOfTheServersOwnWithoutASignature() throws Exception {
        server.advertise();
        replaceInAllRosters(
                3,
                its -> new KeyAdvertisement(
                        its.header(), its.boxKey(), itsOwnKey(), its.taskFingerprint(), Bytes.EMPTY));
        server.assertAllReject(client -> client == 3 ? OTHER_ROSTER : "the keys of neighbour 'client-3" + UNSIGNED);
    }

    /** A client that colludes with the server signs for another. */
    @Test
    void rejectsAMaskKeyOfTheServersOwnThatAnotherClientSigned() throws Exception {
        server.advertise();
        replaceInAllRosters(
                3,
                its -> signed(
                        new KeyAdvertisement(
                                its.header(), its.boxKey(), itsOwnKey(), its.taskFingerprint(), Bytes.EMPTY),
                        5));
        server.assertAllReject(client -> client == 3 ? OTHER_ROSTER : "the keys of neighbour 'client-3" + UNSIGNED);
    }

    @Test
    void rejectsAClientThatDoesNotExist() throws Exception {
        server.advertise();
        MessageHeader ghost = new MessageHeader(server.header(3).session(), 1, new ClientId("ghost"));
        replaceInAllRosters(
                3,
                its -> signed(
                        new KeyAdvertisement(ghost, its.boxKey(), itsOwnKey(), its.taskFingerprint(), Bytes.EMPTY), 5));
        server.assertAllReject(client -> client == 3
                ? OTHER_ROSTER
                : "the keys of neighbour 'ghost' are signed by nobody that the directory knows");
    }

    /** A client that colludes with the server has two positions, with keys that it signed. */
    @Test
    void rejectsAClientInTwoPlaces() throws Exception {
        server.advertise();
        replaceInAllRosters(
                3,
                its -> signed(
                        new KeyAdvertisement(
                                server.header(5), freshKey(), freshKey(), its.taskFingerprint(), Bytes.EMPTY),
                        5));
        server.assertAllReject(
                client -> client == 3 ? OTHER_ROSTER : "neighbour 'client-5' or one of its keys is there twice");
    }

    /** A key that maps every secret to the same value, signed by its own client, which colludes with the server. */
    @Test
    void rejectsABoxKeyOfSmallOrder() throws Exception {
        server.advertise();
        replaceInAllRosters(
                5,
                its -> signed(
                        new KeyAdvertisement(
                                its.header(), SMALL_ORDER, its.maskKey(), its.taskFingerprint(), Bytes.EMPTY),
                        5));
        server.assertAllReject(client -> client == 5 ? OTHER_ROSTER : "the key of neighbour 'client-5' is not valid");
    }

    /** Client 5 colludes, so the others reach the masking stage. */
    @Test
    void rejectsAMaskKeyOfSmallOrder() throws Exception {
        server.advertise();
        KeyAdvertisement its = server.advertisement(5);
        KeyAdvertisement other = signed(
                new KeyAdvertisement(its.header(), its.boxKey(), SMALL_ORDER, its.taskFingerprint(), Bytes.EMPTY), 5);
        byte[] hash = server.roster(client -> client == 5 ? other : server.advertisement(client));
        server.deal((client, truth) -> {
            List<Bytes> neighbours = new ArrayList<>(truth.neighbours());
            neighbours.set(4, Bytes.owning(other.toBytes()));
            return client == 5 ? truth : with(hash, truth, neighbours);
        });
        try (Warnings warnings = Warnings.of(InputCollection.class)) {
            server.mask(LyingServer::truth);
            assertEquals(1, warnings.messages().size());
        }
        Map<Integer, String> expected = new TreeMap<>();
        for (int client = 0; client < 5; client++) {
            expected.put(
                    client,
                    "client 'client-" + client + "', round 1: the mask key of neighbour 'client-5' is not valid");
        }
        assertEquals(expected, server.rejections());
        assertEquals(Set.of(), server.revelations().keySet());
    }

    @Test
    void rejectsTwoClientsSwapped() throws Exception {
        server.advertise();
        server.deal((client, truth) -> withNeighbours(truth, swapped(truth.neighbours())));
        server.assertAllReject(client -> OTHER_ROSTER);
    }

    /** Half of the clients are told one order and half another, each with a hash that fits. */
    @Test
    void rejectsTwoRostersThatAreEachConsistent() throws Exception {
        server.advertise();
        byte[] other = server.roster(client -> server.advertisement(client < 4 ? client : 9 - client));
        server.deal((client, truth) -> client < 3 ? with(other, truth, swapped(truth.neighbours())) : truth);
        try (Warnings warnings = Warnings.of(InputCollection.class)) {
            server.mask(LyingServer::truth);
            assertEquals(
                    "round 1: shares of [client-3, client-4, client-5] for [client-0] could not be opened; either"
                            + " side may be at fault",
                    warnings.messages().get(0));
        }
        server.sign(LyingServer::truth);
        int[][] signers = {{1, 2, 3}, {0, 2, 3}, {0, 1, 3}, {0, 4, 5}, {0, 3, 5}, {0, 3, 4}};
        server.unmask((client, truth) -> server.request(client, truth.survivors(), signers[client]));
        server.assertAllReject(client -> "neighbour 'client-" + (client < 3 ? 3 : 0) + OTHER_TRANSCRIPT);
    }

    @Test
    void rejectsThePositionOfAnotherClient() throws Exception {
        server.advertise();
        server.deal((client, truth) -> {
            List<Bytes> withoutFirst = new ArrayList<>(all());
            withoutFirst.remove(0);
            return at(0, truth, withoutFirst);
        });
        Map<Integer, String> expected = new TreeMap<>();
        for (int client = 1; client < N; client++) {
            expected.put(
                    client,
                    "client 'client-" + client + "', round 1: neighbour 'client-" + client
                            + "' or one of its keys is there twice");
        }
        assertEquals(expected, server.rejections());
    }

    /** Client 0 stands where the recipient does. */
    @Test
    void rejectsPositionsThatAreSwapped() throws Exception {
        server.advertise();
        server.deal((client, truth) -> {
            List<Bytes> others = new ArrayList<>(all());
            Collections.swap(others, client, (client + 1) % N);
            others.remove((client + 1) % N);
            return at((client + 1) % N, truth, others);
        });
        server.assertAllReject(client -> OTHER_ROSTER);
    }

    @Test
    void rejectsAPositionOutsideTheCohort() throws Exception {
        server.advertise();
        server.deal((client, truth) -> at(client == 0 ? -1 : N, truth, truth.neighbours()));
        server.assertAllReject(client -> "the server gives it position " + (client == 0 ? -1 : 6)
                + ", which is not of 6 clients that are there");
    }

    @Test
    void rejectsFewerClientsThanTheThreshold() throws Exception {
        server.advertise();
        server.deal((client, truth) -> new KeyRoster(
                truth.header(),
                client,
                server.clients(client, (client + 1) % N, (client + 2) % N),
                truth.graphSeed(),
                truth.roster(),
                truth.leaves(),
                truth.neighbours().subList(0, 2)));
        server.assertAllReject(client -> "the server goes on with 3 clients but at least 4 are needed");
    }

    @Test
    void rejectsFewerKeysThanClients() throws Exception {
        server.advertise();
        server.deal((client, truth) -> withNeighbours(truth, truth.neighbours().subList(0, 4)));
        server.assertAllReject(client -> "the server sends the keys of 4 neighbours but there are 5");
    }

    private void replaceInAllRosters(int replaced, UnaryOperator<KeyAdvertisement> change) throws Exception {
        server.dealWith(replaced, change.apply(server.advertisement(replaced)));
    }

    private KeyAdvertisement signed(KeyAdvertisement unsigned, int signer) {
        try {
            return unsigned.signed(Ed25519.sign(privateKeys.get(Fixtures.client(signer)), unsigned.signedBytes()));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Bytes itsOwnKey() {
        return Bytes.owning(ITS_OWN.publicKey());
    }

    private static Bytes freshKey() {
        return Bytes.owning(KeyPair25519.fresh(new SecureRandom()).publicKey());
    }

    private List<Bytes> all() {
        List<Bytes> all = new ArrayList<>();
        for (int client = 0; client < N; client++) {
            all.add(Bytes.owning(server.advertisement(client).toBytes()));
        }
        return all;
    }

    /** The last two that a client is told of, the other way round. */
    private static List<Bytes> swapped(List<Bytes> neighbours) {
        List<Bytes> swapped = new ArrayList<>(neighbours);
        Collections.swap(swapped, swapped.size() - 1, swapped.size() - 2);
        return swapped;
    }

    private static KeyRoster withNeighbours(KeyRoster truth, List<Bytes> neighbours) {
        return at(truth.index(), truth, neighbours);
    }

    private static KeyRoster with(byte[] hash, KeyRoster truth, List<Bytes> neighbours) {
        return new KeyRoster(
                truth.header(),
                truth.index(),
                truth.advertised(),
                truth.graphSeed(),
                Bytes.owning(hash),
                truth.leaves(),
                neighbours);
    }

    private static KeyRoster at(int position, KeyRoster truth, List<Bytes> neighbours) {
        return new KeyRoster(
                truth.header(),
                position,
                truth.advertised(),
                truth.graphSeed(),
                truth.roster(),
                truth.leaves(),
                neighbours);
    }
}
