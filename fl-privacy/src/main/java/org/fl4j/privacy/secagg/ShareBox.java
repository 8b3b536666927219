package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.crypto.Hkdf;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.crypto.MlKem768;
import org.fl4j.privacy.secagg.internal.crypto.SealedBox;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Part;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.ServerKeys;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.Shares;

/**
 * One client's part for one server, encrypted: AES-256-GCM under a key that HKDF makes of two secrets, that of X25519 and that of ML-KEM-768 in this
 * order, with the session as salt and all that the box is bound to as info. So it stays closed as long as one of the two problems is hard. Both keys of
 * the client and the server are of the round and the encapsulation is fresh, so a key seals one box.
 *
 * @param header of the client's shares
 * @param task the fingerprint that the box is bound to
 * @param key the client's X25519 public key of the round
 * @param server the server's keys
 */
record ShareBox(MessageHeader header, String task, Bytes key, ServerKeys server) {

    /** The length of an encrypted seed. */
    static final int SEED_BYTES = Sha256.BYTES + SealedBox.OVERHEAD;

    private static final int KEY_BYTES = 32;

    /**
     * Erases the content.
     *
     * @throws InvalidKeyException if a key of the server is not acceptable
     */
    Part seal(byte[] content, KeyPair25519 own, SecureRandom random) throws InvalidKeyException {
        Optional<String> fault = MlKem768.fault(server.encapsulation().shared());
        if (fault.isPresent()) {
            throw new InvalidKeyException(fault.get());
        }
        byte[] agreed = own.agree(server.agreement().shared());
        MlKem768.Encapsulation made =
                MlKem768.encapsulate(server.encapsulation().shared(), random);
        Bytes encapsulated = Bytes.owning(made.ciphertext());
        byte[] binding = Shares.binding(header, task, key, server, encapsulated);
        byte[] boxKey = boxKey(agreed, made.secret(), binding);
        try {
            return new Part(encapsulated, Bytes.owning(SealedBox.seal(boxKey, content, binding)));
        } finally {
            Arrays.fill(boxKey, (byte) 0);
            Arrays.fill(content, (byte) 0);
        }
    }

    /** What was sealed, which the caller erases; empty if it was bound to something else. */
    Optional<byte[]> open(Part part, RoundKeys own) {
        byte[] agreed;
        try {
            agreed = own.agreement().agree(key.shared());
        } catch (InvalidKeyException e) {
            return Optional.empty();
        }
        byte[] secret = own.decapsulate(part.encapsulated().shared());
        byte[] binding = Shares.binding(header, task, key, server, part.encapsulated());
        byte[] boxKey = boxKey(agreed, secret, binding);
        try {
            return SealedBox.open(boxKey, part.box().shared(), binding);
        } finally {
            Arrays.fill(boxKey, (byte) 0);
        }
    }

    /** Erases both secrets. */
    private byte[] boxKey(byte[] agreed, byte[] encapsulated, byte[] binding) {
        byte[] both = Arrays.copyOf(agreed, agreed.length + encapsulated.length);
        System.arraycopy(encapsulated, 0, both, agreed.length, encapsulated.length);
        Hkdf hkdf = new Hkdf();
        byte[] root = hkdf.extract(header.session().shared(), both);
        try {
            return hkdf.expand(root, binding, KEY_BYTES);
        } finally {
            for (byte[] each : new byte[][] {agreed, encapsulated, both, root}) {
                Arrays.fill(each, (byte) 0);
            }
        }
    }
}
