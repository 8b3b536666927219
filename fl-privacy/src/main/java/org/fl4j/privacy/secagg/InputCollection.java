package org.fl4j.privacy.secagg;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.ShareCollection.DealtShares;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ReceivedInput;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MASKED_INPUT at the server: delivers the shares and adds up the masked inputs as they arrive, without storing them. */
final class InputCollection implements ServerStage {

    private static final Logger LOG = LoggerFactory.getLogger(InputCollection.class);

    private final AdvertisedKeys keys;
    private final DealtShares shares;
    private final RingVector sum;

    InputCollection(DealtShares shares) {
        this.keys = shares.keys();
        this.shares = shares;
        this.sum = RingVector.zero(keys.terms().plan());
    }

    /**
     * What MASKED_INPUT returns, and CONSISTENCY with signatures: the sum under masks. Closing erases it and all keys.
     *
     * @param shares without their boxes
     * @param included U3: the clients whose inputs are in the sum
     * @param left the clients still in the round
     * @param sum the vector itself, which {@link Unmasking} makes the plain one
     * @param signatures on the clients included, by signer; empty in the curious setting
     */
    record MaskedSum(
            DealtShares shares, IndexSet included, IndexSet left, RingVector sum, Map<Integer, Bytes> signatures)
            implements AutoCloseable {

        MaskedSum {
            signatures = Map.copyOf(signatures);
        }

        MaskedSum signed(IndexSet signers, Map<Integer, Bytes> theirs) {
            return new MaskedSum(shares, included, signers, sum, theirs);
        }

        AdvertisedKeys keys() {
            return shares.keys();
        }

        @Override
        public void close() {
            keys().close();
            sum.erase();
        }
    }

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.MASKED_INPUT;
    }

    @Override
    public IndexSet recipients() {
        return shares.dealt();
    }

    @Override
    public byte[] messageFor(int client) {
        IndexSet dealers = keys.neighboursIn(client, shares.dealt());
        ByteArrayOutputStream commitments = new ByteArrayOutputStream();
        ByteArrayOutputStream boxes = new ByteArrayOutputStream();
        dealers.stream().forEach(dealer -> {
            int position = Arrays.binarySearch(keys.holders(dealer), client);
            int box = keys.terms().isComplete() && dealer < client ? position - 1 : position;
            ShareDealing dealing = shares.dealing(dealer);
            commitments.write(
                    dealing.commitments().shared(),
                    position * ShareDealing.COMMITMENT_BYTES,
                    ShareDealing.COMMITMENT_BYTES);
            boxes.write(dealing.boxes().shared(), box * ShareDealing.BOX_BYTES, ShareDealing.BOX_BYTES);
        });
        ShareDelivery delivery = new ShareDelivery(
                keys.round().header(client),
                dealers,
                Bytes.owning(commitments.toByteArray()),
                Bytes.owning(boxes.toByteArray()));
        return keys.seal(client, stage(), delivery.toBytes());
    }

    /** With the seal, which was verified: no copy is made of an input. */
    @Override
    public Optional<byte[]> open(int client, byte[] sealed) {
        return keys.isSealed(client, stage(), sealed) ? Optional.of(sealed) : Optional.empty();
    }

    @Override
    public Optional<String> accept(int client, byte[] message) {
        SessionTerms terms = keys.terms();
        long length = terms.plan().packedBytes();
        ReceivedInput input = ReceivedInput.of(message, terms.clients(), length);
        if (input.vectorBytes() != length) {
            return Optional.of("its input has " + input.vectorBytes() + " bytes but the rule's has " + length);
        }
        if (!keys.neighboursIn(client, shares.dealt()).containsAll(input.unopened())) {
            return Optional.of("it reports shares that nobody dealt it");
        }
        try {
            sum.addPacked(input.message().shared(), input.vectorAt());
        } catch (IllegalArgumentException e) {
            return Optional.of("its input is not packed as agreed: " + e.getMessage());
        }
        if (input.unopened().size() > 0) {
            LOG.warn(
                    "round {}: shares of {} for {} could not be opened; either side may be at fault",
                    terms.round(),
                    keys.round().named(input.unopened()),
                    keys.round().named(IndexSet.of(terms.clients(), IntStream.of(client))));
        }
        return Optional.empty();
    }

    @Override
    public End end(IndexSet answered) {
        MaskedSum masked = new MaskedSum(shares.withoutBoxes(), answered, answered, sum, Map.of());
        return End.of(
                keys.terms().survivorRequirement().after(stage(), answered),
                () -> new Next(
                        keys.terms().threatModel().signs()
                                ? new SignatureCollection(masked)
                                : new ShareRevelation(masked)));
    }

    @Override
    public void close() {
        keys.close();
        sum.erase();
    }
}
