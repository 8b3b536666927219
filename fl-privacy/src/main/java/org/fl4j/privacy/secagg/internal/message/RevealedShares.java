package org.fl4j.privacy.secagg.internal.message;

import java.util.Arrays;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.sharing.SecretSharing;

/**
 * The shares that unmask the sum: of the seed of each survivor, of the mask key of each dropout.
 *
 * @param header from whom
 * @param dealers the clients that dealt these shares
 * @param shares for each dealer in order, {@value SecretSharing#SHARE_BYTES} bytes
 */
public record RevealedShares(MessageHeader header, IndexSet dealers, Bytes shares) {

    private static final String KIND = ProtocolStage.UNMASK.kind(ProtocolStage.Direction.TO_SERVER);
    private static final int VERSION = 1;

    public byte[] share(int position) {
        int from = position * SecretSharing.SHARE_BYTES;
        return Arrays.copyOfRange(shares.shared(), from, from + SecretSharing.SHARE_BYTES);
    }

    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(dealers.toBytes());
            out.writeBytes(shares.shared());
        });
    }

    public static RevealedShares fromBytes(byte[] bytes, int clients) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            RevealedShares read = new RevealedShares(
                    MessageHeader.readFrom(in),
                    IndexSet.fromBytes(clients, in.readBytes()),
                    Bytes.owning(in.readBytes()));
            if (read.shares.length() != read.dealers.size() * SecretSharing.SHARE_BYTES) {
                throw in.corrupt(
                        "it names " + read.dealers.size() + " dealers but holds " + read.shares + " of shares");
            }
            return read;
        });
    }
}
