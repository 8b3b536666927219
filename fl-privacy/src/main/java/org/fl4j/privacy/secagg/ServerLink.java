package org.fl4j.privacy.secagg;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.crypto.Hkdf;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;

/**
 * The seals between the leading server and another in one session: a key for each message and direction, so a message that is
 * repeated, out of order or of another session has no valid seal. Not thread-safe; closing erases the secret.
 */
final class ServerLink implements AutoCloseable {

    private final Hkdf hkdf = new Hkdf();
    private final byte[] root;
    private int exchange;

    private ServerLink(byte[] root) {
        this.root = root;
    }

    /** The same at both ends. */
    static ServerLink between(KeyPair25519 own, Bytes theirs, Bytes session) throws InvalidKeyException {
        byte[] secret = own.agree(theirs.shared());
        try {
            return new ServerLink(new Hkdf().extract(session.shared(), secret));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    byte[] sealQuestion(byte[] record) {
        return Envelope.seal(record, key("question"));
    }

    Optional<byte[]> openQuestion(byte[] sealed) {
        return Envelope.open(sealed, key("question"));
    }

    /** Ends the exchange. */
    byte[] sealAnswer(byte[] record) {
        byte[] sealed = Envelope.seal(record, key("answer"));
        exchange++;
        return sealed;
    }

    /** Ends the exchange. */
    Optional<byte[]> openAnswer(byte[] sealed) {
        Optional<byte[]> opened = Envelope.open(sealed, key("answer"));
        exchange++;
        return opened;
    }

    private byte[] key(String direction) {
        byte[] purpose = ("servers " + direction + " " + exchange).getBytes(StandardCharsets.US_ASCII);
        return hkdf.expand(root, purpose, Sha256.BYTES);
    }

    @Override
    public void close() {
        Arrays.fill(root, (byte) 0);
    }
}
