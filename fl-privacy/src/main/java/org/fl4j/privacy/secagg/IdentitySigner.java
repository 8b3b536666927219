package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;

/**
 * Signs for a client with its identity key, the one key that lives longer than a round. An interface, so that the key can
 * stay in a key store or in hardware.
 *
 * <p>Called on the client's thread.
 */
@FunctionalInterface
public interface IdentitySigner {

    /**
     * Signs.
     *
     * @param message what to sign, as it is
     * @return an Ed25519 signature, 64 bytes
     * @throws GeneralSecurityException if it cannot; the client then drops out of the round
     */
    byte[] sign(ClientId self, byte[] message) throws GeneralSecurityException;

    /**
     * Signs with one key: for a JVM with one client in it.
     *
     * @param key an Ed25519 private key
     */
    static IdentitySigner of(PrivateKey key) {
        return (self, message) -> Ed25519.sign(key, message);
    }

    /**
     * Throws for every client: for the server's JVM, when clients run elsewhere.
     */
    static IdentitySigner none() {
        return (self, message) -> {
            throw new GeneralSecurityException("client '" + self + "' has no identity key in this JVM");
        };
    }
}
