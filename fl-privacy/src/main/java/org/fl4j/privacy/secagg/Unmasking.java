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
import java.util.stream.Stream;
import org.fl4j.privacy.secagg.InputCollection.MaskedSum;
import org.fl4j.privacy.secagg.ShareRevelation.RevealedSum;
import org.fl4j.privacy.secagg.internal.crypto.X25519;
import org.fl4j.privacy.secagg.internal.sharing.Interpolation;
import org.fl4j.privacy.secagg.internal.sharing.ShareCommitments;
import org.fl4j.privacy.secagg.internal.vector.MaskRemoval;
import org.fl4j.privacy.secagg.internal.vector.Masks;
import org.fl4j.privacy.secagg.internal.vector.RingVector;

/**
 * Removes the masks from the sum: the self-mask of every client in it, and for every client that dropped out before its input
 * arrived the masks that others added for it. The server can reconstruct each of these secrets: they are of this round alone.
 */
final class Unmasking implements AutoCloseable {

    /** The most masks that are one piece of work. */
    private static final int LARGEST_PIECE = 64;

    /** The fewest pieces for a thread, so that none waits long for the last. */
    private static final int PIECES = 8;

    private final RevealedSum revealed;
    private final MaskedSum masked;
    private final AdvertisedKeys keys;
    private final Map<List<Integer>, Interpolation> interpolations = new HashMap<>();
    private final Map<Integer, byte[]> seeds = new TreeMap<>();
    private final Map<Integer, byte[]> maskKeys = new TreeMap<>();

    Unmasking(RevealedSum revealed) {
        this.revealed = revealed;
        this.masked = revealed.masked();
        this.keys = masked.keys();
    }

    /** Changes the masked sum into the plain one. Returns an error if a dealer cheated: then there is no sum. */
    Optional<String> run(int threads) {
        for (int dealer : masked.shares().dealt().toArray()) {
            if (!(masked.included().contains(dealer) ? survivor(dealer) : dropout(dealer))) {
                return Optional.of("round " + keys.terms().round() + ": the shares that client '"
                        + keys.round().client(dealer) + "' dealt do not belong to what it advertised and committed to");
            }
        }
        new MaskRemoval(keys.transcript().shared(), keys.terms().plan(), pieces(threads)).run(masked.sum(), threads);
        return Optional.empty();
    }

    private boolean survivor(int dealer) {
        Optional<byte[]> seed = join(dealer);
        seed.ifPresent(found -> seeds.put(dealer, found));
        return seed.isPresent()
                && Arrays.equals(
                        ShareCommitments.ofSeed(keys.transcript().shared(), seed.get()),
                        masked.shares().dealing(dealer).seedCommitment().shared());
    }

    private boolean dropout(int dealer) {
        Optional<byte[]> key = join(dealer);
        key.ifPresent(found -> maskKeys.put(dealer, found));
        return key.isPresent()
                && Arrays.equals(
                        X25519.publicKey(key.get()),
                        keys.advertisement(dealer).maskKey().shared());
    }

    private List<MaskRemoval.Piece> pieces(int threads) {
        Map<Integer, int[]> pairs = new TreeMap<>();
        maskKeys.keySet()
                .forEach(dealer -> pairs.put(
                        dealer, keys.neighboursIn(dealer, masked.included()).toArray()));
        int masks = seeds.size()
                + pairs.values().stream().mapToInt(others -> others.length).sum();
        int size = Math.max(1, Math.min(LARGEST_PIECE, masks / (PIECES * threads)));
        List<MaskRemoval.Piece> pieces = new ArrayList<>();
        pairs.forEach((dealer, others) ->
                split(others, size).forEach(some -> pieces.add((sum, of) -> removePairs(of, sum, dealer, some))));
        int[] survivors = seeds.keySet().stream().mapToInt(Integer::intValue).toArray();
        split(survivors, size).forEach(some -> pieces.add((sum, of) -> of.removeSelves(sum, seeds(some), some)));
        return pieces;
    }

    private static Stream<int[]> split(int[] all, int size) {
        return IntStream.iterate(0, from -> from < all.length, from -> from + size)
                .mapToObj(from -> Arrays.copyOfRange(all, from, Math.min(from + size, all.length)));
    }

    private byte[][] seeds(int[] survivors) {
        return Arrays.stream(survivors).mapToObj(seeds::get).toArray(byte[][]::new);
    }

    /** What the others added for a dropout is what it would have subtracted for them, and the reverse. */
    private void removePairs(Masks masks, RingVector sum, int dropout, int[] others) {
        byte[][] publicKeys = Arrays.stream(others)
                .mapToObj(other -> keys.advertisement(other).maskKey().shared())
                .toArray(byte[][]::new);
        byte[][] agreed = X25519.agreeAll(Objects.requireNonNull(maskKeys.get(dropout)), publicKeys);
        try {
            masks.addPairs(sum, agreed, dropout, others);
        } finally {
            Arrays.stream(agreed).forEach(secret -> Arrays.fill(secret, (byte) 0));
        }
    }

    /** On the complete graph nearly all have the same holders. */
    private Optional<byte[]> join(int dealer) {
        int[] holders = revealed.shares().holders(dealer);
        Interpolation interpolation = interpolations.computeIfAbsent(
                Arrays.stream(holders).boxed().toList(), same -> Interpolation.of(holders));
        return interpolation.join(revealed.shares().shares(dealer));
    }

    @Override
    public void close() {
        seeds.values().forEach(seed -> Arrays.fill(seed, (byte) 0));
        maskKeys.values().forEach(key -> Arrays.fill(key, (byte) 0));
    }
}
