package org.fl4j.privacy.secagg;

import org.fl4j.internal.BinaryReader;
import org.fl4j.internal.BinaryWriter;

/**
 * A client's public keys of the round. Other clients get it as it is, its signature included.
 *
 * @param header from whom
 * @param boxKey X25519, for the shares that others send and for the seals of messages
 * @param maskKey X25519, for the pairwise masks
 * @param taskFingerprint of the task that reached this client
 * @param signature Ed25519 by the client's identity key over all of the above; empty in the curious setting
 */
record KeyAdvertisement(MessageHeader header, Octets boxKey, Octets maskKey, String taskFingerprint, Octets signature) {

    private static final String KIND = ProtocolStage.ADVERTISE.kind(ProtocolStage.Direction.TO_SERVER);
    private static final int VERSION = 1;

    KeyAdvertisement signed(byte[] itsSignature) {
        return new KeyAdvertisement(header, boxKey, maskKey, taskFingerprint, Octets.owning(itsSignature));
    }

    /** What the signature is over. */
    byte[] signedBytes() {
        return new KeyAdvertisement(header, boxKey, maskKey, taskFingerprint, Octets.EMPTY).toBytes();
    }

    byte[] toBytes() {
        return BinaryWriter.toBytes(KIND, VERSION, out -> {
            header.writeTo(out);
            out.writeBytes(boxKey.shared());
            out.writeBytes(maskKey.shared());
            out.writeString(taskFingerprint);
            out.writeBytes(signature.shared());
        });
    }

    /** Refuses lengths that none of these has, as others would get them. */
    static KeyAdvertisement fromBytes(byte[] bytes) {
        return BinaryReader.fromBytes(bytes, KIND, VERSION, in -> {
            KeyAdvertisement read = new KeyAdvertisement(
                    MessageHeader.readFrom(in),
                    Octets.owning(in.readBytes()),
                    Octets.owning(in.readBytes()),
                    in.readString(),
                    Octets.owning(in.readBytes()));
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
