package org.fl4j.privacy.secagg.internal.message;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.crypto.SealedBox;
import org.fl4j.privacy.secagg.internal.sharing.SecretSharing;
import org.fl4j.privacy.secagg.internal.sharing.ShareCommitments;

/**
 * One client's shares for its holders.
 *
 * @param header from whom
 * @param seedCommitment the hash of its self-mask seed
 * @param commitments for each holder in order, {@value #COMMITMENT_BYTES} bytes: to the share of the seed, to that of the
 *     mask key
 * @param boxes for each holder in order but the dealer itself, {@value #BOX_BYTES} bytes: both shares, encrypted
 */
public record ShareDealing(MessageHeader header, Bytes seedCommitment, Bytes commitments, Bytes boxes) {

    public static final int COMMITMENT_BYTES = 2 * ShareCommitments.COMMITMENT_BYTES;
    public static final int BOX_BYTES = 2 * SecretSharing.SHARE_BYTES + SealedBox.OVERHEAD;

    private static final String KIND = ProtocolStage.SHARE_KEYS.kind(ProtocolStage.Direction.TO_SERVER);
    private static final int VERSION = 1;

    public ShareDealing withoutBoxes() {
        return new ShareDealing(header, seedCommitment, commitments, Bytes.EMPTY);
    }

    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(seedCommitment.shared());
            out.writeBytes(commitments.shared());
            out.writeBytes(boxes.shared());
        });
    }

    public static ShareDealing fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new ShareDealing(
                        MessageHeader.readFrom(in),
                        Bytes.owning(in.readBytes()),
                        Bytes.owning(in.readBytes()),
                        Bytes.owning(in.readBytes())));
    }
}
