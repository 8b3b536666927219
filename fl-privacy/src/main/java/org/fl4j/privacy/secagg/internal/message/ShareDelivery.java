package org.fl4j.privacy.secagg.internal.message;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;

/**
 * The shares that a client holds for others.
 *
 * @param header to whom
 * @param dealers the neighbours that dealt these shares
 * @param commitments for each dealer in order, {@value ShareDealing#COMMITMENT_BYTES} bytes
 * @param boxes for each dealer in order, {@value ShareDealing#BOX_BYTES} bytes
 */
public record ShareDelivery(MessageHeader header, IndexSet dealers, Bytes commitments, Bytes boxes) {

    private static final String KIND = ProtocolStage.MASKED_INPUT.kind(ProtocolStage.Direction.TO_CLIENT);
    private static final int VERSION = 1;

    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(dealers.toBytes());
            out.writeBytes(commitments.shared());
            out.writeBytes(boxes.shared());
        });
    }

    public static ShareDelivery fromBytes(byte[] bytes, int clients) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            ShareDelivery read = new ShareDelivery(
                    MessageHeader.readFrom(in),
                    IndexSet.fromBytes(clients, in.readBytes()),
                    Bytes.owning(in.readBytes()),
                    Bytes.owning(in.readBytes()));
            int dealers = read.dealers.size();
            if (read.commitments.length() != dealers * ShareDealing.COMMITMENT_BYTES
                    || read.boxes.length() != dealers * ShareDealing.BOX_BYTES) {
                throw in.corrupt("it names " + dealers + " dealers but holds " + read.commitments
                        + " of commitments and " + read.boxes + " of shares");
            }
            return read;
        });
    }
}
