package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.Arrays;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.RoundAnnouncement;
import org.fl4j.privacy.secagg.internal.message.Transcript;

/** The server's own fresh keys of a round, and the announcement they make. */
final class ServerKeys implements AutoCloseable {

    private final KeyPair25519 agreement;
    private final byte[] announcement;
    private final byte[] announced;

    private ServerKeys(KeyPair25519 agreement, byte[] announcement) {
        this.agreement = agreement;
        this.announcement = announcement;
        this.announced = Transcript.announced(announcement);
    }

    static ServerKeys fresh(SessionTerms terms, byte[] context, SecureRandom random) {
        KeyPair signing = Ed25519.freshKeys();
        KeyPair25519 agreement = KeyPair25519.fresh(random);
        byte[] record = new RoundAnnouncement(
                        terms.clients(),
                        Bytes.owning(context),
                        Bytes.owning(terms.fingerprint()),
                        Bytes.owning(agreement.publicKey()),
                        Bytes.owning(signing.getPublic().getEncoded()))
                .toBytes();
        try {
            byte[] signature = Ed25519.sign(signing.getPrivate(), record);
            byte[] sealed = Arrays.copyOf(record, record.length + signature.length);
            System.arraycopy(signature, 0, sealed, record.length, signature.length);
            return new ServerKeys(agreement, sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a fresh Ed25519 key does not sign", e);
        }
    }

    /** Signed. */
    byte[] announcement() {
        return announcement.clone();
    }

    /** Its hash: the session. */
    byte[] announced() {
        return announced;
    }

    MessageKeys with(KeyAdvertisement client) throws InvalidKeyException {
        return MessageKeys.of(
                client.header().client(),
                announced,
                agreement.agree(client.boxKey().shared()));
    }

    @Override
    public void close() {
        agreement.close();
    }
}
