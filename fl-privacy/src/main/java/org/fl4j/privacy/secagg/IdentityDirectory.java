package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;

/**
 * The public identity key of each client, from a source that the server cannot write to, such as a registry of
 * the host or a file that ships with the clients. The stronger settings of {@link SecureSum} rest on it: a server that
 * could replace a key here could impersonate all of a client's neighbours.
 *
 * <p>Asked from several threads, for a client and each of its neighbours in every round, so it should be fast. If it throws,
 * the client counts as unknown.
 */
@FunctionalInterface
public interface IdentityDirectory {

    /**
     * A client's public key.
     *
     * @return an Ed25519 key; empty if the client is not known
     */
    Optional<PublicKey> publicKey(ClientId client);

    /**
     * A directory of known keys.
     *
     * @param keys Ed25519 keys by client, copied
     * @throws IllegalArgumentException if a key is not one of Ed25519
     */
    static IdentityDirectory of(Map<ClientId, PublicKey> keys) {
        Map<ClientId, PublicKey> copy = Map.copyOf(keys);
        copy.forEach((client, key) -> {
            if (!Ed25519.isPublicKey(key)) {
                throw new IllegalArgumentException("client '" + client
                        + "': an identity key must be an Ed25519 key, but was one of " + key.getAlgorithm());
            }
        });
        return client -> Optional.ofNullable(copy.get(client));
    }

    /**
     * Signs for a client with its identity key, the one key that lives longer than a round. An interface, so that the key can
     * stay in a key store or in hardware.
     *
     * <p>Called on the client's thread.
     */
    @FunctionalInterface
    interface Signer {

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
        static Signer of(PrivateKey key) {
            return (self, message) -> Ed25519.sign(key, message);
        }

        /**
         * Throws for every client: for the server's JVM, when clients run elsewhere.
         */
        static Signer none() {
            return (self, message) -> {
                throw new GeneralSecurityException("client '" + self + "' has no identity key in this JVM");
            };
        }
    }

    /**
     * Identity keys for simulated clients, made on first use and known to all of this JVM. They show the cost and effect of the
     * stronger settings and authenticate no one.
     *
     * <p>Thread-safe.
     */
    final class Simulated implements IdentityDirectory, IdentityDirectory.Signer {

        private final Map<ClientId, KeyPair> keys = new ConcurrentHashMap<>();

        /** Without keys so far. */
        public Simulated() {}

        @Override
        public Optional<PublicKey> publicKey(ClientId client) {
            return Optional.of(keysOf(client).getPublic());
        }

        @Override
        public byte[] sign(ClientId self, byte[] message) throws GeneralSecurityException {
            return Ed25519.sign(keysOf(self).getPrivate(), message);
        }

        private KeyPair keysOf(ClientId client) {
            return keys.computeIfAbsent(client, id -> Ed25519.freshKeys());
        }
    }
}
