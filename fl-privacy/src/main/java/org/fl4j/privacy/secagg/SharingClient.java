package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.ArrayList;
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
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Part;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Request;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.ServerKeys;
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
    private record Verified(SharedTerms terms, Bytes session, List<ServerKeys> keys) {}

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
        List<ServerKeys> keys = Stream.concat(
                        Stream.of(announcement.keys()), request.keys().stream().map(HolderKey::keys))
                .toList();
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
                            HolderKey.signedBytes(session, key.keys()),
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
        List<Part> parts = new ArrayList<>();
        try (Masks masks =
                new Masks(verified.session().shared(), verified.terms().plan())) {
            for (int server = 1; server < verified.keys().size(); server++) {
                byte[] seed = new byte[Sha256.BYTES];
                random.nextBytes(seed);
                masks.addSelf(vector, seed, server);
                parts.add(box(verified, header, task, key, server).seal(seed, own, random));
            }
            parts.add(0, box(verified, header, task, key, 0).seal(vector.pack(), own, random));
            return new Shares(header, task.fingerprint(), key, parts);
        } catch (InvalidKeyException e) {
            throw violation(task, "a server's key is not valid");
        }
    }

    private static ShareBox box(Verified verified, MessageHeader header, TrainingTask task, Bytes key, int server) {
        return new ShareBox(header, task.fingerprint(), key, verified.keys().get(server));
    }

    private SecureSum.ProtocolViolationException violation(TrainingTask task, String what) {
        return new SecureSum.ProtocolViolationException("client '" + self + "', round " + task.round() + ": " + what);
    }

    @Override
    public void close() {
        over = true;
    }
}
