package org.fl4j.privacy.secagg;

import java.util.Arrays;
import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * The shares that unmask the sum: of the seed of each survivor, of the mask key of each dropout.
 *
 * @param header from whom
 * @param dealers whose shares these are
 * @param shares for each dealer in order, {@value SecretSharing#SHARE_BYTES} bytes
 */
record RevealedShares(MessageHeader header, IndexSet dealers, Octets shares) {

    private static final String KIND = ProtocolStage.UNMASK.kind(ProtocolStage.Direction.TO_SERVER);
    private static final int VERSION = 1;

    byte[] share(int position) {
        int from = position * SecretSharing.SHARE_BYTES;
        return Arrays.copyOfRange(shares.shared(), from, from + SecretSharing.SHARE_BYTES);
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(dealers.toBytes());
            out.writeBytes(shares.shared());
        });
    }

    static RevealedShares fromBytes(byte[] bytes, int clients) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            RevealedShares read = new RevealedShares(
                    MessageHeader.readFrom(in),
                    IndexSet.fromBytes(clients, in.readBytes()),
                    Octets.owning(in.readBytes()));
            if (read.shares.length() != read.dealers.size() * SecretSharing.SHARE_BYTES) {
                throw in.corrupt(
                        "it names " + read.dealers.size() + " dealers but holds " + read.shares + " of shares");
            }
            return read;
        });
    }
}
