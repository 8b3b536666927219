package org.fl4j.privacy.secagg;

import java.security.PublicKey;
import java.util.Optional;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.CohortSizeException;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters;
import org.fl4j.privacy.secagg.internal.cohort.GraphParameters.Adversary;
import org.fl4j.privacy.secagg.internal.crypto.Ed25519;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The adversary that a round must withstand, and the settings that follow from it.
 *
 * @param adversary what the server may do
 * @param sparse whether clients of large cohorts have few neighbours instead of all others
 * @param smallestCohort smaller rounds are not begun, and rejected by clients
 * @param largestCohort larger rounds are not begun, and rejected by clients
 * @param tolerance how many clients may collude, and how many may drop out
 * @param directory the clients' identity keys; empty in the curious setting
 * @param signer signs for clients in this JVM
 */
record ThreatModel(
        Adversary adversary,
        boolean sparse,
        int smallestCohort,
        int largestCohort,
        DropoutTolerance tolerance,
        IdentityDirectory directory,
        IdentityDirectory.Signer signer) {

    private static final Logger LOG = LoggerFactory.getLogger(ThreatModel.class);

    /** Rejects rates that no cohort of any size meets. */
    ThreatModel {
        double gamma = tolerance.adversarialRate();
        double delta = tolerance.dropoutRate();
        boolean lies = adversary != Adversary.CURIOUS;
        if (gamma + (lies ? 2 : 1) * delta >= 1) {
            throw new IllegalArgumentException("infeasible tolerance: adversarialRate + " + (lies ? "2 * " : "")
                    + "dropoutRate must be < 1 against a " + adversary + " server, but was " + gamma + " + "
                    + (lies ? "2 * " : "") + delta);
        }
    }

    static ThreatModel curious(DropoutTolerance tolerance) {
        return new ThreatModel(
                Adversary.CURIOUS,
                false,
                2,
                SecureSum.DEFAULT_LARGEST_COHORT,
                tolerance,
                id -> Optional.empty(),
                IdentityDirectory.Signer.none());
    }

    ThreatModel with(DropoutTolerance other) {
        return new ThreatModel(adversary, sparse, smallestCohort, largestCohort, other, directory, signer);
    }

    ThreatModel ofAtLeast(int clients) {
        return new ThreatModel(
                adversary, sparse, clients, Math.max(clients, largestCohort), tolerance, directory, signer);
    }

    ThreatModel ofAtMost(int clients) {
        return new ThreatModel(adversary, sparse, smallestCohort, clients, tolerance, directory, signer);
    }

    ThreatModel onSparseGraph() {
        return new ThreatModel(adversary, true, smallestCohort, largestCohort, tolerance, directory, signer);
    }

    ThreatModel against(Adversary other, IdentityDirectory identities, IdentityDirectory.Signer signs) {
        boolean onSparse = other == Adversary.SEMI_MALICIOUS;
        return new ThreatModel(other, onSparse, smallestCohort, largestCohort, tolerance, identities, signs);
    }

    boolean signs() {
        return adversary != Adversary.CURIOUS;
    }

    /**
     * Degree and threshold for a cohort.
     *
     * @throws IllegalArgumentException if the cohort is too small or too large, or cannot meet the tolerance
     */
    GraphParameters graph(int clients) {
        if (clients < smallestCohort) {
            throw new CohortSizeException(
                    "a masked sum must be over at least " + smallestCohort + " clients, but was " + clients
                            + "; SecureSum's .ofAtLeast(...) sets the bound",
                    "the cohort is smaller than SecureSum's .ofAtLeast(...) allows");
        }
        if (clients > largestCohort) {
            throw new CohortSizeException(
                    "a masked sum must be over at most " + largestCohort + " clients, but was " + clients
                            + "; SecureSum's .ofAtMost(...) sets the bound",
                    "the cohort is larger than SecureSum's .ofAtMost(...) allows; raise it, at the clients as well, or choose"
                            + " smaller cohorts");
        }
        return sparse && clients >= GraphParameters.HARARY_FROM
                ? GraphParameters.harary(adversary, tolerance.rates(), clients)
                : GraphParameters.complete(adversary, tolerance.rates(), clients);
    }

    /**
     * The fewest clients of a sum whose noise an observer does not know: all but those that collude with the server, and at least one,
     * as every member knows its own.
     */
    int honestSurvivors(GraphParameters graph) {
        return graph.minimumSurvivors() - Math.max(1, tolerance.rates().adversaries(graph.clients()));
    }

    /** Whether a client signed a message; false if the directory does not know it. */
    boolean isSignedBy(ClientId client, byte[] message, byte[] signature, boolean isPrivate) {
        Optional<PublicKey> key = key(client, isPrivate);
        return key.isPresent() && Ed25519.verify(key.get(), message, signature);
    }

    /** Why a client's keys are not signed, if they are not. */
    Optional<String> refusal(KeyAdvertisement advertisement, boolean isPrivate) {
        ClientId client = advertisement.header().client();
        if (!signs()
                || isSignedBy(
                        client,
                        advertisement.signedBytes(),
                        advertisement.signature().shared(),
                        isPrivate)) {
            return Optional.empty();
        }
        return Optional.of(
                key(client, isPrivate).isPresent()
                        ? "are not signed by the identity key that the directory has for it"
                        : "are signed by nobody that the directory knows");
    }

    private Optional<PublicKey> key(ClientId client, boolean isPrivate) {
        try {
            return directory.publicKey(client);
        } catch (RuntimeException e) {
            if (isPrivate) {
                // Its message may name the client.
                LOG.warn(
                        "the identity directory failed for a client, which counts as unknown: {}",
                        e.getClass().getName());
            } else {
                LOG.warn("the identity directory failed for client '{}', which counts as unknown", client, e);
            }
            return Optional.empty();
        }
    }
}
