package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.SecureParticipant;
import org.fl4j.privacy.secagg.ProtocolStage.Direction;

/** A real client whose secrets the test knows, from what its generator gave: a client in league with whoever asks. */
final class KnownClient implements SecureParticipant {

    private final ClientId self;
    private final RecordingRandom random = new RecordingRandom();
    private final ClientSession session;
    private byte[] announcement = {};

    KnownClient(LinearAggregator rule, FixedPoint numbers, ThreatModel threatModel, ClientId self) {
        this.self = self;
        this.session = new ClientSession(rule, numbers, threatModel, self, random);
    }

    @Override
    public byte[] answer(byte[] message, LocalWork local) throws Exception {
        if (announcement.length == 0) {
            announcement = message;
        }
        return session.answer(message, local);
    }

    ClientSession session() {
        return session;
    }

    /** In the order in which {@link ClientSecrets} draws. */
    KeyPair25519 box() {
        return KeyPair25519.ofScalar(random.given(0));
    }

    KeyPair25519 mask() {
        return KeyPair25519.ofScalar(random.given(1));
    }

    byte[] seed() {
        return random.given(2);
    }

    /** Those it shares with the server. */
    MessageKeys keys() throws InvalidKeyException {
        RoundAnnouncement round =
                RoundAnnouncement.fromBytes(Envelope.unverified(announcement, Ed25519.SIGNATURE_BYTES));
        return MessageKeys.of(
                self,
                Transcript.announced(announcement),
                box().agree(round.agreementKey().shared()));
    }

    /** Another record under this client's own seal. */
    byte[] seal(ProtocolStage stage, byte[] record) throws InvalidKeyException {
        return Envelope.seal(record, keys().key(stage, Direction.TO_SERVER));
    }

    @Override
    public void close() {
        session.close();
    }
}
