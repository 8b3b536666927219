package org.fl4j.privacy.secagg;

import java.security.PublicKey;
import java.util.Optional;
import org.fl4j.client.ClientId;

/**
 * Against whom a round is run.
 *
 * @param adversary what the server may do
 * @param sparse whether clients of large cohorts have few neighbours instead of all others
 * @param tolerance how many clients may collude, and vanish
 * @param directory the clients' identity keys; nobody's in the curious setting
 * @param signer signs for clients in this JVM
 */
record Setting(
        Adversary adversary, boolean sparse, Tolerance tolerance, IdentityDirectory directory, IdentitySigner signer) {

    private static final int SMALLEST_SPARSE = 100;

    static Setting curious(Tolerance tolerance) {
        return new Setting(Adversary.CURIOUS, false, tolerance, id -> Optional.empty(), IdentitySigner.none());
    }

    Setting with(Tolerance other) {
        return new Setting(adversary, sparse, other, directory, signer);
    }

    boolean signs() {
        return adversary != Adversary.CURIOUS;
    }

    GraphParameters graph(int clients) {
        return sparse && clients >= SMALLEST_SPARSE
                ? GraphParameters.harary(adversary, tolerance, clients)
                : GraphParameters.complete(adversary, tolerance, clients);
    }

    /** Whether a client signed a message. Those the directory does not know signed nothing. */
    boolean isSignedBy(ClientId client, byte[] message, byte[] signature) {
        Optional<PublicKey> key = directory.publicKey(client);
        return key.isPresent() && Ed25519.verify(key.get(), message, signature);
    }
}
