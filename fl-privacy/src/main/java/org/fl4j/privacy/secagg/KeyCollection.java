package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.fl4j.CorruptDataException;
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
final class KeyCollection implements ServerStage {

    private static final Logger LOG = LoggerFactory.getLogger(KeyCollection.class);

    private static final int SEED_BYTES = 32;

    private final ServerRound round;
    private final SecureRandom random;
    private final Map<Integer, AdvertisedKeys.Peer> peers = new TreeMap<>();
    private final Set<Bytes> seen = new HashSet<>();

    KeyCollection(ServerRound round, SecureRandom random) {
        this.round = round;
        this.random = random;
    }

    @Override
    public ProtocolStage stage() {
        return ProtocolStage.ADVERTISE;
    }

    @Override
    public IndexSet recipients() {
        return IndexSet.all(round.terms().clients());
    }

    @Override
    public byte[] messageFor(int client) {
        return round.keys().announcement();
    }

    /** The key of the seal is in the record, so the seal shows that the sender has the private half. */
    @Override
    public Optional<byte[]> open(int client, byte[] sealed) {
        byte[] record = Envelope.unverified(sealed, Envelope.SEAL_BYTES);
        KeyAdvertisement advertisement = KeyAdvertisement.fromBytes(record);
        if (!advertisement.header().equals(round.header(client))) {
            return Optional.empty();
        }
        for (Bytes key : List.of(advertisement.boxKey(), advertisement.maskKey())) {
            X25519.fault(key.shared()).ifPresent(why -> {
                throw new CorruptDataException("a public key is " + why);
            });
        }
        try {
            MessageKeys keys = round.keys().with(advertisement);
            Optional<byte[]> opened = Envelope.open(sealed, keys.key(stage(), Direction.TO_SERVER));
            if (opened.isPresent()) {
                peers.put(client, new AdvertisedKeys.Peer(advertisement, keys));
            } else {
                keys.close();
            }
            return opened;
        } catch (InvalidKeyException e) {
            throw new CorruptDataException("its public key is not valid", e);
        }
    }

    @Override
    public Optional<String> accept(int client, byte[] record) {
        KeyAdvertisement advertisement = advertisement(client);
        Optional<String> unsigned = round.terms().refusal(advertisement);
        if (unsigned.isPresent()) {
            return unsigned.map(why -> "its keys " + why);
        }
        if (!seen.add(advertisement.boxKey()) || !seen.add(advertisement.maskKey())) {
            return Optional.of("it sent a key that another client sent, or the same key twice");
        }
        return Optional.empty();
    }

    private KeyAdvertisement advertisement(int client) {
        return Objects.requireNonNull(peers.get(client)).advertisement();
    }

    @Override
    public End end(IndexSet answered) {
        String task = mostCommonTask(answered);
        IndexSet agreed =
                answered.where(index -> advertisement(index).taskFingerprint().equals(task));
        if (agreed.size() < answered.size()) {
            LOG.warn(
                    "round {}: {} were given another task than the others, and are left out",
                    round.terms().round(),
                    round.named(answered.minus(agreed)));
        }
        List<Bytes> leaves = agreed.stream()
                .mapToObj(index ->
                        Bytes.owning(Transcript.leaf(advertisement(index).toBytes())))
                .toList();
        byte[] roster = Transcript.roster(round.keys().announced(), agreed, leaves);
        AdvertisedKeys keys = AdvertisedKeys.of(round, peers, agreed, roster, seed(roster), task);
        SurvivorRequirement requirement = round.terms().survivorRequirement();
        return End.of(
                requirement.after(stage(), agreed).or(() -> requirement.after(stage(), keys.left())),
                () -> new Next(new ShareCollection(keys)));
    }

    private byte[] seed(byte[] roster) {
        if (round.terms().isComplete()) {
            return new byte[0];
        }
        if (round.terms().seedIsOfKeys()) {
            return Transcript.graphSeed(roster);
        }
        byte[] seed = new byte[SEED_BYTES];
        random.nextBytes(seed);
        return seed;
    }

    private String mostCommonTask(IndexSet clients) {
        Map<String, Integer> counts = new HashMap<>();
        clients.stream().forEach(index -> counts.merge(advertisement(index).taskFingerprint(), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElse("");
    }

    @Override
    public void close() {
        peers.values().forEach(peer -> peer.seals().close());
        round.close();
    }
}
