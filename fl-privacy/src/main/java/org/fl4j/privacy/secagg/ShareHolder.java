package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.fl4j.CorruptDataException;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Announcement;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.HolderKey;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Included;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Transfer;

/**
 * The half of a {@link SharedSum} that a second or third server runs, under an operator of its own: it opens the shares that
 * clients encrypted to it and reveals their sum, once a session, over a set of clients that the leading server names.
 *
 * <p>It trusts the leading server with nothing but the choice of the cohort: it derives the terms of every round from its own
 * configuration, counts each client once, opens only what a client sealed to this server for this session, round, client and task,
 * and refuses a set of fewer than {@link SharedSum#ofAtLeast} clients, a second set, and one with a client that it holds no
 * share of. That clients are who they are said to be, it cannot see: a leading server can invent some.
 *
 * <p>Keys are of one round, so what was recorded cannot be opened after it; only the identity key lasts, and it only signs. A session
 * holds 32 bytes for each client and, while it sums, one vector. The last {@value #MOST_SESSIONS} sessions that did not end are kept.
 *
 * <p>Thread-safe: one message at a time.
 */
public final class ShareHolder implements ShareServer, AutoCloseable {

    /** How many sessions may be open. */
    static final int MOST_SESSIONS = 16;

    private final SharedSum sum;
    private final KeyPair identity;
    private final int position;
    private final SecureRandom random = new SecureRandom();
    private final Map<Bytes, HolderSession> sessions = new LinkedHashMap<>();

    private ShareHolder(SharedSum sum, KeyPair identity, int position) {
        this.sum = sum;
        this.identity = identity;
        this.position = position;
    }

    /**
     * A server without a session yet.
     *
     * @param sum configured as the leading server's and the clients', with the same servers in the same order
     * @param identity Ed25519; its public key is one of the servers'
     * @return to be closed
     * @throws IllegalArgumentException if it is none of them
     */
    public static ShareHolder of(SharedSum sum, KeyPair identity) {
        int position = IntStream.range(0, sum.others().size())
                .filter(i -> sum.others().get(i).identity().equals(identity.getPublic()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the identity key is not that of any server of " + sum
                        + ", so no client would seal a share to it"));
        return new ShareHolder(sum, identity, 1 + position);
    }

    @Override
    public PublicKey identity() {
        return identity.getPublic();
    }

    /**
     * Answers a message of the leading server.
     *
     * @param message its bytes
     * @return the answer's bytes
     * @throws SecureSum.ProtocolViolationException if it is refused; the session that it belongs to ends, unless the message does not
     *     bear the leading server's seal
     * @throws CorruptDataException if it cannot be read
     */
    @Override
    public synchronized byte[] answer(byte[] message) {
        if (Announcement.is(message)) {
            return opened(message);
        }
        byte[] record = Envelope.unverified(message, Envelope.SEAL_BYTES);
        if (Transfer.is(record)) {
            return session(Transfer.fromBytes(record).session()).transferred(message);
        }
        if (!Included.is(record)) {
            throw new CorruptDataException(who() + ": not a message of a leading server");
        }
        Bytes named = Included.fromBytes(record).session();
        HolderSession session = session(named);
        byte[] answer = session.summed(message);
        sessions.remove(named);
        session.close();
        return answer;
    }

    private byte[] opened(byte[] message) {
        Announcement announcement = Announcement.fromBytes(message);
        SharedTerms terms = SharedTerms.own(who(), sum, announcement);
        Bytes session = Announcement.session(message);
        if (sessions.containsKey(session)) {
            throw new SecureSum.ProtocolViolationException(
                    who() + ", round " + terms.round() + ": the leading server announces a session that is open");
        }
        RoundKeys keys = RoundKeys.fresh(random);
        try {
            byte[] signature = Ed25519.sign(identity.getPrivate(), HolderKey.signedBytes(session, keys.published()));
            sessions.put(
                    session,
                    new HolderSession(
                            who(),
                            terms,
                            session,
                            position,
                            keys,
                            announcement.keys().agreement()));
            dropOldest();
            return new HolderKey(session, keys.published(), Bytes.owning(signature)).toBytes();
        } catch (InvalidKeyException e) {
            keys.close();
            throw new SecureSum.ProtocolViolationException(
                    who() + ", round " + terms.round() + ": a key of the announcement or of this server is not valid");
        } catch (GeneralSecurityException e) {
            keys.close();
            throw new IllegalStateException(who() + ": its identity key does not sign", e);
        }
    }

    private HolderSession session(Bytes named) {
        HolderSession session = sessions.get(named);
        if (session == null || session.isOver()) {
            throw new SecureSum.ProtocolViolationException(
                    who() + ": the message is of a session that is over or was never announced here");
        }
        return session;
    }

    private void dropOldest() {
        Iterator<HolderSession> oldest = sessions.values().iterator();
        while (sessions.size() > MOST_SESSIONS) {
            HolderSession dropped = oldest.next();
            oldest.remove();
            dropped.close();
        }
    }

    private String who() {
        return "server " + (1 + position) + " of a shared sum";
    }

    /** Erases the keys and seeds of all sessions. */
    @Override
    public synchronized void close() {
        sessions.values().forEach(HolderSession::close);
        sessions.clear();
    }
}
