package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.fl4j.client.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.cohort.NeighbourGraph;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.Envelope;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.MessageKeys;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage;
import org.fl4j.privacy.secagg.internal.message.ProtocolStage.Direction;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.Transcript;
import org.fl4j.privacy.secagg.internal.sharing.ShareBook;
import org.fl4j.privacy.secagg.internal.vector.RingVector;
import org.jspecify.annotations.Nullable;

/**
 * What the stages of the server's half share: who is who, who is left, what they sent. It holds no contribution: masked
 * inputs are added up as they come.
 */
final class ServerRecords implements AutoCloseable {

    private final SessionTerms terms;
    private final List<ClientId> cohort;
    private final Map<ClientId, Integer> positions = new HashMap<>();
    private final ServerKeys keys;
    private final List<Peer> peers = new ArrayList<>();
    private final Map<Integer, Bytes> signatures = new TreeMap<>();
    private final ShareBook shares;
    private final RingVector sum;

    private IndexSet advertised;
    private IndexSet left;
    private IndexSet dealt;
    private IndexSet included;
    private NeighbourGraph neighbours;
    private List<int[]> holders = List.of();
    private byte[] graphSeed = {};
    private byte[] roster = {};
    private byte[] transcript = {};

    ServerRecords(SessionTerms terms, List<ClientId> cohort, ServerKeys keys) {
        this.terms = terms;
        this.cohort = List.copyOf(cohort);
        this.keys = keys;
        this.shares = new ShareBook(terms.clients(), terms.threshold());
        this.sum = RingVector.zero(terms.plan());
        IndexSet nobody = IndexSet.all(cohort.size()).minus(IndexSet.all(cohort.size()));
        this.left = IndexSet.all(cohort.size());
        this.advertised = nobody;
        this.dealt = nobody;
        this.included = nobody;
        this.neighbours = NeighbourGraph.complete(cohort.size());
        for (int index = 0; index < cohort.size(); index++) {
            if (positions.put(cohort.get(index), index) != null) {
                throw new IllegalArgumentException(
                        (terms.isPrivate() ? "a client" : "client '" + cohort.get(index) + "'")
                                + " is in the cohort twice");
            }
            peers.add(new Peer());
        }
    }

    SessionTerms terms() {
        return terms;
    }

    ServerKeys keys() {
        return keys;
    }

    RingVector sum() {
        return sum;
    }

    /** On whose inputs are in the sum, by signer; empty in the curious setting. */
    Map<Integer, Bytes> signatures() {
        return signatures;
    }

    Bytes signature(int signer) {
        return Objects.requireNonNull(signatures.get(signer));
    }

    ShareBook shares() {
        return shares;
    }

    ClientId client(int index) {
        return cohort.get(index);
    }

    List<ClientId> clients(IndexSet indices) {
        return indices.stream().mapToObj(cohort::get).toList();
    }

    /** For logs; under a private rule neither names nor a number. */
    String named(IndexSet indices) {
        return terms.isPrivate() ? "some clients" : clients(indices).toString();
    }

    Optional<Integer> position(ClientId client) {
        return Optional.ofNullable(positions.get(client));
    }

    Peer peer(int index) {
        return peers.get(index);
    }

    MessageHeader header(int index) {
        return new MessageHeader(Bytes.owning(keys.announced()), terms.round(), cohort.get(index));
    }

    byte[] seal(int client, ProtocolStage stage, byte[] record) {
        return Envelope.seal(record, peer(client).keys().key(stage, Direction.TO_CLIENT));
    }

    /** Who is in the round so far. */
    IndexSet left() {
        return left;
    }

    void setLeft(IndexSet clients) {
        left = clients;
    }

    /** U1: who sent keys, that all agree on. */
    IndexSet advertised() {
        return advertised;
    }

    /** U2: who dealt shares; masks are between these. */
    IndexSet dealt() {
        return dealt;
    }

    void setDealt(IndexSet clients) {
        dealt = clients;
    }

    /** U3: whose inputs are in the sum. */
    IndexSet included() {
        return included;
    }

    void setIncluded(IndexSet clients) {
        included = clients;
    }

    NeighbourGraph neighbours() {
        return neighbours;
    }

    byte[] graphSeed() {
        return graphSeed;
    }

    byte[] roster() {
        return roster;
    }

    /** What masks and shares are bound to: {@link Transcript#keys}. */
    byte[] transcript() {
        return transcript;
    }

    void setRoster(IndexSet clients, byte[] hash, byte[] seed, String taskFingerprint) {
        advertised = clients;
        roster = hash;
        graphSeed = seed;
        neighbours = terms.neighbours(seed);
        int[] everybody = clients.toArray();
        holders = IntStream.range(0, terms.clients())
                .mapToObj(dealer -> terms.isComplete() ? everybody : terms.holders(neighbours, dealer, clients))
                .toList();
        transcript = Transcript.keys(keys.announced(), taskFingerprint, hash, seed);
    }

    /** Who was to hold a client's shares, in order. Not a copy: it is asked for every share. */
    int[] holders(int dealer) {
        return holders.get(dealer);
    }

    /** Its neighbours in a set. */
    IndexSet neighboursIn(int client, IndexSet set) {
        return terms.isComplete()
                ? set.where(index -> index != client)
                : IndexSet.of(
                        terms.clients(),
                        Arrays.stream(neighbours.neighbours(client)).filter(set::contains));
    }

    @Override
    public void close() {
        keys.close();
        peers.forEach(Peer::close);
        shares.close();
        sum.erase();
    }

    /** What the server knows of one client of the cohort. */
    static final class Peer implements AutoCloseable {

        private @Nullable MessageKeys keys;
        private @Nullable KeyAdvertisement advertisement;
        private @Nullable ShareDealing dealing;

        MessageKeys keys() {
            return present(keys);
        }

        KeyAdvertisement advertisement() {
            return present(advertisement);
        }

        ShareDealing dealing() {
            return present(dealing);
        }

        void advertise(KeyAdvertisement its, MessageKeys shared) {
            advertisement = its;
            keys = shared;
        }

        void deal(ShareDealing its) {
            dealing = its;
        }

        /** They are delivered, and of all the server keeps they are the most. */
        void forgetBoxes() {
            dealing = dealing().withoutBoxes();
        }

        @Override
        public void close() {
            if (keys != null) {
                keys.close();
            }
        }

        private static <T> T present(@Nullable T value) {
            if (value == null) {
                throw new IllegalStateException("not sent yet");
            }
            return value;
        }
    }
}
