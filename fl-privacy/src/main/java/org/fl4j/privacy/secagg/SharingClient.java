package org.fl4j.privacy.secagg;

import java.io.ByteArrayOutputStream;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.fl4j.ClientId;
import org.fl4j.CorruptDataException;
import org.fl4j.NewerVersionException;
import org.fl4j.client.TrainingTask;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Announcement;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.HolderKey;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Request;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Shares;
import org.fl4j.privacy.secagg.internal.vector.InputEncoder;
import org.fl4j.privacy.secagg.internal.vector.Masks;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.fl4j.secure.SecureAggregator;

/** A client's half of a shared sum: checks the request, trains, splits, and sends each part encrypted to its server. */
final class SharingClient implements SecureAggregator.Participant {

    private final SharedSum sum;
    private final ClientId self;
    private final SecureRandom random;
    private boolean over;

    SharingClient(SharedSum sum, ClientId self, SecureRandom random) {
        this.sum = sum;
        this.self = self;
        this.random = random;
    }

    /** A request that was checked: the client's own terms, and the servers' keys, the leading one's first. */
    private record Verified(SharedTerms terms, Bytes session, byte[][] keys) {}

    @Override
    public byte[] answer(byte[] message, LocalWork local) throws Exception {
        if (over) {
            throw new IllegalStateException("client '" + self + "': its half of the round is over");
        }
        Verified verified = verify(message, local.task());
        over = true;
        RingVector vector =
                new InputEncoder(verified.terms().summed(), verified.terms().plan()).of(local);
        try (KeyPair25519 own = KeyPair25519.fresh(random)) {
            return shares(verified, local.task(), own, vector).toBytes();
        } finally {
            vector.erase();
        }
    }

    private Verified verify(byte[] message, TrainingTask task) {
        String who = "client '" + self + "'";
        Request request;
        Announcement announcement;
        SharedTerms terms;
        try {
            request = Request.fromBytes(message);
            announcement = Announcement.fromBytes(request.announcement().shared());
            terms = SharedTerms.own(who, sum, announcement);
        } catch (CorruptDataException | NewerVersionException e) {
            throw new CorruptDataException(
                    who + ", round " + task.round() + ": the leading server's request cannot be read: "
                            + e.getMessage(),
                    e);
        }
        Bytes session = Announcement.session(request.announcement().shared());
        if (terms.round() != task.round()
                || !terms.context().layout().equals(task.global().layout())) {
            throw violation(
                    task,
                    "the leading server announces round " + terms.round() + " of a model with "
                            + terms.context().layout().length() + " parameters, but the task has "
                            + task.global().layout().length());
        }
        requireSigned(request.keys(), session, task);
        byte[][] keys = Stream.concat(
                        Stream.of(announcement.key()), request.keys().stream().map(HolderKey::key))
                .map(Bytes::shared)
                .toArray(byte[][]::new);
        return new Verified(terms, session, keys);
    }

    private void requireSigned(List<HolderKey> keys, Bytes session, TrainingTask task) {
        List<ShareServer> servers = sum.others();
        if (keys.size() != servers.size()) {
            throw violation(
                    task, "the leading server names " + keys.size() + " other servers, but expected " + servers.size());
        }
        for (int i = 0; i < keys.size(); i++) {
            HolderKey key = keys.get(i);
            if (!key.session().equals(session)
                    || !Ed25519.verify(
                            servers.get(i).identity(),
                            HolderKey.signedBytes(session, key.key().shared()),
                            key.signature().shared())) {
                throw violation(
                        task,
                        "the key of server " + (2 + i)
                                + " is not signed for this session by the identity that this client"
                                + " knows; is the order of the servers the same at all ends?");
            }
        }
    }

    private Shares shares(Verified verified, TrainingTask task, KeyPair25519 own, RingVector vector) {
        MessageHeader header = new MessageHeader(verified.session(), task.round(), self);
        Bytes key = Bytes.owning(own.publicKey());
        byte[][] secrets = agree(verified, task, own);
        byte[][] seeds = new byte[secrets.length - 1][Sha256.BYTES];
        ByteArrayOutputStream boxes = new ByteArrayOutputStream();
        try (Masks masks =
                new Masks(verified.session().shared(), verified.terms().plan())) {
            for (int server = 1; server < secrets.length; server++) {
                byte[] seed = seeds[server - 1];
                random.nextBytes(seed);
                masks.addSelf(vector, seed, server);
                byte[] binding = Shares.binding(header, task.fingerprint(), key, server);
                boxes.writeBytes(ShareBox.seal(verified.session(), secrets[server], binding, seed));
            }
            byte[] binding = Shares.binding(header, task.fingerprint(), key, 0);
            byte[] leading = ShareBox.seal(verified.session(), secrets[0], binding, vector.pack());
            return new Shares(
                    header, task.fingerprint(), key, Bytes.owning(leading), Bytes.owning(boxes.toByteArray()));
        } finally {
            Arrays.stream(seeds).forEach(seed -> Arrays.fill(seed, (byte) 0));
            Arrays.stream(secrets).forEach(secret -> Arrays.fill(secret, (byte) 0));
        }
    }

    private byte[][] agree(Verified verified, TrainingTask task, KeyPair25519 own) {
        try {
            return own.agreeAll(verified.keys());
        } catch (InvalidKeyException e) {
            throw violation(task, "a server's key is not valid");
        }
    }

    private SecureSum.ProtocolViolationException violation(TrainingTask task, String what) {
        return new SecureSum.ProtocolViolationException("client '" + self + "', round " + task.round() + ": " + what);
    }

    @Override
    public void close() {
        over = true;
    }
}
