package org.fl4j.privacy.secagg;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.privacy.secagg.internal.crypto.X25519;
import org.fl4j.privacy.secagg.internal.sharing.Interpolation;
import org.fl4j.privacy.secagg.internal.sharing.ShareCommitments;
import org.fl4j.privacy.secagg.internal.vector.MaskRemoval;
import org.fl4j.privacy.secagg.internal.vector.Masks;
import org.fl4j.privacy.secagg.internal.vector.RemovalThreads;
import org.fl4j.privacy.secagg.internal.vector.RingVector;

/**
 * Takes the masks off the sum: the self-mask of everyone in it, and for everyone who vanished before its input came the
 * masks that others put on for it. The server knows each of these secrets by now: they are of this round alone.
 */
final class Unmasking implements AutoCloseable {

    /** How many pairs of one vanished client are one piece of work. */
    private static final int PAIRS = 64;

    private final ServerRecords records;
    private final Map<List<Integer>, Interpolation> interpolations = new HashMap<>();
    private final List<MaskRemoval> removals = new ArrayList<>();
    private final List<byte[]> secrets = new ArrayList<>();

    Unmasking(ServerRecords records) {
        this.records = records;
    }

    /** Changes the records' sum into the plain one. If a dealer cheated there is none, and this says who. */
    Optional<String> run(int threads) {
        for (int dealer : records.dealt().toArray()) {
            Optional<String> refusal = records.included().contains(dealer) ? survivor(dealer) : dropout(dealer);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        new RemovalThreads(records.transcript(), records.terms().plan(), removals).run(records.sum(), threads);
        return Optional.empty();
    }

    private Optional<String> survivor(int dealer) {
        Optional<byte[]> seed = join(dealer);
        if (seed.isEmpty()
                || !Arrays.equals(
                        ShareCommitments.ofSeed(records.transcript(), seed.get()),
                        records.peer(dealer).dealing().seedCommitment().shared())) {
            return cheated(dealer);
        }
        byte[] found = seed.get();
        removals.add((masks, sum) -> masks.removeSelf(sum, found, dealer));
        return Optional.empty();
    }

    private Optional<String> dropout(int dealer) {
        Optional<byte[]> key = join(dealer);
        byte[] advertised = records.peer(dealer).advertisement().maskKey().shared();
        if (key.isEmpty() || !Arrays.equals(X25519.publicKey(key.get()), advertised)) {
            return cheated(dealer);
        }
        int[] others = records.neighboursIn(dealer, records.included()).toArray();
        for (int from = 0; from < others.length; from += PAIRS) {
            int[] some = Arrays.copyOfRange(others, from, Math.min(from + PAIRS, others.length));
            removals.add((masks, sum) -> removePairs(masks, sum, dealer, key.get(), some));
        }
        return Optional.empty();
    }

    private void removePairs(Masks masks, RingVector sum, int dealer, byte[] key, int[] others) {
        byte[][] publicKeys = new byte[others.length][];
        for (int i = 0; i < others.length; i++) {
            publicKeys[i] = records.peer(others[i]).advertisement().maskKey().shared();
        }
        byte[][] agreed = X25519.agreeAll(key, publicKeys);
        for (int i = 0; i < others.length; i++) {
            masks.removePair(sum, agreed[i], others[i], dealer);
            Arrays.fill(agreed[i], (byte) 0);
        }
    }

    /** On the complete graph nearly all have the same holders. */
    private Optional<byte[]> join(int dealer) {
        int[] holders = records.shares().holders(dealer);
        Interpolation interpolation = interpolations.computeIfAbsent(
                Arrays.stream(holders).boxed().toList(), same -> Interpolation.of(holders));
        Optional<byte[]> secret = interpolation.join(records.shares().shares(dealer));
        secret.ifPresent(secrets::add);
        return secret;
    }

    private Optional<String> cheated(int dealer) {
        return Optional.of("round " + records.terms().round() + ": the shares that client '" + records.client(dealer)
                + "' dealt do not belong to what it advertised and committed to");
    }

    @Override
    public void close() {
        secrets.forEach(secret -> Arrays.fill(secret, (byte) 0));
    }
}
