package org.fl4j.privacy.secagg;

import java.security.GeneralSecurityException;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.SurvivorSignature;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;

/**
 * The conditions under which a client reveals shares: there are enough survivors, the client is one of them, each neighbour
 * among them dealt shares, each sent keys, and, in the stronger settings, enough others signed the same survivors in the same
 * transcript. Immutable.
 */
final class SurvivorCheck {

    private final Neighbourhood neighbourhood;
    private final IndexSet dealers;

    /**
     * A check of one round.
     *
     * @param dealers which neighbours dealt shares: no other can have survived
     * @throws SecureSum.ProtocolViolationException if they are too few, or some are no neighbours
     */
    SurvivorCheck(Neighbourhood neighbourhood, IndexSet dealers) {
        this.neighbourhood = neighbourhood;
        this.dealers = dealers;
        SessionTerms terms = neighbourhood.announced().terms();
        int holders = dealers.size() + (terms.isComplete() ? 1 : 0);
        if (!neighbourhood.others().containsAll(dealers) || holders < terms.threshold()) {
            throw violation("the server delivers shares of " + dealers.size() + " of "
                    + neighbourhood.others().size() + " neighbours, with which the threshold of " + terms.threshold()
                    + " is not reached, or of others");
        }
    }

    SurvivorSignature sign(IndexSet survivors) throws GeneralSecurityException {
        check(survivors);
        VerifiedAnnouncement announced = neighbourhood.announced();
        byte[] signature = announced
                .terms()
                .threatModel()
                .signer()
                .sign(
                        announced.self(),
                        Transcript.survivors(neighbourhood.transcript().shared(), survivors));
        return new SurvivorSignature(announced.header(), Bytes.copyOf(signature));
    }

    /**
     * Throws unless the shares may be revealed.
     *
     * @param signed the survivors that this client signed; empty in the curious setting
     */
    void approve(UnmaskingRequest request, Optional<IndexSet> signed) {
        check(request.survivors());
        SessionTerms terms = neighbourhood.announced().terms();
        if (!terms.threatModel().signs()) {
            return;
        }
        if (!signed.equals(Optional.of(request.survivors()))) {
            throw violation("the server asks to unmask a sum over other survivors than those it had this client sign");
        }
        if (request.signers().size() < terms.signaturesOfOthers()) {
            throw violation("the server shows " + request.signers().size() + " signatures on the survivors; at least "
                    + terms.signaturesOfOthers() + " are needed");
        }
        checkSignatures(request);
    }

    private void checkSignatures(UnmaskingRequest request) {
        byte[] message = Transcript.survivors(neighbourhood.transcript().shared(), request.survivors());
        int[] signers = request.signers().toArray();
        for (int i = 0; i < signers.length; i++) {
            KeyAdvertisement signer = neighbourhood.neighbours().get(signers[i]);
            if (signer == null || !request.survivors().contains(signers[i])) {
                throw violation("the server shows a signature of position " + signers[i]
                        + ", which is not a surviving neighbour");
            }
            SessionTerms terms = neighbourhood.announced().terms();
            if (!terms.isSignedBy(
                    signer.header().client(),
                    message,
                    request.signatures().get(i).shared())) {
                throw violation("neighbour '" + signer.header().client()
                        + "' did not sign the survivors and the transcript that this client was given");
            }
        }
    }

    private void check(IndexSet survivors) {
        int needed = neighbourhood.announced().terms().graph().minimumSurvivors();
        if (survivors.size() < needed) {
            throw violation("the server wants a sum over " + survivors.size() + " clients but at least " + needed
                    + " are needed");
        }
        if (!survivors.contains(neighbourhood.index())) {
            throw violation("the server wants this client's shares for a sum that it is not in");
        }
        IndexSet others = neighbourhood.others();
        int[] dealtNothing = survivors
                .where(index -> others.contains(index) && !dealers.contains(index))
                .toArray();
        if (dealtNothing.length > 0) {
            throw violation("the server says that position " + dealtNothing[0]
                    + " survived, but it dealt this client no shares");
        }
        checkThatAllAdvertised(survivors);
    }

    /** A position that sent no keys has no neighbours to miss its shares, yet it would count as a survivor. */
    private void checkThatAllAdvertised(IndexSet survivors) {
        int[] unknown = survivors.minus(neighbourhood.advertised()).toArray();
        if (unknown.length > 0) {
            throw violation("the server says that position " + unknown[0] + " survived, but it sent no keys");
        }
    }

    private SecureSum.ProtocolViolationException violation(String what) {
        return neighbourhood.announced().violation(what);
    }
}
