package org.fl4j.privacy.secagg.internal.message;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;

/**
 * The first message, the same for every client of the cohort.
 *
 * @param clients the cohort's size
 * @param context the round, as the rule's encoder needs it
 * @param terms the fingerprint of threshold, graph, widths and steps
 * @param agreementKey the server's X25519 public key of the round, for the seals of messages
 * @param signatureKey the server's Ed25519 public key of the round, encoded, that this message is signed with
 */
public record RoundAnnouncement(int clients, Bytes context, Bytes terms, Bytes agreementKey, Bytes signatureKey) {

    private static final String KIND = ProtocolStage.ADVERTISE.kind(ProtocolStage.Direction.TO_CLIENT);
    private static final int VERSION = 1;

    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            out.writeInt(clients);
            out.writeBytes(context.shared());
            out.writeBytes(terms.shared());
            out.writeBytes(agreementKey.shared());
            out.writeBytes(signatureKey.shared());
        });
    }

    public static RoundAnnouncement fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            RoundAnnouncement read = new RoundAnnouncement(
                    in.readInt(),
                    Bytes.owning(in.readBytes()),
                    Bytes.owning(in.readBytes()),
                    Bytes.owning(in.readBytes()),
                    Bytes.owning(in.readBytes()));
            if (read.agreementKey.length() != KeyPair25519.BYTES) {
                throw in.corrupt("its key has " + read.agreementKey + " but X25519's have " + KeyPair25519.BYTES);
            }
            return read;
        });
    }
}
