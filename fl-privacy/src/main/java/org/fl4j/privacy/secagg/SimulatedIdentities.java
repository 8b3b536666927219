package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;

/**
 * Identity keys for simulated clients, made on first use and known to all of this JVM. They show the cost and effect of the
 * stronger settings and authenticate no one.
 *
 * <p>Thread-safe.
 */
public final class SimulatedIdentities implements IdentityDirectory, IdentityDirectory.Signer {

    private final Map<ClientId, KeyPair> keys = new ConcurrentHashMap<>();

    /** Without keys so far. */
    public SimulatedIdentities() {}

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
