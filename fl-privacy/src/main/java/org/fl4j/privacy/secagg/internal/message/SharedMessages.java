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
import org.fl4j.privacy.secagg.internal.crypto.MlKem768;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;

/** The records of a sum among servers, in the order in which they travel. The session is the hash of the announcement. */
public final class SharedMessages {

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
     * A server's public keys of one round.
     *
     * @param agreement X25519
     * @param encapsulation ML-KEM-768
     */
    public record ServerKeys(Bytes agreement, Bytes encapsulation) {

        void writeTo(BinaryWriter out) {
            out.writeBytes(agreement.shared());
            out.writeBytes(encapsulation.shared());
        }

        static ServerKeys readFrom(BinaryReader in) {
            return new ServerKeys(bytes(in, KeyPair25519.BYTES), bytes(in, MlKem768.ENCAPSULATION_KEY_BYTES));
        }
    }

    /**
     * The leading server to the others, and within {@link Request} to every client.
     *
     * @param clients the cohort's size
     * @param context the round, as the rule's encoder needs it
     * @param terms the fingerprint of servers, least cohort, widths and steps
     * @param keys the leading server's
     */
    public record Announcement(int clients, Bytes context, Bytes terms, ServerKeys keys) {

        public byte[] toBytes() {
            return BinaryWriter.toBytes(ANNOUNCEMENT, VERSION, out -> {
                out.writeInt(clients);
                out.writeBytes(context.shared());
                out.writeBytes(terms.shared());
                keys.writeTo(out);
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
                            ServerKeys.readFrom(in)));
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
     * @param keys the server's
     * @param signature Ed25519 by its identity key over session and keys
     */
    public record HolderKey(Bytes session, ServerKeys keys, Bytes signature) {

        /** What the signature is over: a label that nothing else signed begins with, then session and keys. */
        public static byte[] signedBytes(Bytes session, ServerKeys keys) {
            byte[] hash = Sha256.of("shared sum keys")
                    .with(session.shared())
                    .with(keys.agreement().shared())
                    .with(keys.encapsulation().shared())
                    .digest();
            return ByteBuffer.allocate(SIGNED.length + hash.length)
                    .put(SIGNED)
                    .put(hash)
                    .array();
        }

        void writeTo(BinaryWriter out) {
            out.writeBytes(session.shared());
            keys.writeTo(out);
            out.writeBytes(signature.shared());
        }

        static HolderKey readFrom(BinaryReader in) {
            return new HolderKey(bytes(in, Sha256.BYTES), ServerKeys.readFrom(in), Bytes.owning(in.readBytes()));
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
     * One of a client's parts, encrypted to its server.
     *
     * @param encapsulated the ML-KEM-768 ciphertext
     * @param box AES-256-GCM of the part: packed integers for the leading server, a seed for another
     */
    public record Part(Bytes encapsulated, Bytes box) {

        void writeTo(BinaryWriter out) {
            out.writeBytes(encapsulated.shared());
            out.writeBytes(box.shared());
        }

        static Part readFrom(BinaryReader in) {
            return new Part(bytes(in, MlKem768.CIPHERTEXT_BYTES), Bytes.owning(in.readBytes()));
        }
    }

    /**
     * A client to the leading server: everything that it sends in a round.
     *
     * @param header from whom
     * @param task the fingerprint of the task that reached it
     * @param key its X25519 public key of the round
     * @param parts for each server one, the leading one first: its integers plus the streams of all seeds; and the seeds
     */
    public record Shares(MessageHeader header, String task, Bytes key, List<Part> parts) {

        public Shares {
            parts = List.copyOf(parts);
        }

        public byte[] toBytes() {
            return BinaryWriter.toBytes(SHARES, VERSION, out -> {
                header.writeTo(out);
                out.writeString(task);
                out.writeBytes(key.shared());
                out.writeInt(parts.size());
                parts.forEach(part -> part.writeTo(out));
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
                            list(in, () -> Part.readFrom(in))));
        }

        /** What the box of one server is bound to. */
        public static byte[] binding(
                MessageHeader header, String task, Bytes key, ServerKeys server, Bytes encapsulated) {
            return Sha256.of("shared sum box")
                    .with(header.session().shared())
                    .with(header.round())
                    .with(header.client().value())
                    .with(task)
                    .with(key.shared())
                    .with(server.agreement().shared())
                    .with(server.encapsulation().shared())
                    .with(encapsulated.shared())
                    .digest();
        }
    }

    /**
     * One client's seed, on its way to a server.
     *
     * @param position of the client in the cohort
     * @param client who
     * @param key its X25519 public key of the round
     * @param part the encrypted seed
     */
    public record Seed(int position, ClientId client, Bytes key, Part part) {}

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
                    seed.part().writeTo(out);
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
                                            Part.readFrom(in)))));
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
