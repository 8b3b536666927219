package org.fl4j.privacy.secagg;

import java.security.PublicKey;
import java.util.Optional;
import org.fl4j.client.ClientId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Against whom a round is run.
 *
 * @param adversary what the server may do
 * @param sparse whether clients of large cohorts have few neighbours instead of all others
 * @param smallestCohort below which no round is begun, and none taken part in
 * @param tolerance how many clients may collude, and vanish
 * @param directory the clients' identity keys; nobody's in the curious setting
 * @param signer signs for clients in this JVM
 */
record Setting(
        Adversary adversary,
        boolean sparse,
        int smallestCohort,
        Tolerance tolerance,
        IdentityDirectory directory,
        IdentitySigner signer) {

    private static final Logger LOG = LoggerFactory.getLogger(Setting.class);

    /** Refuses rates that no cohort of any size could meet. */
    Setting {
        double gamma = tolerance.adversarialRate();
        double delta = tolerance.dropoutRate();
        boolean lies = adversary != Adversary.CURIOUS;
        if (gamma + (lies ? 2 : 1) * delta >= 1) {
            throw new IllegalArgumentException(
                    "no cohort withstands colluding and vanishing clients of these rates: against "
                            + adversary + " the adversarial rate plus " + (lies ? "twice " : "")
                            + "the dropout rate must be below 1. Provided values: " + gamma + " and " + delta);
        }
    }

    static Setting curious(Tolerance tolerance) {
        return new Setting(Adversary.CURIOUS, false, 2, tolerance, id -> Optional.empty(), IdentitySigner.none());
    }

    Setting with(Tolerance other) {
        return new Setting(adversary, sparse, smallestCohort, other, directory, signer);
    }

    Setting ofAtLeast(int clients) {
        return new Setting(adversary, sparse, clients, tolerance, directory, signer);
    }

    Setting onSparseGraph() {
        return new Setting(adversary, true, smallestCohort, tolerance, directory, signer);
    }

    Setting against(Adversary other, IdentityDirectory identities, IdentitySigner signs) {
        return new Setting(other, other == Adversary.SEMI_MALICIOUS, smallestCohort, tolerance, identities, signs);
    }

    boolean signs() {
        return adversary != Adversary.CURIOUS;
    }

    /**
     * Degree and threshold for a cohort.
     *
     * @throws IllegalArgumentException if it is too small, or cannot meet the tolerance
     */
    GraphParameters graph(int clients) {
        if (clients < smallestCohort) {
            throw new IllegalArgumentException("a masked sum must be over at least " + smallestCohort
                    + " clients, as SecureSum's .ofAtLeast(...) says or leaves it. Provided value: " + clients);
        }
        return sparse && clients >= GraphParameters.HARARY_FROM
                ? GraphParameters.harary(adversary, tolerance, clients)
                : GraphParameters.complete(adversary, tolerance, clients);
    }

    /** Whether a client signed a message. Those the directory does not know signed nothing. */
    boolean isSignedBy(ClientId client, byte[] message, byte[] signature) {
        Optional<PublicKey> key = key(client);
        return key.isPresent() && Ed25519.verify(key.get(), message, signature);
    }

    /** Why a client's keys are not signed, if they are not. */
    Optional<String> refusal(KeyAdvertisement advertisement) {
        ClientId client = advertisement.header().client();
        if (!signs()
                || isSignedBy(
                        client,
                        advertisement.signedBytes(),
                        advertisement.signature().shared())) {
            return Optional.empty();
        }
        return Optional.of(
                key(client).isPresent()
                        ? "are not signed by the identity key that the directory has for it"
                        : "are signed by nobody that the directory knows");
    }

    private Optional<PublicKey> key(ClientId client) {
        try {
            return directory.publicKey(client);
        } catch (RuntimeException e) {
            LOG.warn("the identity directory failed for client '{}', who counts as unknown", client, e);
            return Optional.empty();
        }
    }
}
