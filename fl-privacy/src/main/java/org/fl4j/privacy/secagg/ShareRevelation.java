package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.RevealedShares;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;
import org.fl4j.privacy.secagg.internal.sharing.Interpolation;
import org.fl4j.privacy.secagg.internal.sharing.SecretKind;
import org.fl4j.privacy.secagg.internal.sharing.ShareCommitments;

/** UNMASK at the server: asks for the shares that take off the masks, and checks each against its commitment. */
final class ShareRevelation implements StageWork {

    private final ServerRecords records;
    private final IndexSet recipients;

    ShareRevelation(ServerRecords records) {
        this.records = records;
        this.recipients = records.left();
    }

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.UNMASK;
    }

    @Override
    public IndexSet recipients() {
        return recipients;
    }

    @Override
    public byte[] messageFor(int client) {
        IndexSet signers = enough(client);
        List<Bytes> signatures = new ArrayList<>();
        signers.stream().forEach(signer -> signatures.add(records.signature(signer)));
        UnmaskingRequest request =
                new UnmaskingRequest(records.header(client), records.included(), signers, signatures);
        return records.seal(client, stage(), request.toBytes());
    }

    /** As many signatures as convince a client; each costs it a millisecond. */
    private IndexSet enough(int client) {
        SessionTerms terms = records.terms();
        int wanted = terms.threatModel().signs() ? terms.signaturesOfOthers() : 0;
        return IndexSet.of(
                terms.clients(),
                records.neighboursIn(client, records.left()).stream().limit(wanted));
    }

    @Override
    public Optional<String> take(int client, byte[] record) {
        RevealedShares revealed =
                RevealedShares.fromBytes(record, records.terms().clients());
        int[] dealers = revealed.dealers().toArray();
        for (int i = 0; i < dealers.length; i++) {
            Optional<String> refusal = refusal(client, dealers[i], revealed.share(i));
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        for (int i = 0; i < dealers.length; i++) {
            records.shares().add(dealers[i], client, revealed.share(i));
        }
        return Optional.empty();
    }

    private Optional<String> refusal(int holder, int dealer, byte[] share) {
        int position = records.dealt().contains(dealer) ? Arrays.binarySearch(records.holders(dealer), holder) : -1;
        if (position < 0) {
            return Optional.of("it sent a share of client '" + records.client(dealer) + "', who dealt it none");
        }
        SecretKind kind = SecretKind.of(records.included().contains(dealer));
        byte[] commitments = records.peer(dealer).dealing().commitments().shared();
        int from = position * ShareDealing.COMMITMENT_BYTES + kind.commitmentAt();
        byte[] commitment = Arrays.copyOfRange(commitments, from, from + ShareCommitments.COMMITMENT_BYTES);
        return Interpolation.isShare(share) && ShareCommitments.matches(commitment, kind.code(), dealer, holder, share)
                ? Optional.empty()
                : Optional.of(
                        "its share of client '" + records.client(dealer) + "' is not the one that client committed to");
    }

    @Override
    public Optional<String> end(IndexSet answered) {
        records.setLeft(answered);
        Optional<String> shortfall = records.terms().survivorRequirement().after(stage(), answered);
        return shortfall.isPresent() ? shortfall : missingShares();
    }

    private Optional<String> missingShares() {
        int threshold = records.terms().threshold();
        return records.dealt().stream()
                .filter(dealer -> records.shares().count(dealer) < threshold)
                .mapToObj(dealer -> "round " + records.terms().round() + ": only "
                        + records.shares().count(dealer) + " shares of client '" + records.client(dealer)
                        + "' are left but the threshold is " + threshold)
                .findFirst();
    }
}
