package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Announcement;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.HolderKey;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Included;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Opened;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Request;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Seed;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.ServerKeys;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Shares;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Sum;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Transfer;
import org.fl4j.testkit.Fixtures;

/** A leading server that a test plays, against one honest holder and honest clients. */
final class PlayedLeader implements AutoCloseable {

    private final SharedDrill drill;
    private final int n;
    private final RoundKeys keys = RoundKeys.fresh(new SecureRandom());
    private final SharedTerms terms;
    private final byte[] announcement;
    final ShareHolder holder;
    final Bytes session;
    final HolderKey holderKey;
    private final ServerLink link;

    PlayedLeader(SharedDrill drill, int n) throws InvalidKeyException {
        this(drill, n, ShareHolder.of(drill.known(), drill.identities().get(0)));
    }

    PlayedLeader(SharedDrill drill, int n, ShareHolder holder) throws InvalidKeyException {
        this.drill = drill;
        this.n = n;
        this.holder = holder;
        this.terms = SharedTerms.of(drill.known(), drill.local().context(1), n);
        this.announcement = announcement(terms.clients(), keys.published());
        this.session = Announcement.session(announcement);
        this.holderKey = HolderKey.fromBytes(holder.answer(announcement));
        this.link = ServerLink.between(keys.agreement(), holderKey.keys().agreement(), session);
    }

    byte[] announcement(int clients, ServerKeys its) {
        return new Announcement(
                        clients,
                        Bytes.owning(terms.context()
                                .shared(terms.summed().publicState())
                                .toBytes()),
                        Bytes.owning(terms.fingerprint()),
                        its)
                .toBytes();
    }

    /** The announcement that the session is of. */
    byte[] announcement() {
        return announcement.clone();
    }

    SharedTerms terms() {
        return terms;
    }

    /** A holder key that its owner did not make for this session. */
    HolderKey forged(KeyPair identity, Bytes of) throws Exception {
        try (RoundKeys own = RoundKeys.fresh(new SecureRandom())) {
            byte[] signed = HolderKey.signedBytes(of, own.published());
            return new HolderKey(of, own.published(), Bytes.owning(Ed25519.sign(identity.getPrivate(), signed)));
        }
    }

    byte[] request(HolderKey... others) {
        return new Request(Bytes.owning(announcement), List.of(others)).toBytes();
    }

    Shares shares(int client) throws Exception {
        return shares(client, request(holderKey));
    }

    Shares shares(int client, byte[] request) throws Exception {
        try (SharingClient participant =
                new SharingClient(drill.known(), Fixtures.client(client), new SecureRandom())) {
            return Shares.fromBytes(participant.answer(request, drill.local().work(client, 1)));
        }
    }

    /** The part of the leading server in a client's shares, packed. */
    byte[] part(Shares shares) {
        return new ShareBox(shares.header(), shares.task(), shares.key(), keys.published())
                .open(shares.parts().get(0), keys)
                .orElseThrow();
    }

    Seed seed(int position, Shares shares) {
        return new Seed(
                position, shares.header().client(), shares.key(), shares.parts().get(1));
    }

    /** Which positions the holder opened. */
    List<Integer> transfer(String task, Seed... seeds) {
        byte[] answer = holder.answer(link.sealQuestion(new Transfer(session, task, List.of(seeds)).toBytes()));
        Opened opened = Opened.fromBytes(link.openAnswer(answer).orElseThrow());
        return IndexSet.fromBytes(n, opened.clients().shared()).stream().boxed().toList();
    }

    byte[] sealed(byte[] record) {
        return link.sealQuestion(record);
    }

    byte[] included(int... clients) {
        IndexSet set = IndexSet.of(n, IntStream.of(clients));
        return link.sealQuestion(new Included(session, Bytes.owning(set.toBytes())).toBytes());
    }

    byte[] sum(int... clients) {
        byte[] answer = holder.answer(included(clients));
        return Sum.fromBytes(link.openAnswer(answer).orElseThrow()).vector().shared();
    }

    @Override
    public void close() {
        holder.close();
        link.close();
        keys.close();
    }
}
