package org.fl4j.privacy.secagg;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * One client's shares for its holders.
 *
 * @param header from whom
 * @param seedCommitment the hash of its self-mask seed
 * @param commitments for each holder in order, {@value #COMMITMENT_BYTES} bytes: to the share of the seed, to that of the
 *     mask key
 * @param boxes for each holder in order but the dealer itself, {@value #BOX_BYTES} bytes: both shares, encrypted
 */
record ShareDealing(MessageHeader header, Octets seedCommitment, Octets commitments, Octets boxes) {

    static final int COMMITMENT_BYTES = 2 * ShareCommitments.COMMITMENT_BYTES;
    static final int BOX_BYTES = 2 * SecretSharing.SHARE_BYTES + SealedBox.OVERHEAD;

    private static final String KIND = ProtocolStage.SHARE_KEYS.kind(ProtocolStage.Direction.TO_SERVER);
    private static final int VERSION = 1;

    ShareDealing withoutBoxes() {
        return new ShareDealing(header, seedCommitment, commitments, Octets.EMPTY);
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(seedCommitment.shared());
            out.writeBytes(commitments.shared());
            out.writeBytes(boxes.shared());
        });
    }

    static ShareDealing fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(
                bytes,
                KIND,
                VERSION,
                in -> new ShareDealing(
                        MessageHeader.readFrom(in),
                        Octets.owning(in.readBytes()),
                        Octets.owning(in.readBytes()),
                        Octets.owning(in.readBytes())));
    }
}
