package org.fl4j.privacy.secagg;

import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.fl4j.ClientId;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.cohort.NeighbourGraph;
import org.fl4j.privacy.secagg.internal.crypto.KeyPair25519;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;
import org.fl4j.privacy.secagg.internal.crypto.X25519;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.KeyAdvertisement;
import org.fl4j.privacy.secagg.internal.message.KeyRoster;
import org.fl4j.privacy.secagg.internal.message.MessageHeader;
import org.fl4j.privacy.secagg.internal.message.Transcript;

/**
 * A client's place among the others, after it has checked the roster that the server sent.
 *
 * @param announced the round
 * @param index its position
 * @param advertised the positions that sent keys, this client's among them
 * @param neighbours their keys, by position
 * @param holders the holders of its shares, in order
 * @param transcript what masks and shares are bound to
 */
record Neighbourhood(
        VerifiedAnnouncement announced,
        int index,
        IndexSet advertised,
        NavigableMap<Integer, KeyAdvertisement> neighbours,
        List<Integer> holders,
        Bytes transcript) {

    /** Checks the roster of a server that may lie. */
    static Neighbourhood of(KeyRoster roster, KeyAdvertisement own, VerifiedAnnouncement announced) {
        SessionTerms terms = announced.terms();
        IndexSet advertised = roster.advertised();
        if (roster.index() < 0 || roster.index() >= terms.clients() || !advertised.contains(roster.index())) {
            throw announced.violation("the server gives it position " + roster.index() + ", which is not of "
                    + advertised.size() + " clients that are there");
        }
        if (advertised.size() < terms.graph().minimumSurvivors()) {
            throw announced.violation("the server goes on with " + advertised.size() + " clients but at least "
                    + terms.graph().minimumSurvivors() + " are needed");
        }
        NeighbourGraph graph = terms.neighbours(seed(roster, announced));
        int[] present = Arrays.stream(graph.neighbours(roster.index()))
                .filter(advertised::contains)
                .toArray();
        NavigableMap<Integer, KeyAdvertisement> neighbours = read(roster, present, own, announced);
        checkRoster(roster, own, announced, present);
        int[] holders = terms.holders(graph, roster.index(), advertised);
        if (holders.length < terms.threshold()) {
            throw announced.violation(
                    "it has " + holders.length + " holders for its shares but the threshold is " + terms.threshold());
        }
        byte[] transcript = Transcript.keys(
                announced.session().shared(),
                announced.task(),
                roster.roster().shared(),
                roster.graphSeed().shared());
        return new Neighbourhood(
                announced,
                roster.index(),
                advertised,
                neighbours,
                Arrays.stream(holders).boxed().toList(),
                Bytes.owning(transcript));
    }

    private static byte[] seed(KeyRoster roster, VerifiedAnnouncement announced) {
        byte[] seed = roster.graphSeed().shared();
        SessionTerms terms = announced.terms();
        if (seed.length != (terms.isComplete() ? 0 : Sha256.BYTES)
                || (terms.seedIsOfKeys()
                        && !Arrays.equals(
                                seed, Transcript.graphSeed(roster.roster().shared())))) {
            throw announced.violation("the seed of the graph is not the hash of the keys");
        }
        return seed;
    }

    private static NavigableMap<Integer, KeyAdvertisement> read(
            KeyRoster roster, int[] present, KeyAdvertisement own, VerifiedAnnouncement announced) {
        if (roster.neighbours().size() != present.length) {
            throw announced.violation("the server sends the keys of "
                    + roster.neighbours().size() + " neighbours but there are " + present.length);
        }
        NavigableMap<Integer, KeyAdvertisement> neighbours = new TreeMap<>();
        Set<ClientId> ids = new HashSet<>(Set.of(announced.self()));
        Set<Bytes> keys = new HashSet<>(List.of(own.boxKey(), own.maskKey()));
        for (int i = 0; i < present.length; i++) {
            byte[] keysOf = roster.neighbours().get(i).shared();
            KeyAdvertisement neighbour =
                    announced.read("keys of position " + present[i], () -> KeyAdvertisement.fromBytes(keysOf));
            ClientId id = neighbour.header().client();
            if (!neighbour
                    .header()
                    .equals(new MessageHeader(
                            announced.session(), announced.terms().round(), id))) {
                throw announced.violation("the keys of neighbour '" + id + "' are of another round or session");
            }
            if (!ids.add(id) || !keys.add(neighbour.boxKey()) || !keys.add(neighbour.maskKey())) {
                throw announced.violation("neighbour '" + id + "' or one of its keys is there twice");
            }
            checkNeighbour(neighbour, announced);
            neighbours.put(present[i], kept(neighbour, announced));
        }
        return neighbours;
    }

    /** The part of checked keys that is still needed; the rest is the same for all, and a client may have a thousand neighbours. */
    private static KeyAdvertisement kept(KeyAdvertisement checked, VerifiedAnnouncement announced) {
        return new KeyAdvertisement(
                new MessageHeader(
                        announced.session(),
                        announced.terms().round(),
                        checked.header().client()),
                checked.boxKey(),
                checked.maskKey(),
                announced.task(),
                Bytes.EMPTY);
    }

    private static void checkNeighbour(KeyAdvertisement neighbour, VerifiedAnnouncement announced) {
        ClientId id = neighbour.header().client();
        announced.terms().refusal(neighbour).ifPresent(why -> {
            throw announced.violation("the keys of neighbour '" + id + "' " + why);
        });
        if (!neighbour.taskFingerprint().equals(announced.task())) {
            throw announced.violation("the server gave neighbour '" + id + "' another task: its fingerprint is "
                    + neighbour.taskFingerprint() + " but this client's is " + announced.task());
        }
    }

    /** The roster's hash is over all keys, as far as this client can see them. */
    private static void checkRoster(
            KeyRoster roster, KeyAdvertisement own, VerifiedAnnouncement announced, int[] present) {
        SessionTerms terms = announced.terms();
        if (!terms.isComplete() && !terms.seedIsOfKeys()) {
            return;
        }
        int[] advertised = roster.advertised().toArray();
        List<Bytes> leaves = new ArrayList<>(roster.leaves());
        if (terms.isComplete()) {
            leaves.clear();
            roster.neighbours().forEach(entry -> leaves.add(Bytes.owning(Transcript.leaf(entry.shared()))));
            leaves.add(Arrays.binarySearch(advertised, roster.index()), leaf(own));
        }
        boolean right = leaves.size() == advertised.length
                && leaves.get(Arrays.binarySearch(advertised, roster.index())).equals(leaf(own))
                && Arrays.equals(
                        roster.roster().shared(),
                        Transcript.roster(announced.session().shared(), roster.advertised(), leaves));
        for (int i = 0; right && i < present.length; i++) {
            Bytes leaf = Bytes.owning(Transcript.leaf(roster.neighbours().get(i).shared()));
            right = leaves.get(Arrays.binarySearch(advertised, present[i])).equals(leaf);
        }
        if (!right) {
            throw announced.violation("the roster's hash is not that of the keys, this client's own among them");
        }
    }

    private static Bytes leaf(KeyAdvertisement advertisement) {
        return Bytes.owning(Transcript.leaf(advertisement.toBytes()));
    }

    /**
     * The secrets that a key pair of this client's and a key of each of some neighbours agree on; the caller erases them.
     *
     * @param what the neighbours' key, for the message if one is not valid
     */
    byte[][] agree(KeyPair25519 own, int[] others, String what, Function<KeyAdvertisement, Bytes> key) {
        KeyAdvertisement[] theirs =
                Arrays.stream(others).mapToObj(neighbours::get).toArray(KeyAdvertisement[]::new);
        byte[][] keys = Arrays.stream(theirs).map(of -> key.apply(of).shared()).toArray(byte[][]::new);
        try {
            return own.agreeAll(keys);
        } catch (InvalidKeyException e) {
            KeyAdvertisement wrong = Arrays.stream(theirs)
                    .filter(of -> X25519.fault(key.apply(of).shared()).isPresent())
                    .findFirst()
                    .orElseThrow();
            throw announced.violation(
                    "the " + what + " of neighbour '" + wrong.header().client() + "' is not valid");
        }
    }

    /** The neighbours as a set. */
    IndexSet others() {
        return IndexSet.of(
                announced.terms().clients(), neighbours.keySet().stream().mapToInt(Integer::intValue));
    }
}
