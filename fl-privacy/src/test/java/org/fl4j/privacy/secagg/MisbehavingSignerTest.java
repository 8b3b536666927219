package org.fl4j.privacy.secagg;

import static org.fl4j.privacy.secagg.RogueDrill.N;
import static org.fl4j.privacy.secagg.RogueDrill.assertSumOf;

import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.SurvivorSignature;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.secure.SecureRound;
import org.fl4j.testkit.Fixtures;
import org.junit.jupiter.api.Test;

/** Client 2 does not sign as it should. */
class MisbehavingSignerTest {

    private static final IdentityDirectory.Simulated IDENTITIES = new IdentityDirectory.Simulated();

    private final RogueDrill drill = new RogueDrill(
            ThreatModel.curious(new DropoutTolerance(0, 0.4)).against(Adversary.MALICIOUS, IDENTITIES, IDENTITIES));

    private Optional<byte[]> advertised(byte[] answer, byte[] signature) throws Exception {
        KeyAdvertisement its = KeyAdvertisement.fromBytes(Envelope.unverified(answer, Envelope.SEAL_BYTES));
        return drill.sealed(ProtocolStage.ADVERTISE, its.signed(signature).toBytes());
    }

    private void assertKeysRejected(SecureRound.Outcome outcome) {
        drill.assertRejected("its keys are not signed by the identity key that the directory has for it");
        assertSumOf(outcome, 0, 1, 3, 4);
    }

    @Test
    void rejectsUnsignedKeys() {
        assertKeysRejected(drill.run(1, ProtocolStage.ADVERTISE, answer -> advertised(answer, new byte[0])));
    }

    @Test
    void rejectsKeysSignedByAnotherIdentity() {
        assertKeysRejected(drill.run(
                1,
                ProtocolStage.ADVERTISE,
                answer -> advertised(answer, IDENTITIES.sign(new ClientId("somebody else"), new byte[] {1}))));
    }

    @Test
    void rejectsASignatureOnOtherSurvivors() {
        SecureRound.Outcome outcome = drill.run(1, ProtocolStage.CONSISTENCY, answer -> {
            SurvivorSignature its = SurvivorSignature.fromBytes(Envelope.unverified(answer, Envelope.SEAL_BYTES));
            IndexSet others = IndexSet.all(N).where(index -> index > 0);
            byte[] signature = IDENTITIES.sign(
                    Fixtures.client(RogueDrill.ROGUE),
                    Transcript.survivors(drill.server().transcript(2), others));
            return drill.sealed(
                    ProtocolStage.CONSISTENCY, new SurvivorSignature(its.header(), Bytes.owning(signature)).toBytes());
        });
        drill.assertRejected("its signature is not on the survivors that it was sent");
        assertSumOf(outcome, 0, 1, 2, 3, 4);
    }
}
