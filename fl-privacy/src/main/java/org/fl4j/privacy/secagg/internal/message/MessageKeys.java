package org.fl4j.privacy.secagg.internal.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.crypto.Hkdf;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;

/**
 * The keys that seal the messages between the server and one client in one session: a fresh one for each stage and
 * direction, from the X25519 secret of the server's key of the round and the client's, so bound to session, round and client.
 * Not thread-safe.
 */
public final class MessageKeys implements AutoCloseable {

    private final Hkdf hkdf = new Hkdf();
    private final ClientId client;
    private final byte[] root;

    private MessageKeys(ClientId client, byte[] announced, byte[] secret) {
        this.client = client;
        this.root = hkdf.extract(announced, secret);
    }

    /** Erases the secret. */
    public static MessageKeys of(ClientId client, byte[] announced, byte[] secret) {
        try {
            return new MessageKeys(client, announced, secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    /** For one message; its user erases it. */
    public byte[] key(ProtocolStage stage, ProtocolStage.Direction direction) {
        byte[] purpose = ("seal " + stage.kind(direction) + " " + client.value()).getBytes(StandardCharsets.UTF_8);
        return hkdf.expand(root, purpose, Sha256.BYTES);
    }

    @Override
    public void close() {
        Arrays.fill(root, (byte) 0);
    }
}
