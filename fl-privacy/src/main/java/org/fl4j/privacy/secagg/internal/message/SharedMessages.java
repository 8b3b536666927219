package org.fl4j.privacy.secagg.internal.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.fl4j.ClientId;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.crypto.SealedBox;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;

/** The records of a sum among servers, in the order in which they travel. The session is the hash of the announcement. */
public final class SharedMessages {

    /** A seed of a share, encrypted. */
    public static final int SEED_BOX_BYTES = Sha256.BYTES + SealedBox.OVERHEAD;

    private static final String ANNOUNCEMENT = "shared-sum-announcement";
    private static final String HOLDER_KEY = "shared-sum-holder_key";
    private static final String REQUEST = "shared-sum-request";
    private static final String SHARES = "shared-sum-shares";
    private static final String TRANSFER = "shared-sum-transfer";
    private static final String OPENED = "shared-sum-opened";
    private static final String INCLUDED = "shared-sum-included";
    private static final String SUM = "shared-sum-sum";
    private static final int VERSION = 1;

    private static final byte[] SIGNED = "fl4j-shared-sum-1 key ".getBytes(StandardCharsets.US_ASCII);

    private SharedMessages() {}

    /**
     * The leading server to the others, and within {@link Request} to every client.
     *
     * @param clients the cohort's size
     * @param context the round, as the rule's encoder needs it
     * @param terms the fingerprint of servers, least cohort, widths and steps
     * @param key the leading server's X25519 public key of the round
     */
    public record Announcement(int clients, Bytes context, Bytes terms, Bytes key) {

        public byte[] toBytes() {
            return BinaryWriter.toBytes(ANNOUNCEMENT, VERSION, out -> {
                out.writeInt(clients);
                out.writeBytes(context.shared());
                out.writeBytes(terms.shared());
                out.writeBytes(key.shared());
            });
        }

        public static Announcement fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes,
                    ANNOUNCEMENT,
                    VERSION,
                    in -> new Announcement(
                            in.readInt(),
                            Bytes.owning(in.readBytes()),
                            Bytes.owning(in.readBytes()),
                            bytes(in, KeyPair25519.BYTES)));
        }

        public static boolean is(byte[] message) {
            return BinaryReader.isOfKind(message, ANNOUNCEMENT);
        }

        /** The session that an announcement begins. */
        public static Bytes session(byte[] announcement) {
            return Bytes.owning(Sha256.of("shared sum").with(announcement).digest());
        }
    }

    /**
     * Another server to the leading one, and within {@link Request} to every client.
     *
     * @param session whose
     * @param key the server's X25519 public key of the round
     * @param signature Ed25519 by its identity key over session and key
     */
    public record HolderKey(Bytes session, Bytes key, Bytes signature) {

        /** What the signature is over: a label that nothing else signed begins with, then both. */
        public static byte[] signedBytes(Bytes session, byte[] key) {
            return ByteBuffer.allocate(SIGNED.length + session.length() + key.length)
                    .put(SIGNED)
                    .put(session.shared())
                    .put(key)
                    .array();
        }

        void writeTo(BinaryWriter out) {
            out.writeBytes(session.shared());
            out.writeBytes(key.shared());
            out.writeBytes(signature.shared());
        }

        static HolderKey readFrom(BinaryReader in) {
            return new HolderKey(bytes(in, Sha256.BYTES), bytes(in, KeyPair25519.BYTES), Bytes.owning(in.readBytes()));
        }

        public byte[] toBytes() {
            return BinaryWriter.toBytes(HOLDER_KEY, VERSION, this::writeTo);
        }

        public static HolderKey fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(bytes, HOLDER_KEY, VERSION, HolderKey::readFrom);
        }
    }

    /**
     * The leading server to every client, the same for all.
     *
     * @param announcement its bytes
     * @param keys of the other servers, in their order
     */
    public record Request(Bytes announcement, List<HolderKey> keys) {

        public Request {
            keys = List.copyOf(keys);
        }

        public byte[] toBytes() {
            return BinaryWriter.toBytes(REQUEST, VERSION, out -> {
                out.writeBytes(announcement.shared());
                out.writeInt(keys.size());
                keys.forEach(key -> key.writeTo(out));
            });
        }

        public static Request fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes,
                    REQUEST,
                    VERSION,
                    in -> new Request(Bytes.owning(in.readBytes()), list(in, () -> HolderKey.readFrom(in))));
        }
    }

    /**
     * A client to the leading server: everything that it sends in a round.
     *
     * @param header from whom
     * @param task the fingerprint of the task that reached it
     * @param key its X25519 public key of the round
     * @param leading its packed integers plus the streams of all seeds, encrypted to the leading server
     * @param seeds for each other server one, encrypted to it, {@value #SEED_BOX_BYTES} bytes each
     */
    public record Shares(MessageHeader header, String task, Bytes key, Bytes leading, Bytes seeds) {

        public byte[] toBytes() {
            return BinaryWriter.toBytes(SHARES, VERSION, out -> {
                header.writeTo(out);
                out.writeString(task);
                out.writeBytes(key.shared());
                out.writeBytes(leading.shared());
                out.writeBytes(seeds.shared());
            });
        }

        public static Shares fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes,
                    SHARES,
                    VERSION,
                    in -> new Shares(
                            MessageHeader.readFrom(in),
                            in.readString(),
                            bytes(in, KeyPair25519.BYTES),
                            Bytes.owning(in.readBytes()),
                            Bytes.owning(in.readBytes())));
        }

        /** What the box of one server is bound to: the leading one is 0. */
        public static byte[] binding(MessageHeader header, String task, Bytes key, int server) {
            return Sha256.of("shared sum box")
                    .with(header.session().shared())
                    .with(header.round())
                    .with(header.client().value())
                    .with(task)
                    .with(key.shared())
                    .with(server)
                    .digest();
        }
    }

    /**
     * One client's seed, on its way to a server.
     *
     * @param position of the client in the cohort
     * @param client who
     * @param key its X25519 public key of the round
     * @param box the encrypted seed
     */
    public record Seed(int position, ClientId client, Bytes key, Bytes box) {}

    /**
     * The leading server to another: the seeds of some clients.
     *
     * @param session which
     * @param task the fingerprint that the boxes must be bound to
     * @param seeds of clients that were in no transfer of the session before
     */
    public record Transfer(Bytes session, String task, List<Seed> seeds) {

        public Transfer {
            seeds = List.copyOf(seeds);
        }

        public byte[] toBytes() {
            return BinaryWriter.toBytes(TRANSFER, VERSION, out -> {
                out.writeBytes(session.shared());
                out.writeString(task);
                out.writeInt(seeds.size());
                seeds.forEach(seed -> {
                    out.writeInt(seed.position());
                    out.writeString(seed.client().value());
                    out.writeBytes(seed.key().shared());
                    out.writeBytes(seed.box().shared());
                });
            });
        }

        public static Transfer fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes,
                    TRANSFER,
                    VERSION,
                    in -> new Transfer(
                            bytes(in, Sha256.BYTES),
                            in.readString(),
                            list(
                                    in,
                                    () -> new Seed(
                                            in.readInt(),
                                            new ClientId(in.readString()),
                                            bytes(in, KeyPair25519.BYTES),
                                            Bytes.owning(in.readBytes())))));
        }

        public static boolean is(byte[] message) {
            return BinaryReader.isOfKind(message, TRANSFER);
        }
    }

    /**
     * Another server to the leading one: whose seeds of a transfer it holds now.
     *
     * @param clients an {@link IndexSet} of the cohort
     */
    public record Opened(Bytes session, Bytes clients) {

        public byte[] toBytes() {
            return BinaryWriter.toBytes(OPENED, VERSION, out -> {
                out.writeBytes(session.shared());
                out.writeBytes(clients.shared());
            });
        }

        public static Opened fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes, OPENED, VERSION, in -> new Opened(bytes(in, Sha256.BYTES), Bytes.owning(in.readBytes())));
        }
    }

    /**
     * The leading server to another: the clients that all servers hold shares of, whose sum it asks for.
     *
     * @param clients an {@link IndexSet} of the cohort
     */
    public record Included(Bytes session, Bytes clients) {

        public byte[] toBytes() {
            return BinaryWriter.toBytes(INCLUDED, VERSION, out -> {
                out.writeBytes(session.shared());
                out.writeBytes(clients.shared());
            });
        }

        public static Included fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes,
                    INCLUDED,
                    VERSION,
                    in -> new Included(bytes(in, Sha256.BYTES), Bytes.owning(in.readBytes())));
        }

        public static boolean is(byte[] message) {
            return BinaryReader.isOfKind(message, INCLUDED);
        }
    }

    /**
     * Another server to the leading one: the sum of its shares, packed.
     */
    public record Sum(Bytes session, Bytes vector) {

        public byte[] toBytes() {
            return BinaryWriter.toBytes(SUM, VERSION, out -> {
                out.writeBytes(session.shared());
                out.writeBytes(vector.shared());
            });
        }

        public static Sum fromBytes(byte[] bytes) {
            return BinaryReader.fromBytes(
                    bytes, SUM, VERSION, in -> new Sum(bytes(in, Sha256.BYTES), Bytes.owning(in.readBytes())));
        }
    }

    /** Of one length: keys and hashes. */
    private static Bytes bytes(BinaryReader in, int length) {
        byte[] read = in.readBytes();
        if (read.length != length) {
            throw in.corrupt("a field of it has " + read.length + " bytes but must have " + length);
        }
        return Bytes.owning(read);
    }

    private static <T> List<T> list(BinaryReader in, Supplier<T> next) {
        List<T> list = new ArrayList<>();
        for (int left = in.readCount(); left > 0; left--) {
            list.add(next.get());
        }
        return list;
    }
}
