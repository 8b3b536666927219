package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import org.fl4j.ClientId;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.RoundAnnouncement;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.secure.SecureAggregator;

/** A real client whose secrets the test knows, from what its generator gave: a client in league with whoever asks. */
final class KnownClient implements SecureAggregator.Participant {

    private final ClientId self;
    private final RecordingRandom random = new RecordingRandom();
    private final ClientSession session;
    private byte[] announcement = {};

    KnownClient(LinearAggregator rule, FixedPoint numbers, ThreatModel threatModel, ClientId self) {
        this.self = self;
        this.session = new ClientSession(new SummedRule.Plain(rule, numbers), threatModel, self, random);
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
        return pair(random.given(0));
    }

    KeyPair25519 mask() {
        return pair(random.given(1));
    }

    private static KeyPair25519 pair(byte[] scalar) {
        return KeyPair25519.fresh(new SecureRandom() {
            @Override
            public void nextBytes(byte[] bytes) {
                System.arraycopy(scalar, 0, bytes, 0, bytes.length);
            }
        });
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
