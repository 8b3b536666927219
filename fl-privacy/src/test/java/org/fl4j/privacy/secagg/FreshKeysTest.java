package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.X25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.privacy.secagg.internal.vector.Masks;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.privacy.secagg.internal.vector.RingWords;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;

/** What a server learns of a client's keys in one round, as it must when the client drops out, is of no use in the next. */
class FreshKeysTest {

    private static final int N = 4;
    private static final int LENGTH = 64;
    private static final int VANISHING = 2;
    private static final ThreatModel SETTING = ThreatModel.curious(DropoutTolerance.ofDropouts(0.25));

    private final KnownCohort cohort = new KnownCohort(new IntegerRule(1 << 21), SETTING);
    private final Drill drill = new Drill(cohort, N, LENGTH, client -> Drill.values(client, LENGTH));

    @Test
    void theKeysOfOneRoundUnmaskNoOther() throws Exception {
        Eavesdropper first = new Eavesdropper(N, FreshKeysTest::withoutInput);
        assertInstanceOf(SecureRound.Recovered.class, drill.over(first).run(1));
        SessionTerms terms = cohort.terms(drill.context(1), N);
        byte[] revealed = first.revealedSecret(VANISHING, terms.threshold());
        assertArrayEquals(cohort.client(VANISHING).mask().scalar(), revealed);
        assertEquals(first.advertisement(VANISHING).maskKey(), Bytes.owning(X25519.publicKey(revealed)));

        Eavesdropper second = new Eavesdropper(N);
        assertInstanceOf(SecureRound.Recovered.class, drill.over(second).run(2));
        int[] contribution = new int[LENGTH];
        double[] values = Drill.values(VANISHING, LENGTH);
        Arrays.setAll(contribution, i -> (int) values[i]);
        byte[] current = cohort.client(VANISHING).mask().scalar();
        assertArrayEquals(contribution, unmasked(second, terms, current), "the control: this round's key");
        int[] withOldKey = unmasked(second, terms, revealed);
        // By chance two words of 25 bits are the same once in 2^25 times: one of 64 is in 2^-19 of all runs, two in
        // 2^-39.
        assertTrue(IntStream.range(0, LENGTH)
                        .filter(i -> withOldKey[i] == contribution[i])
                        .count()
                < 2);
    }

    private static Optional<byte[]> withoutInput(ProtocolStage stage, Direction way, int client, byte[] message) {
        boolean lost = client == VANISHING && stage == ProtocolStage.MASKED_INPUT && way == Direction.TO_SERVER;
        return lost ? Optional.empty() : Optional.of(message);
    }

    /** As a server would that had a survivor's mask key beside the seed of its self-mask. */
    private static int[] unmasked(Eavesdropper server, SessionTerms terms, byte[] maskKey) {
        RingVector vector = server.maskedVector(VANISHING, terms.plan());
        try (Masks masks = new Masks(server.transcript(VANISHING), terms.plan())) {
            byte[] seed = server.revealedSecret(VANISHING, terms.threshold());
            masks.removeSelves(vector, new byte[][] {seed}, new int[] {VANISHING});
            for (int other = 0; other < N; other++) {
                if (other != VANISHING) {
                    byte[] publicKey = server.advertisement(other).maskKey().shared();
                    byte[][] secret = X25519.agreeAll(maskKey, new byte[][] {publicKey});
                    masks.addPairs(vector, secret, other, new int[] {VANISHING});
                }
            }
        }
        int unused = Integer.SIZE - terms.plan().segments().get(0).bits();
        return Arrays.stream(RingWords.of(vector, 0))
                .mapToInt(word -> (int) word << unused >> unused)
                .toArray();
    }

    /** Also of clients that dropped out, and of clients between each other. */
    @Test
    void noMessageRepeats() {
        Set<Object> seen = new HashSet<>();
        int sent = 0;
        for (int round = 1; round <= 3; round++) {
            Eavesdropper server = new Eavesdropper(N);
            assertInstanceOf(SecureRound.Recovered.class, drill.over(server).run(round));
            for (int client = 0; client < N; client++) {
                seen.add(server.advertisement(client).boxKey());
                seen.add(server.advertisement(client).maskKey());
                seen.add(server.dealing(client).seedCommitment());
                seen.add(server.dealing(client).boxes());
                seen.add(Bytes.owning(server.revealedSecret(client, 3)));
                sent += 5;
            }
        }
        assertEquals(sent, seen.size());
    }

    /** All that an identity key is asked for in a round: two signatures, neither over anything secret. */
    @Test
    void identityKeysSignTwoMessagesARound() {
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        Map<ClientId, List<byte[]>> signed = new HashMap<>();
        IdentityDirectory.Signer recording = (self, message) -> {
            signed.computeIfAbsent(self, id -> new ArrayList<>()).add(message.clone());
            return identities.sign(self, message);
        };
        KnownCohort signing = new KnownCohort(
                new IntegerRule(1000),
                ThreatModel.curious(new DropoutTolerance(0, 0.25)).against(Adversary.MALICIOUS, identities, recording));
        Drill signingDrill = new Drill(signing, N, 2, client -> new double[2]);
        for (int round = 1; round <= 2; round++) {
            Eavesdropper server = new Eavesdropper(N);
            signed.clear();
            assertInstanceOf(
                    SecureRound.Recovered.class, signingDrill.over(server).run(round));
            byte[] survivors = Transcript.survivors(server.transcript(0), IndexSet.all(N));
            String label = new String(survivors, StandardCharsets.US_ASCII).substring(0, 24);
            assertEquals("fl4j-secagg-1 survivors ", label);
            for (int client = 0; client < N; client++) {
                List<byte[]> its = signed.getOrDefault(Fixtures.client(client), List.of());
                assertEquals(2, its.size());
                assertArrayEquals(server.advertisement(client).signedBytes(), its.get(0));
                assertArrayEquals(survivors, its.get(1));
            }
        }
    }

    /** The same draws under another identity: the same keys, so nothing of the identity is in them. */
    @Test
    void noEncryptionKeyDependsOnTheIdentity() throws Exception {
        KeyAdvertisement one = advertisement(new IdentityDirectory.Simulated());
        KeyAdvertisement other = advertisement(new IdentityDirectory.Simulated());
        assertEquals(one.boxKey(), other.boxKey());
        assertEquals(one.maskKey(), other.maskKey());
        assertFalse(one.signature().equals(other.signature()));
    }

    private static KeyAdvertisement advertisement(IdentityDirectory.Simulated identities) throws Exception {
        ThreatModel threatModel =
                ThreatModel.curious(new DropoutTolerance(0, 0.25)).against(Adversary.MALICIOUS, identities, identities);
        Drill drill = new Drill(SecureSum.on(LyingServer.RULE), N, 1, client -> new double[1]);
        SessionTerms terms = SessionTerms.of(
                new SummedRule.Plain(LyingServer.RULE, FixedPoint.UNSTATED), threatModel, drill.context(1), N);
        try (ServerRound.Keys keys = ServerRound.Keys.fresh(
                        terms, drill.context(1).shared(Optional.empty()).toBytes(), new SecureRandom());
                ClientSession client = new ClientSession(
                        new SummedRule.Plain(LyingServer.RULE, FixedPoint.UNSTATED),
                        threatModel,
                        Fixtures.client(0),
                        FixedRandom.seeded(7))) {
            byte[] answer = client.answer(keys.announcement(), drill.work(0, 1));
            return KeyAdvertisement.fromBytes(Envelope.unverified(answer, Envelope.SEAL_BYTES));
        }
    }
}
