package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.function.Supplier;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.NewerVersionException;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.TrainingTask;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.RoundAnnouncement;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.privacy.secagg.internal.vector.InputEncoder;

/**
 * The announcement of a round as one client accepted it: checked against the task that reached it, and against the terms that
 * follow from its own configuration.
 *
 * @param self the client
 * @param terms the client's own
 * @param task the fingerprint of the task
 * @param session the hash of the announcement
 * @param serverKey X25519
 */
record VerifiedAnnouncement(ClientId self, SessionTerms terms, String task, Bytes session, Bytes serverKey) {

    static VerifiedAnnouncement read(
            byte[] message, ClientId self, TrainingTask task, SummedRule rule, ThreatModel threatModel) {
        String who = "client '" + self + "', round " + task.round() + ": ";
        byte[] record = Envelope.unverified(message, Ed25519.SIGNATURE_BYTES);
        RoundAnnouncement announcement = read(who, "announcement", () -> RoundAnnouncement.fromBytes(record));
        if (!isSigned(message, record, announcement)) {
            throw new SecureSum.ProtocolViolationException(who + "the server's announcement was altered");
        }
        RoundContext.PublicPart context = read(
                who,
                "context of the round",
                () -> RoundContext.PublicPart.fromBytes(announcement.context().shared()));
        if (context.round() != task.round()
                || !context.layout().equals(task.global().layout())) {
            throw new SecureSum.ProtocolViolationException(who + "the server announces round " + context.round()
                    + " of a model with " + context.layout().length() + " parameters, but the task is of round "
                    + task.round() + " and " + task.global().layout().length() + " parameters");
        }
        SessionTerms terms = terms(
                who,
                announcement.clients(),
                RoundContext.ofParticipant("client '" + self + "'", rule.rule(), context),
                rule,
                threatModel);
        if (!Arrays.equals(terms.fingerprint(), announcement.terms().shared())) {
            throw new SecureSum.ProtocolViolationException(
                    who + "the server's terms are not those of this client's own configuration"
                            + " for " + announcement.clients() + " clients, "
                            + terms.threatModel().adversary() + ", threshold "
                            + terms.threshold() + "; were both configured alike?");
        }
        return new VerifiedAnnouncement(
                self,
                terms,
                task.fingerprint(),
                Bytes.owning(Transcript.announced(message)),
                announcement.agreementKey());
    }

    /** A cohort that the client's own configuration has no terms for is the server's doing, not a mistake of the host's. */
    private static SessionTerms terms(
            String who, int clients, RoundContext context, SummedRule rule, ThreatModel threatModel) {
        try {
            return SessionTerms.of(rule, threatModel, context, clients);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new SecureSum.ProtocolViolationException(who + "the server announces a round of " + clients
                    + " clients, which this client's own configuration does not allow: " + e.getMessage());
        }
    }

    private static <T> T read(String who, String what, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (CorruptDataException | NewerVersionException e) {
            throw new CorruptDataException(who + "the server's " + what + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static boolean isSigned(byte[] message, byte[] record, RoundAnnouncement announcement) {
        try {
            PublicKey key = Ed25519.publicKey(announcement.signatureKey().shared());
            return Ed25519.verify(key, record, Arrays.copyOfRange(message, record.length, message.length));
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    InputEncoder encoder() {
        return new InputEncoder(terms.summed(), terms.plan());
    }

    MessageHeader header() {
        return new MessageHeader(session, terms.round(), self);
    }

    /** To be thrown. */
    SecureSum.ProtocolViolationException violation(String what) {
        return new SecureSum.ProtocolViolationException(who() + what);
    }

    /** What a reader makes of something that the server sent; if it cannot, the exception names this client. */
    <T> T read(String what, Supplier<T> reader) {
        return read(who(), what, reader);
    }

    private String who() {
        return "client '" + self + "', round " + terms.round() + ": ";
    }

    /** The record of a message from the server, whose seal must be its own. */
    byte[] open(byte[] message, ProtocolStage stage, MessageKeys keys) {
        return Envelope.open(message, keys.key(stage, Direction.TO_CLIENT))
                .orElseThrow(() -> violation("the server's message does not bear the seal of " + stage
                        + ": it was altered, or is of another client, stage, round or session"));
    }
}
