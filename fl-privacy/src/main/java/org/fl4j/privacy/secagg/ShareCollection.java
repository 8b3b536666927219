package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.cohort.SurvivorRequirement;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.Transcript;

/** SHARE_KEYS at the server: tells every client its neighbours' keys, collects the shares for them. */
final class ShareCollection implements StageWork {

    private final ServerRecords records;
    private final IndexSet recipients;
    private final Bytes[] advertisements;
    private final List<Bytes> leaves = new ArrayList<>();

    ShareCollection(ServerRecords records) {
        this.records = records;
        this.recipients = records.left();
        this.advertisements = new Bytes[records.terms().clients()];
        records.advertised().stream().forEach(index -> {
            advertisements[index] =
                    Bytes.owning(records.peer(index).advertisement().toBytes());
            if (records.terms().seedIsOfKeys()) {
                leaves.add(Bytes.owning(Transcript.leaf(advertisements[index].shared())));
            }
        });
    }

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.SHARE_KEYS;
    }

    @Override
    public IndexSet recipients() {
        return recipients;
    }

    @Override
    public byte[] messageFor(int client) {
        List<Bytes> ofNeighbours = records.neighboursIn(client, records.advertised()).stream()
                .mapToObj(index -> advertisements[index])
                .toList();
        KeyRoster roster = new KeyRoster(
                records.header(client),
                client,
                records.advertised(),
                Bytes.owning(records.graphSeed()),
                Bytes.owning(records.roster()),
                leaves,
                ofNeighbours);
        return records.seal(client, stage(), roster.toBytes());
    }

    @Override
    public Optional<String> take(int client, byte[] record) {
        ShareDealing dealing = ShareDealing.fromBytes(record);
        int holders = records.holders(client).length;
        int boxes = records.terms().isComplete() ? holders - 1 : holders;
        if (dealing.seedCommitment().length() != Sha256.BYTES
                || dealing.commitments().length() != holders * ShareDealing.COMMITMENT_BYTES
                || dealing.boxes().length() != boxes * ShareDealing.BOX_BYTES) {
            return Optional.of("it deals " + dealing.boxes() + " of shares and " + dealing.commitments()
                    + " of commitments, but has " + holders + " holders");
        }
        records.peer(client).deal(dealing);
        return Optional.empty();
    }

    @Override
    public Optional<String> end(IndexSet answered) {
        SurvivorRequirement requirement = records.terms().survivorRequirement();
        records.setLeft(requirement.recoverable(answered, records::holders));
        records.setDealt(records.left());
        return requirement.after(stage(), answered).or(() -> requirement.after(stage(), records.left()));
    }
}
