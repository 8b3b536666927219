package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** How many pairs of one client that dropped out are one piece of work. */
    private static final int PAIRS = 64;

    private final RevealedSum revealed;
    private final MaskedSum masked;
    private final AdvertisedKeys keys;
    private final Map<List<Integer>, Interpolation> interpolations = new HashMap<>();
    private final List<MaskRemoval.Piece> removals = new ArrayList<>();
    private final List<byte[]> secrets = new ArrayList<>();

    Unmasking(RevealedSum revealed) {
        this.revealed = revealed;
        this.masked = revealed.masked();
        this.keys = masked.keys();
    }

    /** Changes the masked sum into the plain one. Returns an error if a dealer cheated: then there is no sum. */
    Optional<String> run(int threads) {
        for (int dealer : masked.shares().dealt().toArray()) {
            Optional<String> refusal = masked.included().contains(dealer) ? survivor(dealer) : dropout(dealer);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        new MaskRemoval(keys.transcript().shared(), keys.terms().plan(), removals).run(masked.sum(), threads);
        return Optional.empty();
    }

    private Optional<String> survivor(int dealer) {
        Optional<byte[]> seed = join(dealer);
        if (seed.isEmpty()
                || !Arrays.equals(
                        ShareCommitments.ofSeed(keys.transcript().shared(), seed.get()),
                        masked.shares().dealing(dealer).seedCommitment().shared())) {
            return cheated(dealer);
        }
        byte[] found = seed.get();
        removals.add((sum, masks) -> masks.removeSelf(sum, found, dealer));
        return Optional.empty();
    }

    private Optional<String> dropout(int dealer) {
        Optional<byte[]> key = join(dealer);
        byte[] advertised = keys.advertisement(dealer).maskKey().shared();
        if (key.isEmpty() || !Arrays.equals(X25519.publicKey(key.get()), advertised)) {
            return cheated(dealer);
        }
        int[] others = keys.neighboursIn(dealer, masked.included()).toArray();
        for (int from = 0; from < others.length; from += PAIRS) {
            int[] some = Arrays.copyOfRange(others, from, Math.min(from + PAIRS, others.length));
            removals.add((sum, masks) -> removePairs(masks, sum, dealer, key.get(), some));
        }
        return Optional.empty();
    }

    private void removePairs(Masks masks, RingVector sum, int dealer, byte[] key, int[] others) {
        byte[][] publicKeys = new byte[others.length][];
        for (int i = 0; i < others.length; i++) {
            publicKeys[i] = keys.advertisement(others[i]).maskKey().shared();
        }
        byte[][] agreed = X25519.agreeAll(key, publicKeys);
        for (int i = 0; i < others.length; i++) {
            masks.removePair(sum, agreed[i], others[i], dealer);
            Arrays.fill(agreed[i], (byte) 0);
        }
    }

    /** On the complete graph nearly all have the same holders. */
    private Optional<byte[]> join(int dealer) {
        int[] holders = revealed.shares().holders(dealer);
        Interpolation interpolation = interpolations.computeIfAbsent(
                Arrays.stream(holders).boxed().toList(), same -> Interpolation.of(holders));
        Optional<byte[]> secret = interpolation.join(revealed.shares().shares(dealer));
        secret.ifPresent(secrets::add);
        return secret;
    }

    private Optional<String> cheated(int dealer) {
        return Optional.of("round " + keys.terms().round() + ": the shares that client '"
                + keys.round().client(dealer) + "' dealt do not belong to what it advertised and committed to");
    }

    @Override
    public void close() {
        secrets.forEach(secret -> Arrays.fill(secret, (byte) 0));
    }
}
