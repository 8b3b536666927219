package org.fl4j.privacy.secagg.internal.message;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * A client's signature on the survivors, whose inputs are in the sum.
 *
 * @param header from whom
 * @param signature Ed25519 by its identity key over {@link Transcript#survivors}
 */
public record SurvivorSignature(MessageHeader header, Bytes signature) {

    private static final String KIND = ProtocolStage.CONSISTENCY.kind(ProtocolStage.Direction.TO_SERVER);
    private static final int VERSION = 1;

    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(signature.shared());
        });
    }

    public static SurvivorSignature fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new SurvivorSignature(MessageHeader.readFrom(in), Bytes.owning(in.readBytes())));
    }
}
