package org.fl4j.privacy.secagg;

import java.util.List;
import java.util.Optional;
import org.fl4j.RunInterruptedException;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.HolderKey;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Included;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Opened;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Seed;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Sum;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Transfer;

/** The leading server's end of its exchange with another server in one session. Whatever fails there is a {@link LostServer}. */
final class HolderConnection implements AutoCloseable {

    private final ShareServer server;
    private final int position;
    private final Bytes session;
    private final HolderKey key;
    private final ServerLink link;

    private HolderConnection(ShareServer server, int position, Bytes session, HolderKey key, ServerLink link) {
        this.server = server;
        this.position = position;
        this.session = session;
        this.key = key;
        this.link = link;
    }

    /** The other server did not answer, or not as it must. */
    static final class LostServer extends Exception {

        private static final long serialVersionUID = 1L;

        private final String reason;

        private LostServer(int position, Exception cause) {
            super("server " + (1 + position) + " of the shared sum: " + cause, cause);
            this.reason = "server " + (1 + position) + " of the shared sum: " + cause;
        }

        String reason() {
            return reason;
        }
    }

    private interface Exchange<T> {

        T run() throws Exception;
    }

    private static <T> T with(int position, Exchange<T> exchange) throws LostServer {
        try {
            return exchange.run();
        } catch (RunInterruptedException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunInterruptedException("interrupted while another server of a shared sum was asked");
        } catch (Exception e) {
            throw new LostServer(position, e);
        }
    }

    /**
     * Announces a round.
     *
     * @param position of the other server; the leading one is 0
     * @param keys the leading server's, of the round
     */
    static HolderConnection open(ShareServer server, int position, byte[] announcement, Bytes session, RoundKeys keys)
            throws LostServer {
        return with(position, () -> {
            HolderKey key = HolderKey.fromBytes(server.answer(announcement));
            byte[] signed = HolderKey.signedBytes(session, key.keys());
            if (!key.session().equals(session)
                    || !Ed25519.verify(
                            server.identity(), signed, key.signature().shared())) {
                throw new IllegalStateException("its key of the round is not signed for this session by its identity");
            }
            return new HolderConnection(
                    server,
                    position,
                    session,
                    key,
                    ServerLink.between(keys.agreement(), key.keys().agreement(), session));
        });
    }

    HolderKey key() {
        return key;
    }

    int position() {
        return position;
    }

    /** Whose seeds the other server holds now. */
    IndexSet transfer(String task, List<Seed> seeds, int clients) throws LostServer {
        return with(position, () -> {
            Opened opened = Opened.fromBytes(ask(new Transfer(session, task, seeds).toBytes()));
            IndexSet set = IndexSet.fromBytes(clients, opened.clients().shared());
            if (!set.stream().allMatch(each -> seeds.stream().anyMatch(seed -> seed.position() == each))) {
                throw new IllegalStateException("it names clients that it was sent nothing of");
            }
            return set;
        });
    }

    /** Its part of the sum, packed. */
    byte[] sum(IndexSet included, long bytes) throws LostServer {
        return with(position, () -> {
            byte[] part = Sum.fromBytes(ask(new Included(session, Bytes.owning(included.toBytes())).toBytes()))
                    .vector()
                    .shared();
            if (part.length != bytes) {
                throw new IllegalStateException(
                        "its part of the sum has " + part.length + " bytes, but expected " + bytes);
            }
            return part;
        });
    }

    private byte[] ask(byte[] record) throws Exception {
        Optional<byte[]> opened = link.openAnswer(server.answer(link.sealQuestion(record)));
        return opened.orElseThrow(() -> new IllegalStateException(
                "its answer does not bear its seal: it was altered, repeated, or is of another session"));
    }

    @Override
    public void close() {
        link.close();
    }
}
