package org.fl4j.privacy.secagg;

import java.security.PublicKey;
import java.util.Optional;
import org.fl4j.client.ClientId;

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
        Optional<PublicKey> key = directory.publicKey(client);
        return key.isPresent() && Ed25519.verify(key.get(), message, signature);
    }
}
