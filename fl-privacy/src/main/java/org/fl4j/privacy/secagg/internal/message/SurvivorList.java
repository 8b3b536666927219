package org.fl4j.privacy.secagg.internal.message;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;

/**
 * Whose inputs are to be in the sum, for clients to sign.
 *
 * @param header to whom
 * @param survivors their positions in the cohort
 */
public record SurvivorList(MessageHeader header, IndexSet survivors) {

    private static final String KIND = ProtocolStage.CONSISTENCY.kind(ProtocolStage.Direction.TO_CLIENT);
    private static final int VERSION = 1;

    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(survivors.toBytes());
        });
    }

    public static SurvivorList fromBytes(byte[] bytes, int clients) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new SurvivorList(MessageHeader.readFrom(in), IndexSet.fromBytes(clients, in.readBytes())));
    }
}
