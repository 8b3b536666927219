package org.fl4j.privacy.secagg;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.fl4j.privacy.secagg.InputCollection.MaskedSum;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.RevealedShares;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.UnmaskingRequest;
import org.fl4j.privacy.secagg.internal.sharing.Interpolation;
import org.fl4j.privacy.secagg.internal.sharing.SecretKind;
import org.fl4j.privacy.secagg.internal.sharing.ShareBook;
import org.fl4j.privacy.secagg.internal.sharing.ShareCommitments;

/** UNMASK at the server: asks for the shares that remove the masks, and checks each against its commitment. */
final class ShareRevelation implements ServerStage {

    private final MaskedSum masked;
    private final AdvertisedKeys keys;
    private final ShareBook shares;

    ShareRevelation(MaskedSum masked) {
        this.masked = masked;
        this.keys = masked.keys();
        this.shares = new ShareBook(keys.terms().clients(), keys.terms().threshold());
    }

    /** What UNMASK returns: the masked sum, and of every dealer enough shares to unmask it. */
    record RevealedSum(MaskedSum masked, ShareBook shares) {}

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.UNMASK;
    }

    @Override
    public IndexSet recipients() {
        return masked.left();
    }

    @Override
    public byte[] messageFor(int client) {
        IndexSet signers = enough(client);
        List<Bytes> signatures = signers.stream()
                .mapToObj(signer -> Objects.requireNonNull(masked.signatures().get(signer)))
                .toList();
        UnmaskingRequest request =
                new UnmaskingRequest(keys.round().header(client), masked.included(), signers, signatures);
        return keys.seal(client, stage(), request.toBytes());
    }

    /** As many signatures as convince a client; each costs it a millisecond. */
    private IndexSet enough(int client) {
        SessionTerms terms = keys.terms();
        int wanted = terms.threatModel().signs() ? terms.signaturesOfOthers() : 0;
        return IndexSet.of(
                terms.clients(),
                keys.neighboursIn(client, masked.left()).stream().limit(wanted));
    }

    @Override
    public Optional<byte[]> open(int client, byte[] sealed) {
        return keys.open(client, stage(), sealed);
    }

    @Override
    public Optional<String> accept(int client, byte[] record) {
        RevealedShares revealed = RevealedShares.fromBytes(record, keys.terms().clients());
        int[] dealers = revealed.dealers().toArray();
        for (int i = 0; i < dealers.length; i++) {
            Optional<String> refusal = refusal(client, dealers[i], revealed.share(i));
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        for (int i = 0; i < dealers.length; i++) {
            shares.add(dealers[i], client, revealed.share(i));
        }
        return Optional.empty();
    }

    private Optional<String> refusal(int holder, int dealer, byte[] share) {
        int position =
                masked.shares().dealt().contains(dealer) ? Arrays.binarySearch(keys.holders(dealer), holder) : -1;
        if (position < 0) {
            return Optional.of("it sent a share of client '" + keys.round().client(dealer) + "', who dealt it none");
        }
        SecretKind kind = SecretKind.of(masked.included().contains(dealer));
        byte[] commitments = masked.shares().dealing(dealer).commitments().shared();
        int from = position * ShareDealing.COMMITMENT_BYTES + kind.commitmentAt();
        byte[] commitment = Arrays.copyOfRange(commitments, from, from + ShareCommitments.COMMITMENT_BYTES);
        return Interpolation.isShare(share) && ShareCommitments.matches(commitment, kind.code(), dealer, holder, share)
                ? Optional.empty()
                : Optional.of("its share of client '" + keys.round().client(dealer)
                        + "' is not the one that client committed to");
    }

    @Override
    public End end(IndexSet answered) {
        return End.of(
                keys.terms().survivorRequirement().after(stage(), answered).or(this::missingShares),
                () -> new Finished(new RevealedSum(masked, shares)));
    }

    private Optional<String> missingShares() {
        int threshold = keys.terms().threshold();
        return masked.shares().dealt().stream()
                .filter(dealer -> shares.count(dealer) < threshold)
                .mapToObj(dealer -> "round " + keys.terms().round() + ": only " + shares.count(dealer)
                        + " shares of client '" + keys.round().client(dealer) + "' are left but the threshold is "
                        + threshold)
                .findFirst();
    }

    @Override
    public void close() {
        masked.close();
        shares.close();
    }
}
