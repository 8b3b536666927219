package org.fl4j.privacy.secagg;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.MaskedInput;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MASKED_INPUT at the server: hands on the shares, adds up the masked inputs as they come. */
final class InputCollection implements StageWork {

    private static final Logger LOG = LoggerFactory.getLogger(InputCollection.class);

    private final ServerRecords records;
    private final IndexSet recipients;

    InputCollection(ServerRecords records) {
        this.records = records;
        this.recipients = records.left();
    }

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.MASKED_INPUT;
    }

    @Override
    public IndexSet recipients() {
        return recipients;
    }

    @Override
    public byte[] messageFor(int client) {
        IndexSet dealers = records.neighboursIn(client, records.dealt());
        ByteArrayOutputStream commitments = new ByteArrayOutputStream();
        ByteArrayOutputStream boxes = new ByteArrayOutputStream();
        dealers.stream().forEach(dealer -> {
            int[] holders = records.holders(dealer);
            int position = Arrays.binarySearch(holders, client);
            int box = records.terms().isComplete() && dealer < client ? position - 1 : position;
            ShareDealing dealing = records.peer(dealer).dealing();
            commitments.write(
                    dealing.commitments().shared(),
                    position * ShareDealing.COMMITMENT_BYTES,
                    ShareDealing.COMMITMENT_BYTES);
            boxes.write(dealing.boxes().shared(), box * ShareDealing.BOX_BYTES, ShareDealing.BOX_BYTES);
        });
        ShareDelivery delivery = new ShareDelivery(
                records.header(client),
                dealers,
                Bytes.owning(commitments.toByteArray()),
                Bytes.owning(boxes.toByteArray()));
        return records.seal(client, stage(), delivery.toBytes());
    }

    @Override
    public Optional<String> take(int client, byte[] record) {
        MaskedInput input = MaskedInput.fromBytes(record, records.terms().clients());
        long length = records.terms().plan().packedBytes();
        if (input.vector().length() != length) {
            return Optional.of("its input has " + input.vector() + " but the rule's has " + length);
        }
        if (!records.neighboursIn(client, records.dealt()).containsAll(input.unopened())) {
            return Optional.of("it reports shares that nobody dealt it");
        }
        try {
            records.sum().addPacked(input.vector().shared(), 0);
        } catch (IllegalArgumentException e) {
            return Optional.of("its input is not packed as agreed: " + e.getMessage());
        }
        if (input.unopened().size() > 0) {
            LOG.warn(
                    "round {}: shares of {} for {} could not be opened; either side may be at fault",
                    records.terms().round(),
                    records.named(input.unopened()),
                    records.named(IndexSet.of(records.terms().clients(), IntStream.of(client))));
        }
        return Optional.empty();
    }

    @Override
    public Optional<String> end(IndexSet answered) {
        records.dealt().stream().forEach(dealer -> records.peer(dealer).forgetBoxes());
        records.setLeft(answered);
        records.setIncluded(answered);
        return records.terms().survivorRequirement().after(stage(), answered);
    }
}
