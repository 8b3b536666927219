package org.fl4j.privacy.secagg.internal.message;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;

/**
 * A client's contribution under masks.
 *
 * @param header from whom
 * @param unopened the dealers whose shares could not be opened or do not match their commitments
 * @param vector the masked integers modulo 2^k, packed to the bit
 */
public record MaskedInput(MessageHeader header, IndexSet unopened, Bytes vector) {

    private static final String KIND = ProtocolStage.MASKED_INPUT.kind(ProtocolStage.Direction.TO_SERVER);
    private static final int VERSION = 1;

    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(unopened.toBytes());
            out.writeBytes(vector.shared());
        });
    }

    public static MaskedInput fromBytes(byte[] bytes, int clients) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new MaskedInput(
                        MessageHeader.readFrom(in),
                        IndexSet.fromBytes(clients, in.readBytes()),
                        Bytes.owning(in.readBytes())));
    }
}
