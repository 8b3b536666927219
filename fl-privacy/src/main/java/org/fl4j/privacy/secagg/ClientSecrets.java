package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.sharing.SecretSharing;

/** A client's secrets of one round, fresh for it and erased with it. No identity key is among them. */
final class ClientSecrets implements AutoCloseable {

    private final KeyPair25519 box;
    private final KeyPair25519 mask;
    private final byte[] seed = new byte[SecretSharing.SECRET_BYTES];

    ClientSecrets(SecureRandom random) {
        this.box = KeyPair25519.fresh(random);
        this.mask = KeyPair25519.fresh(random);
        random.nextBytes(seed);
    }

    KeyPair25519 box() {
        return box;
    }

    KeyPair25519 mask() {
        return mask;
    }

    /** Of the self-mask. Not a copy. */
    byte[] seed() {
        return seed;
    }

    MessageKeys withServer(ClientId self, byte[] announced, byte[] serverKey) throws InvalidKeyException {
        return MessageKeys.of(self, announced, box.agree(serverKey));
    }

    @Override
    public void close() {
        box.close();
        mask.close();
        Arrays.fill(seed, (byte) 0);
    }
}
