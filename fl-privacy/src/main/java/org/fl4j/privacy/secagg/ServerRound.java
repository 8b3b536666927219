package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.RoundAnnouncement;
import org.fl4j.privacy.secagg.internal.message.Transcript;

/** A round as the server begins it: terms, cohort and its own keys. Immutable; closing erases the keys. */
final class ServerRound implements AutoCloseable {

    private final SessionTerms terms;
    private final List<ClientId> cohort;
    private final Map<ClientId, Integer> positions = new HashMap<>();
    private final Keys keys;

    ServerRound(SessionTerms terms, List<ClientId> cohort, Keys keys) {
        this.terms = terms;
        this.cohort = List.copyOf(cohort);
        this.keys = keys;
        for (int index = 0; index < cohort.size(); index++) {
            if (positions.put(cohort.get(index), index) != null) {
                throw new IllegalArgumentException(
                        (terms.isPrivate() ? "a client" : "client '" + cohort.get(index) + "'")
                                + " is in the cohort twice");
            }
        }
    }

    SessionTerms terms() {
        return terms;
    }

    Keys keys() {
        return keys;
    }

    ClientId client(int index) {
        return cohort.get(index);
    }

    List<ClientId> clients(IndexSet indices) {
        return indices.stream().mapToObj(cohort::get).toList();
    }

    /** For logs; under a private rule neither names nor a number. */
    String named(IndexSet indices) {
        return terms.isPrivate() ? "some clients" : clients(indices).toString();
    }

    Optional<Integer> position(ClientId client) {
        return Optional.ofNullable(positions.get(client));
    }

    MessageHeader header(int index) {
        return new MessageHeader(Bytes.owning(keys.announced()), terms.round(), cohort.get(index));
    }

    @Override
    public void close() {
        keys.close();
    }

    /** The server's own fresh keys of a round, and the announcement they make. */
    static final class Keys implements AutoCloseable {

        private final KeyPair25519 agreement;
        private final byte[] announcement;
        private final byte[] announced;

        private Keys(KeyPair25519 agreement, byte[] announcement) {
            this.agreement = agreement;
            this.announcement = announcement;
            this.announced = Transcript.announced(announcement);
        }

        static Keys fresh(SessionTerms terms, byte[] context, SecureRandom random) {
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
                return new Keys(agreement, sealed);
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
}
