package org.fl4j.privacy.secagg;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.fl4j.privacy.secagg.internal.cohort.IndexSet;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.RevealedShares;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.message.ShareDelivery;
import org.fl4j.privacy.secagg.internal.sharing.Interpolation;
import org.fl4j.privacy.secagg.internal.sharing.SecretKind;
import org.fl4j.privacy.secagg.internal.sharing.SecretSharing;
import org.fl4j.privacy.secagg.internal.sharing.ShareCommitments;

/**
 * The shares that one client holds of others. It reveals one of each dealer's two, once: which, the survivors decide. Not
 * thread-safe.
 */
final class HeldShares implements AutoCloseable {

    private final Neighbourhood neighbourhood;
    private final Map<Integer, byte[]> shares = new TreeMap<>();
    private byte[] own = {};

    HeldShares(Neighbourhood neighbourhood) {
        this.neighbourhood = neighbourhood;
    }

    static byte[] join(byte[] ofSeed, byte[] ofKey) {
        byte[] both = Arrays.copyOf(ofSeed, ofSeed.length + ofKey.length);
        System.arraycopy(ofKey, 0, both, ofSeed.length, ofKey.length);
        return both;
    }

    /** On the complete graph a client holds a share of its own seed. */
    void keepOwn(byte[] ofSeed) {
        own = ofSeed.clone();
    }

    /**
     * Opens what others dealt.
     *
     * @return the dealers whose shares do not open or do not match their commitments; none of these shares is kept
     */
    IndexSet open(ShareDelivery delivery, PairBoxes boxes) {
        int[] dealers = delivery.dealers().toArray();
        for (int i = 0; i < dealers.length; i++) {
            byte[] commitments = slice(delivery.commitments(), i, ShareDealing.COMMITMENT_BYTES);
            int dealer = dealers[i];
            boxes.open(dealer, slice(delivery.boxes(), i, ShareDealing.BOX_BYTES), commitments)
                    .ifPresent(both -> keepIfCommitted(dealer, both, commitments));
        }
        return delivery.dealers().where(dealer -> !shares.containsKey(dealer));
    }

    private void keepIfCommitted(int dealer, byte[] both, byte[] commitments) {
        if (isCommitted(dealer, both, commitments)) {
            shares.put(dealer, both);
        } else {
            Arrays.fill(both, (byte) 0);
        }
    }

    private boolean isCommitted(int dealer, byte[] both, byte[] commitments) {
        for (SecretKind kind : SecretKind.values()) {
            byte[] commitment = Arrays.copyOfRange(
                    commitments, kind.commitmentAt(), kind.commitmentAt() + ShareCommitments.COMMITMENT_BYTES);
            byte[] share = share(both, kind);
            if (!Interpolation.isShare(share)
                    || !ShareCommitments.matches(commitment, kind.code(), dealer, neighbourhood.index(), share)) {
                return false;
            }
        }
        return true;
    }

    /** The shares that unmask a sum over the survivors; the others are erased. */
    RevealedShares reveal(IndexSet survivors) {
        int clients = neighbourhood.announced().terms().clients();
        Map<Integer, byte[]> revealed = new TreeMap<>();
        shares.forEach((dealer, both) -> revealed.put(dealer, share(both, SecretKind.of(survivors.contains(dealer)))));
        if (own.length > 0) {
            revealed.put(neighbourhood.index(), own.clone());
        }
        close();
        byte[] all = new byte[revealed.size() * SecretSharing.SHARE_BYTES];
        int at = 0;
        for (byte[] share : revealed.values()) {
            System.arraycopy(share, 0, all, at, share.length);
            at += share.length;
        }
        IndexSet dealers = IndexSet.of(clients, revealed.keySet().stream().mapToInt(Integer::intValue));
        return new RevealedShares(neighbourhood.announced().header(), dealers, Bytes.owning(all));
    }

    private static byte[] share(byte[] both, SecretKind kind) {
        int from = kind.shareAt();
        return Arrays.copyOfRange(both, from, from + SecretSharing.SHARE_BYTES);
    }

    private static byte[] slice(Bytes bytes, int position, int length) {
        return Arrays.copyOfRange(bytes.shared(), position * length, (position + 1) * length);
    }

    @Override
    public void close() {
        shares.values().forEach(both -> Arrays.fill(both, (byte) 0));
        shares.clear();
        Arrays.fill(own, (byte) 0);
        own = new byte[0];
    }
}
