package org.fl4j.privacy.secagg;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * A client's contribution under masks.
 *
 * @param header from whom
 * @param unopened whose shares could not be opened, or are not what their dealer committed to
 * @param vector the masked integers modulo 2^k, packed to the bit
 */
record MaskedInput(MessageHeader header, IndexSet unopened, Octets vector) {

    private static final String KIND = ProtocolStage.MASKED_INPUT.kind(ProtocolStage.Direction.TO_SERVER);
    private static final int VERSION = 1;

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(unopened.toBytes());
            out.writeBytes(vector.shared());
        });
    }

    static MaskedInput fromBytes(byte[] bytes, int clients) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new MaskedInput(
                        MessageHeader.readFrom(in),
                        IndexSet.fromBytes(clients, in.readBytes()),
                        Octets.owning(in.readBytes())));
    }
}
