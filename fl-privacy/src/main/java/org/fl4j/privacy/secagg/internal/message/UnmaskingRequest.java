package org.fl4j.privacy.secagg.internal.message;

import java.util.ArrayList;
import java.util.List;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;

/**
 * Requests shares: of the seed of every neighbour that survived, of the mask key of every other. One bit a client, so that
 * asking for both cannot even be written down.
 *
 * @param header to whom
 * @param survivors whose inputs are in the sum
 * @param signers the recipient's neighbours that signed the survivors; empty in the curious setting
 * @param signatures theirs, in order
 */
public record UnmaskingRequest(MessageHeader header, IndexSet survivors, IndexSet signers, List<Bytes> signatures) {

    private static final String KIND = ProtocolStage.UNMASK.kind(ProtocolStage.Direction.TO_CLIENT);
    private static final int VERSION = 1;

    public UnmaskingRequest {
        signatures = List.copyOf(signatures);
    }

    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(survivors.toBytes());
            out.writeBytes(signers.toBytes());
            signatures.forEach(signature -> out.writeBytes(signature.shared()));
        });
    }

    public static UnmaskingRequest fromBytes(byte[] bytes, int clients) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            MessageHeader header = MessageHeader.readFrom(in);
            IndexSet survivors = IndexSet.fromBytes(clients, in.readBytes());
            IndexSet signers = IndexSet.fromBytes(clients, in.readBytes());
            List<Bytes> signatures = new ArrayList<>();
            for (int i = 0; i < signers.size(); i++) {
                signatures.add(Bytes.owning(in.readBytes()));
            }
            return new UnmaskingRequest(header, survivors, signers, signatures);
        });
    }
}
