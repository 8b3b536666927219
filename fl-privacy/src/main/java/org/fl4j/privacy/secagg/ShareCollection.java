package org.fl4j.privacy.secagg;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.cohort.SurvivorRequirement;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.Transcript;

/** SHARE_KEYS at the server: tells every client its neighbours' keys, collects the shares for them. */
final class ShareCollection implements ServerStage {

    private final AdvertisedKeys keys;
    private final Map<Integer, Bytes> advertisements = new TreeMap<>();
    private final List<Bytes> leaves;
    private final Map<Integer, ShareDealing> dealings = new TreeMap<>();

    ShareCollection(AdvertisedKeys keys) {
        this.keys = keys;
        keys.advertised().stream()
                .forEach(index -> advertisements.put(
                        index, Bytes.owning(keys.advertisement(index).toBytes())));
        this.leaves = keys.terms().seedIsOfKeys()
                ? advertisements.values().stream()
                        .map(entry -> Bytes.owning(Transcript.leaf(entry.shared())))
                        .toList()
                : List.of();
    }

    /**
     * What SHARE_KEYS returns: the shares, encrypted for their holders.
     *
     * @param dealings by dealer
     * @param dealt U2: the clients that dealt shares; masks are between these
     */
    record DealtShares(AdvertisedKeys keys, Map<Integer, ShareDealing> dealings, IndexSet dealt) {

        DealtShares {
            dealings = Map.copyOf(dealings);
        }

        ShareDealing dealing(int dealer) {
            return Objects.requireNonNull(dealings.get(dealer));
        }

        /** Once they are delivered: they are the largest part of the server's memory. */
        DealtShares withoutBoxes() {
            return new DealtShares(
                    keys,
                    dealings.entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey, entry -> entry.getValue().withoutBoxes())),
                    dealt);
        }
    }

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.SHARE_KEYS;
    }

    @Override
    public IndexSet recipients() {
        return keys.left();
    }

    @Override
    public byte[] messageFor(int client) {
        List<Bytes> ofNeighbours = keys.neighboursIn(client, keys.advertised()).stream()
                .mapToObj(index -> Objects.requireNonNull(advertisements.get(index)))
                .toList();
        KeyRoster roster = new KeyRoster(
                keys.round().header(client),
                client,
                keys.advertised(),
                keys.graphSeed(),
                keys.roster(),
                leaves,
                ofNeighbours);
        return keys.seal(client, stage(), roster.toBytes());
    }

    @Override
    public Optional<byte[]> open(int client, byte[] sealed) {
        return keys.open(client, stage(), sealed);
    }

    @Override
    public Optional<String> accept(int client, byte[] record) {
        ShareDealing dealing = ShareDealing.fromBytes(record);
        int holders = keys.holders(client).length;
        int boxes = keys.terms().isComplete() ? holders - 1 : holders;
        if (dealing.seedCommitment().length() != Sha256.BYTES
                || dealing.commitments().length() != holders * ShareDealing.COMMITMENT_BYTES
                || dealing.boxes().length() != boxes * ShareDealing.BOX_BYTES) {
            return Optional.of("it deals " + dealing.boxes() + " of shares and " + dealing.commitments()
                    + " of commitments, but has " + holders + " holders");
        }
        dealings.put(client, dealing);
        return Optional.empty();
    }

    @Override
    public End end(IndexSet answered) {
        SurvivorRequirement requirement = keys.terms().survivorRequirement();
        IndexSet dealt = requirement.recoverable(answered, keys::holders);
        return End.of(
                requirement.after(stage(), answered).or(() -> requirement.after(stage(), dealt)),
                () -> new Next(new InputCollection(new DealtShares(keys, dealings, dealt))));
    }

    @Override
    public void close() {
        keys.close();
    }
}
