package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.sharing.ShareBook;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.secure.SecureRound;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However a round ends, the arrays that held its secrets are zero: all that was found in them at any time of it. */
class ErasureTest {

    private static final int N = 4;

    /** What a client has of secrets once its stages are done, by class and field. */
    private static final Set<String> OF_A_CLIENT = new TreeSet<>(Set.of(
            "ClientSecrets.seed",
            "HeldShares.own",
            "HeldShares.shares",
            "KeyPair25519.scalar",
            "MessageKeys.root",
            "PairBoxes.roots"));

    private static final Set<String> OF_THE_SERVER =
            new TreeSet<>(Set.of("KeyPair25519.scalar", "MessageKeys.root", "RingVector.narrow", "ShareBook.shares"));

    private final IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
    private final KnownCohort cohort = new KnownCohort(
            new IntegerRule(1000),
            ThreatModel.curious(new DropoutTolerance(0, 0.25)).against(Adversary.MALICIOUS, identities, identities));
    private final Drill drill = new Drill(cohort, N, 3, client -> new double[] {client, 7, -client});
    private final ReachableSecrets ofClients = new ReachableSecrets();
    private final ReachableSecrets ofServer = new ReachableSecrets();
    private final Set<String> seenAtClients = new TreeSet<>();
    private final Set<String> seenAtServer = new TreeSet<>();

    /** Looks at everything whenever a message is on its way. */
    private Drill watched(Drill.Network network) {
        return drill.over((stage, way, client, message) -> {
            ofServer.collect(cohort.server());
            seenAtServer.addAll(ofServer.legible());
            ofClients.collect(cohort.client(client).session());
            seenAtClients.addAll(ofClients.legible());
            return network.carry(stage, way, client, message);
        });
    }

    @Test
    void secretsAreErasedAfterASuccessfulRound() {
        SecureRound.Outcome outcome =
                watched((stage, way, client, message) -> Optional.of(message)).run(1);
        assertInstanceOf(SecureRound.Recovered.class, outcome);
        assertEquals(OF_A_CLIENT, seenAtClients);
        assertEquals(OF_THE_SERVER, seenAtServer);
        assertErased();
    }

    @Test
    void secretsAreErasedAfterARoundWithADropout() {
        SecureRound.Outcome outcome = watched((stage, way, client, message) ->
                        client == 1 && stage == ProtocolStage.MASKED_INPUT ? Optional.empty() : Optional.of(message))
                .run(1);
        assertInstanceOf(SecureRound.Recovered.class, outcome);
        assertErased();
    }

    @ParameterizedTest
    @EnumSource
    void secretsAreErasedAfterAFailedRound(ProtocolStage last) {
        SecureRound.Outcome outcome = watched(
                        (stage, way, client, message) -> client < 2 && stage == last && way == Direction.TO_SERVER
                                ? Optional.empty()
                                : Optional.of(message))
                .run(1);
        assertInstanceOf(SecureRound.Unrecovered.class, outcome);
        assertErased();
    }

    private void assertErased() {
        assertEquals(Set.of(), ofClients.legible());
        assertEquals(Set.of(), ofServer.legible());
    }

    /** Nobody closes it: it has answered all. */
    @Test
    void aFinishedClientErasesItsSecrets() throws Exception {
        try (LyingServer server = server()) {
            server.untilSigned(LyingServer::truth);
            ofClients.collect(server.session(0));
            assertFalse(ofClients.legible().isEmpty());
            server.unmask(LyingServer::truth);
            assertEquals(Map.of(), server.rejections());
            assertEquals(Set.of(), ofClients.legible());
        }
    }

    /** Nobody closes it: it will answer no more. */
    @Test
    void aRejectingClientErasesItsSecrets() throws Exception {
        try (LyingServer server = server()) {
            server.untilSigned(LyingServer::truth);
            ofClients.collect(server.session(0));
            assertFalse(ofClients.legible().isEmpty());
            server.unmask((client, truth) -> server.request(client, truth.survivors()));
            assertEquals(N, server.rejections().size());
            assertEquals(Set.of(), ofClients.legible());
        }
    }

    @Test
    void aClientThatFailsToTrainErasesItsSecrets() throws Exception {
        try (LyingServer server = server()) {
            server.advertise();
            server.deal(LyingServer::truth);
            ofClients.collect(server.session(0));
            server.hand(0, task -> {
                throw new IllegalStateException("no battery left");
            });
            assertThrows(IllegalStateException.class, () -> server.mask(LyingServer::truth));
            assertEquals(Set.of(), ofClients.legible());
        }
    }

    /** Boxes are opened once, so the keys to them go before the round does. */
    @Test
    void keysOfBoxesAreErasedOnceBoxesAreOpen() throws Exception {
        try (LyingServer server = server()) {
            server.advertise();
            server.deal(LyingServer::truth);
            ofClients.collect(server.session(0));
            assertTrue(ofClients.legible().contains("PairBoxes.roots"));
            server.mask(LyingServer::truth);
            assertFalse(ofClients.legible().contains("PairBoxes.roots"));
        }
    }

    /** Seeds of survivors and the mask key of a dropout. */
    @Test
    void reconstructedSecretsAreErasedAfterUnmasking() throws Exception {
        try (LyingServer server = server()) {
            server.advertise();
            server.deal(LyingServer::truth);
            server.lose(1);
            server.mask(LyingServer::truth);
            server.sign(LyingServer::truth);
            server.unmask(LyingServer::truth);
            Unmasking unmasking = new Unmasking(server.revealed());
            assertEquals(Optional.empty(), unmasking.run(1));
            ofServer.collect(SecretArrays.value(unmasking, "seeds"));
            assertEquals(Set.of("TreeMap"), ofServer.legible());
            ofServer.collect(SecretArrays.value(unmasking, "maskKeys"));
            unmasking.close();
            assertErased();
        }
    }

    private LyingServer server() {
        return new LyingServer(
                ThreatModel.curious(new DropoutTolerance(0, 0.25)).against(Adversary.MALICIOUS, identities, identities),
                N);
    }

    /** In none of the forms in which bytes get into a log. */
    @Test
    void noToStringShowsASecret() throws Exception {
        List<String> texts = new ArrayList<>();
        List<String> secrets = new ArrayList<>();
        drill.over((stage, way, client, message) -> {
            if (stage == ProtocolStage.UNMASK) {
                KnownClient known = cohort.client(client);
                for (byte[] secret : new byte[][] {
                    known.seed(), known.mask().scalar(), known.box().scalar()
                }) {
                    secrets.add(HexFormat.of().formatHex(secret, 0, 8));
                    secrets.add(Base64.getEncoder().encodeToString(secret).substring(0, 10));
                    secrets.add(Arrays.toString(Arrays.copyOf(secret, 6)).replaceAll("[\\[\\]]", ""));
                }
                ofClients.collect(known.session());
                ofServer.collect(cohort.server());
                ofClients.objects().forEach(object -> texts.add(object.toString()));
                ofServer.objects().forEach(object -> texts.add(object.toString()));
            }
            return Optional.of(message);
        });
        drill.run(1);
        assertTrue(texts.size() > 100);
        assertEquals(2 * N * 9, secrets.size());
        for (String secret : new TreeSet<>(secrets)) {
            assertTrue(texts.stream().noneMatch(text -> text.contains(secret)));
        }
    }

    /** Nor do they compare or print themselves at all. */
    @Test
    void holdersOfSecretsDoNotOverrideObjectMethods() throws ReflectiveOperationException {
        for (Class<?> holder : List.of(
                ClientSecrets.class,
                KeyPair25519.class,
                HeldShares.class,
                PairBoxes.class,
                MessageKeys.class,
                ShareBook.class,
                RingVector.class,
                ServerRound.Keys.class,
                ClientSession.class,
                ServerSession.class)) {
            assertEquals(Object.class, holder.getMethod("toString").getDeclaringClass());
            assertEquals(Object.class, holder.getMethod("hashCode").getDeclaringClass());
            assertEquals(Object.class, holder.getMethod("equals", Object.class).getDeclaringClass());
        }
    }
}
