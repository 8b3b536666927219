package org.fl4j.privacy.secagg;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.cohort.NeighbourGraph;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.Transcript;

/**
 * What ADVERTISE returns: all keys, and the graph over the clients that agree on the task. Closing erases the keys of seals,
 * and the round's.
 *
 * @param round what the server began with
 * @param peers by position, all clients that sent keys
 * @param advertised U1: the clients that sent keys for the task that most of them were sent
 * @param left those of them that have enough holders of shares
 * @param roster the hash of all advertisements
 * @param graphSeed empty on the complete graph
 * @param neighbours the graph
 * @param holders by dealer: the holders of its shares, in order
 * @param transcript what masks and shares are bound to: {@link Transcript#keys}
 */
record AdvertisedKeys(
        ServerRound round,
        Map<Integer, Peer> peers,
        IndexSet advertised,
        IndexSet left,
        Bytes roster,
        Bytes graphSeed,
        NeighbourGraph neighbours,
        List<int[]> holders,
        Bytes transcript)
        implements AutoCloseable {

    /** The public keys of a client, and the keys that seal its messages. */
    record Peer(KeyAdvertisement advertisement, MessageKeys seals) {}

    AdvertisedKeys {
        peers = Map.copyOf(peers);
    }

    static AdvertisedKeys of(
            ServerRound round,
            Map<Integer, Peer> peers,
            IndexSet advertised,
            byte[] roster,
            byte[] graphSeed,
            String taskFingerprint) {
        SessionTerms terms = round.terms();
        NeighbourGraph neighbours = terms.neighbours(graphSeed);
        int[] everybody = advertised.toArray();
        List<int[]> holders = IntStream.range(0, terms.clients())
                .mapToObj(dealer -> terms.isComplete() ? everybody : terms.holders(neighbours, dealer, advertised))
                .toList();
        return new AdvertisedKeys(
                round,
                peers,
                advertised,
                terms.survivorRequirement().recoverable(advertised, holders::get),
                Bytes.owning(roster),
                Bytes.owning(graphSeed),
                neighbours,
                holders,
                Bytes.owning(Transcript.keys(round.keys().announced(), taskFingerprint, roster, graphSeed)));
    }

    SessionTerms terms() {
        return round.terms();
    }

    KeyAdvertisement advertisement(int client) {
        return peer(client).advertisement();
    }

    private Peer peer(int client) {
        Peer peer = peers.get(client);
        if (peer == null) {
            throw new IllegalStateException("position " + client + " sent no keys");
        }
        return peer;
    }

    byte[] seal(int client, ProtocolStage stage, byte[] record) {
        return Envelope.seal(record, peer(client).seals().key(stage, Direction.TO_CLIENT));
    }

    Optional<byte[]> open(int client, ProtocolStage stage, byte[] sealed) {
        return Envelope.open(sealed, peer(client).seals().key(stage, Direction.TO_SERVER));
    }

    boolean isSealed(int client, ProtocolStage stage, byte[] sealed) {
        return Envelope.isSealed(sealed, peer(client).seals().key(stage, Direction.TO_SERVER));
    }

    /** The holders of a client's shares, in order. Not a copy: it is read for every share. */
    int[] holders(int dealer) {
        return holders.get(dealer);
    }

    /** Its neighbours in a set. */
    IndexSet neighboursIn(int client, IndexSet set) {
        return terms().isComplete()
                ? set.where(index -> index != client)
                : IndexSet.of(
                        terms().clients(),
                        Arrays.stream(neighbours.neighbours(client)).filter(set::contains));
    }

    @Override
    public void close() {
        peers.values().forEach(peer -> peer.seals().close());
        round.close();
    }
}
