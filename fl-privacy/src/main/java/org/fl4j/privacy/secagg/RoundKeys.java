package org.fl4j.privacy.secagg;

import java.security.SecureRandom;
import java.util.Arrays;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.crypto.MlKem768;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.SharedMessages.ServerKeys;

/** A server's keys of one round, to which clients encrypt their parts. Closing erases them; any later use throws. Not thread-safe. */
final class RoundKeys implements AutoCloseable {

    private final KeyPair25519 agreement;
    private final byte[] decapsulation;
    private final ServerKeys published;

    private RoundKeys(KeyPair25519 agreement, MlKem768.Keys encapsulation) {
        this.agreement = agreement;
        this.decapsulation = encapsulation.decapsulationKey();
        this.published =
                new ServerKeys(Bytes.owning(agreement.publicKey()), Bytes.owning(encapsulation.encapsulationKey()));
    }

    static RoundKeys fresh(SecureRandom random) {
        return new RoundKeys(KeyPair25519.fresh(random), MlKem768.freshKeys(random));
    }

    ServerKeys published() {
        return published;
    }

    KeyPair25519 agreement() {
        return agreement;
    }

    /** The secret, which the caller erases; another one if this is not a ciphertext of this key. */
    byte[] decapsulate(byte[] ciphertext) {
        return MlKem768.decapsulate(decapsulation, ciphertext);
    }

    @Override
    public void close() {
        agreement.close();
        Arrays.fill(decapsulation, (byte) 0);
    }
}
