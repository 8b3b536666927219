package org.fl4j.privacy.secagg.internal.message;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;

/**
 * A client's public keys of the round. Other clients get it as it is, its signature included.
 *
 * @param header from whom
 * @param boxKey X25519, for the shares that others send and for the seals of messages
 * @param maskKey X25519, for the pairwise masks
 * @param taskFingerprint of the task that reached this client
 * @param signature Ed25519 by the client's identity key over all of the above; empty in the curious setting
 */
public record KeyAdvertisement(
        MessageHeader header, Bytes boxKey, Bytes maskKey, String taskFingerprint, Bytes signature) {

    private static final String KIND = ProtocolStage.ADVERTISE.kind(ProtocolStage.Direction.TO_SERVER);
    private static final int VERSION = 1;

    public KeyAdvertisement signed(byte[] itsSignature) {
        return new KeyAdvertisement(header, boxKey, maskKey, taskFingerprint, Bytes.owning(itsSignature));
    }

    /** What the signature is over. */
    public byte[] signedBytes() {
        return new KeyAdvertisement(header, boxKey, maskKey, taskFingerprint, Bytes.EMPTY).toBytes();
    }

    public byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(boxKey.shared());
            out.writeBytes(maskKey.shared());
            out.writeString(taskFingerprint);
            out.writeBytes(signature.shared());
        });
    }

    /** Rejects other lengths, as the keys are sent on to other clients. */
    public static KeyAdvertisement fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            KeyAdvertisement read = new KeyAdvertisement(
                    MessageHeader.readFrom(in),
                    Bytes.owning(in.readBytes()),
                    Bytes.owning(in.readBytes()),
                    in.readString(),
                    Bytes.owning(in.readBytes()));
            if (read.boxKey.length() != KeyPair25519.BYTES || read.maskKey.length() != KeyPair25519.BYTES) {
                throw in.corrupt("its keys have " + read.boxKey.length() + " and " + read.maskKey.length()
                        + " bytes but X25519's have " + KeyPair25519.BYTES);
            }
            if (read.taskFingerprint.length() != 2 * Sha256.BYTES
                    || (read.signature.length() != 0 && read.signature.length() != Ed25519.SIGNATURE_BYTES)) {
                throw in.corrupt("its fingerprint of the task has " + read.taskFingerprint.length()
                        + " characters and its signature " + read.signature);
            }
            return read;
        });
    }
}
