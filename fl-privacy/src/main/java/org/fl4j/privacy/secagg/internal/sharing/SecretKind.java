package org.fl4j.privacy.secagg.internal.sharing;

/** Which of a client's two secrets a share is of. */
public enum SecretKind {
    /** The seed of its self-mask: revealed if its input is in the sum. */
    SEED(0),
    /** The private half of its mask key: revealed if its input never arrived. */
    MASK_KEY(1);

    private final int place;

    SecretKind(int place) {
        this.place = place;
    }

    public byte code() {
        return (byte) (1 + place);
    }

    /** Where its commitment begins in the bytes for one holder. */
    public int commitmentAt() {
        return place * ShareCommitments.COMMITMENT_BYTES;
    }

    /** Where its share begins in what a box holds. */
    public int shareAt() {
        return place * SecretSharing.SHARE_BYTES;
    }

    public static SecretKind of(boolean survived) {
        return survived ? SEED : MASK_KEY;
    }
}
