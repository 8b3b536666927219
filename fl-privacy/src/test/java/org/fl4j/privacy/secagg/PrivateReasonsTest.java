package org.fl4j.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.fl4j.privacy.dp.ClippedMean;
import org.fl4j.privacy.dp.GaussianMechanism;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.secure.SecureRound;
import org.fl4j.secure.SecureRound.Cause;
import org.fl4j.testkit.Fixtures;
import org.fl4j.weights.ModelWeights;
import org.junit.jupiter.api.Test;

/** Under a private rule no reason, no warning and no exception says who, or how many. */
class PrivateReasonsTest {

    private static final int N = 5;
    private static final int ROGUE = 2;
    private static final ThreatModel SETTING = ThreatModel.curious(DropoutTolerance.ofDropouts(0.4));

    private final KnownCohort cohort = cohort(SETTING);
    private final Drill drill = new Drill(cohort, N, 3, client -> new double[] {client, 0, -client});

    private static KnownCohort cohort(ThreatModel threatModel) {
        return new KnownCohort(GaussianMechanism.on(ClippedMean.fixed(1), 1), threatModel);
    }

    @Test
    void tooFewClientsAreNotCounted() {
        SecureRound.Outcome outcome = drill.over((stage, way, client, message) ->
                        stage == ProtocolStage.UNMASK && client > 1 ? Optional.empty() : Optional.of(message))
                .run(1);

        assertEquals(
                new SecureRound.Unrecovered(
                        Cause.TOO_FEW_CLIENTS, "round 1: too few clients were left to recover their sum"),
                outcome);
    }

    @Test
    void aCheatingDealerIsNotNamed() {
        SecureRound.Outcome outcome = dealing(honest -> new ShareDealing(
                honest.header(), Bytes.owning(new byte[Sha256.BYTES]), honest.commitments(), honest.boxes()));

        assertEquals(
                new SecureRound.Unrecovered(
                        Cause.MISBEHAVING_CLIENT,
                        "round 1: a client did not keep to the protocol, so that no sum was recovered"),
                outcome);
        assertEquals(List.of(), drill.rejections());
    }

    @Test
    void theDealerOfABoxThatDoesNotOpenIsNotNamed() {
        try (Warnings warnings = Warnings.of(InputCollection.class)) {
            assertInstanceOf(SecureRound.Recovered.class, dealing(honest -> {
                byte[] boxes = honest.boxes().shared().clone();
                boxes[2 * ShareDealing.BOX_BYTES] ^= 1;
                return new ShareDealing(
                        honest.header(), honest.seedCommitment(), honest.commitments(), Bytes.owning(boxes));
            }));
            assertEquals(
                    List.of(
                            "round 1: shares of some clients for some clients could not be opened; either side may be at"
                                    + " fault"),
                    warnings.messages());
        }
    }

    @Test
    void aClientWithAnotherTaskIsNotNamed() {
        drill.handing(client -> {
            double[] weights = new double[3];
            Arrays.fill(weights, client == ROGUE ? 1 : 0);
            return ModelWeights.copyOf(Fixtures.layout(3), weights);
        });
        try (Warnings warnings = Warnings.of(KeyCollection.class)) {
            assertInstanceOf(SecureRound.Recovered.class, drill.run(1));
            assertEquals(
                    List.of("round 1: some clients were given another task than the others, and are left out"),
                    warnings.messages());
        }
    }

    @Test
    void aClientForWhichTheDirectoryFailsIsNotNamed() {
        IdentityDirectory.Simulated identities = new IdentityDirectory.Simulated();
        KnownCohort signing = cohort(SETTING.with(new DropoutTolerance(0, 0.25))
                .against(
                        Adversary.MALICIOUS,
                        id -> {
                            if (id.equals(Fixtures.client(ROGUE))) {
                                throw new IllegalStateException("no row for " + id);
                            }
                            return identities.publicKey(id);
                        },
                        identities));
        try (Warnings warnings = Warnings.of(ThreatModel.class)) {
            new Drill(signing, N, 3, client -> new double[3]).run(1);
            assertEquals(
                    List.of("the identity directory failed for a client, which counts as unknown:"
                            + " java.lang.IllegalStateException"),
                    warnings.messages().stream().distinct().toList());
        }
    }

    @Test
    void aClientTheHostForgotIsNotNamed() {
        try (SecureRound round = cohort.begin(
                drill.context(1),
                IntStream.range(0, N).mapToObj(Fixtures::client).toList())) {
            round.next();
            assertEquals(
                    "round 1: a client has neither answered ADVERTISE nor been reported missing",
                    assertThrows(IllegalStateException.class, round::next).getMessage());
        }
    }

    private SecureRound.Outcome dealing(UnaryOperator<ShareDealing> change) {
        return drill.over((stage, way, client, message) -> Optional.of(
                        stage == ProtocolStage.SHARE_KEYS && way == Direction.TO_SERVER && client == ROGUE
                                ? cohort.client(ROGUE)
                                        .seal(
                                                stage,
                                                change.apply(ShareDealing.fromBytes(
                                                                Envelope.unverified(message, Envelope.SEAL_BYTES)))
                                                        .toBytes())
                                : message))
                .run(1);
    }
}
