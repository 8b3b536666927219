package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.fl4j.binary.CorruptDataException;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.cohort.SurvivorRequirement;
import org.fl4j.privacy.secagg.internal.crypto.X25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** ADVERTISE at the server: announces the round, collects keys, draws the graph. */
final class KeyCollection implements StageWork {

    private static final Logger LOG = LoggerFactory.getLogger(KeyCollection.class);
    private static final int SEED_BYTES = 32;

    private final ServerRecords records;
    private final IndexSet recipients;
    private final SecureRandom random;
    private final Set<Bytes> seen = new HashSet<>();

    KeyCollection(ServerRecords records, SecureRandom random) {
        this.records = records;
        this.random = random;
        this.recipients = records.left();
    }

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.ADVERTISE;
    }

    @Override
    public IndexSet recipients() {
        return recipients;
    }

    @Override
    public byte[] messageFor(int client) {
        return records.keys().announcement();
    }

    /** The key of the seal is in the record, so the seal shows that the sender has the private half. */
    @Override
    public Optional<byte[]> open(ServerRecords unused, int client, byte[] sealed) {
        byte[] record = Envelope.unverified(sealed, Envelope.SEAL_BYTES);
        KeyAdvertisement advertisement = KeyAdvertisement.fromBytes(record);
        if (!advertisement.header().equals(records.header(client))) {
            return Optional.empty();
        }
        for (Bytes key : List.of(advertisement.boxKey(), advertisement.maskKey())) {
            X25519.fault(key.shared()).ifPresent(why -> {
                throw new CorruptDataException("a public key is " + why);
            });
        }
        try {
            MessageKeys keys = records.keys().with(advertisement);
            Optional<byte[]> opened = Envelope.open(sealed, keys.key(stage(), Direction.TO_SERVER));
            if (opened.isPresent()) {
                records.peer(client).advertise(advertisement, keys);
            } else {
                keys.close();
            }
            return opened;
        } catch (InvalidKeyException e) {
            throw new CorruptDataException("its public key is not valid", e);
        }
    }

    @Override
    public Optional<String> take(int client, byte[] record) {
        KeyAdvertisement advertisement = records.peer(client).advertisement();
        Optional<String> unsigned = records.terms().refusal(advertisement);
        if (unsigned.isPresent()) {
            return unsigned.map(why -> "its keys " + why);
        }
        if (!seen.add(advertisement.boxKey()) || !seen.add(advertisement.maskKey())) {
            return Optional.of("it sent a key that another client sent, or the same key twice");
        }
        return Optional.empty();
    }

    @Override
    public Optional<String> end(IndexSet answered) {
        String task = mostCommonTask(answered);
        IndexSet agreed = answered.where(
                index -> records.peer(index).advertisement().taskFingerprint().equals(task));
        if (agreed.size() < answered.size()) {
            LOG.warn(
                    "round {}: {} were given another task than the others, and are left out",
                    records.terms().round(),
                    records.named(answered.minus(agreed)));
        }
        byte[] roster = Transcript.roster(records.keys().announced(), agreed, leaves(agreed));
        records.setRoster(agreed, roster, seed(roster), task);
        SurvivorRequirement requirement = records.terms().survivorRequirement();
        records.setLeft(requirement.recoverable(agreed, records::holders));
        return requirement.after(stage(), agreed).or(() -> requirement.after(stage(), records.left()));
    }

    private List<Bytes> leaves(IndexSet clients) {
        List<Bytes> leaves = new ArrayList<>();
        clients.stream()
                .forEach(index -> leaves.add(Bytes.owning(
                        Transcript.leaf(records.peer(index).advertisement().toBytes()))));
        return leaves;
    }

    private byte[] seed(byte[] roster) {
        if (records.terms().isComplete()) {
            return new byte[0];
        }
        if (records.terms().seedIsOfKeys()) {
            return Transcript.graphSeed(roster);
        }
        byte[] seed = new byte[SEED_BYTES];
        random.nextBytes(seed);
        return seed;
    }

    private String mostCommonTask(IndexSet clients) {
        Map<String, Integer> counts = new HashMap<>();
        clients.stream()
                .forEach(index ->
                        counts.merge(records.peer(index).advertisement().taskFingerprint(), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElse("");
    }
}
