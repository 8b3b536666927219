package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** SHARE_KEYS at the server: tells every client its neighbours' keys, collects the shares for them. */
final class ShareCollection implements StageWork {

    private final ServerRecords records;
    private final IndexSet recipients;
    private final Octets[] advertisements;
    private final List<Octets> leaves = new ArrayList<>();

    ShareCollection(ServerRecords records) {
        this.records = records;
        this.recipients = records.left();
        this.advertisements = new Octets[records.terms().clients()];
        records.advertised().stream().forEach(index -> {
            advertisements[index] =
                    Octets.owning(records.peer(index).advertisement().toBytes());
            if (records.terms().seedIsOfKeys()) {
                leaves.add(Octets.owning(Transcript.leaf(advertisements[index].shared())));
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
        List<Octets> ofNeighbours = records.neighboursIn(client, records.advertised()).stream()
                .mapToObj(index -> advertisements[index])
                .toList();
        KeyRoster roster = new KeyRoster(
                records.header(client),
                client,
                records.advertised(),
                Octets.owning(records.graphSeed()),
                Octets.owning(records.roster()),
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
        Shortfall shortfall = new Shortfall(records.terms());
        records.setLeft(shortfall.recoverable(answered, records::holders));
        records.setDealt(records.left());
        return shortfall.after(stage(), answered).or(() -> shortfall.after(stage(), records.left()));
    }
}
