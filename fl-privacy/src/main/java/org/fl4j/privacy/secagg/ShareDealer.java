package org.fl4j.privacy.secagg;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import org.fl4j.privacy.secagg.internal.message.Bytes;
import org.fl4j.privacy.secagg.internal.message.ShareDealing;
import org.fl4j.privacy.secagg.internal.sharing.SecretKind;
import org.fl4j.privacy.secagg.internal.sharing.SecretSharing;
import org.fl4j.privacy.secagg.internal.sharing.ShareCommitments;

/** A client deals shares of its seed and of its mask key, and keeps its own. */
final class ShareDealer {

    private final Neighbourhood neighbourhood;
    private final PairBoxes boxes;
    private final HeldShares held;

    ShareDealer(Neighbourhood neighbourhood, PairBoxes boxes, HeldShares held) {
        this.neighbourhood = neighbourhood;
        this.boxes = boxes;
        this.held = held;
    }

    ShareDealing deal(ClientSecrets secrets, SecureRandom random) {
        byte[] key = secrets.mask().scalar();
        byte[][] ofSeed = split(secrets.seed(), random);
        byte[][] ofKey = split(key, random);
        try {
            return sealed(secrets, ofSeed, ofKey);
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.stream(ofSeed).forEach(share -> Arrays.fill(share, (byte) 0));
            Arrays.stream(ofKey).forEach(share -> Arrays.fill(share, (byte) 0));
        }
    }

    private byte[][] split(byte[] secret, SecureRandom random) {
        int[] holders =
                neighbourhood.holders().stream().mapToInt(Integer::intValue).toArray();
        return SecretSharing.split(secret, neighbourhood.announced().terms().threshold(), holders, random);
    }

    private ShareDealing sealed(ClientSecrets secrets, byte[][] ofSeed, byte[][] ofKey) {
        int self = neighbourhood.index();
        int holders = neighbourhood.holders().size();
        ByteBuffer commitments = ByteBuffer.allocate(holders * ShareDealing.COMMITMENT_BYTES);
        ByteBuffer sealed = ByteBuffer.allocate(neighbourhood.neighbours().size() * ShareDealing.BOX_BYTES);
        for (int i = 0; i < holders; i++) {
            int holder = neighbourhood.holders().get(i);
            byte[] both = ByteBuffer.allocate(ShareDealing.COMMITMENT_BYTES)
                    .put(ShareCommitments.of(SecretKind.SEED.code(), self, holder, ofSeed[i]))
                    .put(ShareCommitments.of(SecretKind.MASK_KEY.code(), self, holder, ofKey[i]))
                    .array();
            commitments.put(both);
            if (holder == self) {
                held.keepOwn(ofSeed[i]);
            } else {
                byte[] shares = HeldShares.join(ofSeed[i], ofKey[i]);
                sealed.put(boxes.seal(holder, shares, both));
                Arrays.fill(shares, (byte) 0);
            }
        }
        return new ShareDealing(
                neighbourhood.announced().header(),
                Bytes.owning(ShareCommitments.ofSeed(neighbourhood.transcript().shared(), secrets.seed())),
                Bytes.owning(commitments.array()),
                Bytes.owning(sealed.array()));
    }
}
