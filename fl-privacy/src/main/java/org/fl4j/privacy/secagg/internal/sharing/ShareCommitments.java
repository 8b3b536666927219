package org.fl4j.privacy.secagg.internal.sharing;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import org.fl4j.privacy.secagg.internal.crypto.Sha256;

/**
 * A dealer's commitment to each share, which attributes a wrong share to a client:
 *
 * <pre>  c = first 16 bytes of SHA-256(kind (1) | dealer (4) | holder (4) | share (40)),   integers big-endian.</pre>
 *
 * <p>The 49 bytes and their padding are one block of the compression function.
 *
 * <p>128 bits are enough to name who changed a share. The holder compares the share it receives with the commitment, so
 * the dealer cannot make an honest holder look wrong. A holder that reveals another share must find a second input for a
 * given commitment: 2^128 hashes, and as kind, dealer and holder are hashed along, work on one commitment helps with no
 * other. A dealer can find two shares with one commitment in 2^64 hashes, without gain: it may as well commit
 * to shares off any polynomial, and in both cases the one to name is the dealer or a holder in league with it.
 *
 * <p>A commitment is hidden by what it commits to, there is no salt: below the threshold a share is uniform on p^5 &gt;
 * 2^304 values. An adversary with t - 1 shares and all commitments can only test guesses of the whole secret, so secrets must
 * be fresh keys or seeds of 32 bytes, never chosen by people, and hiding rests on SHA-256 as well as on the sharing.
 */
public final class ShareCommitments {

    public static final int COMMITMENT_BYTES = 16;

    private static final int INPUT_BYTES = 1 + 2 * Integer.BYTES + SecretSharing.SHARE_BYTES;

    private ShareCommitments() {}

    /** The commitment to a share. */
    public static byte[] of(byte kind, int dealer, int holder, byte[] share) {
        if (share.length != SecretSharing.SHARE_BYTES) {
            throw new IllegalArgumentException("a share must be 40 bytes, but was " + share.length);
        }
        byte[] input = ByteBuffer.allocate(INPUT_BYTES)
                .put(kind)
                .putInt(dealer)
                .putInt(holder)
                .put(share)
                .array();
        try {
            return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(input), COMMITMENT_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks SHA-256", e);
        } finally {
            Arrays.fill(input, (byte) 0);
        }
    }

    /** The commitment to a self-mask seed: a hash, as the seed has 256 unpredictable bits. */
    public static byte[] ofSeed(byte[] transcript, byte[] seed) {
        return Sha256.of("seed").with(transcript).with(seed).digest();
    }

    /** Whether a share is the one that the dealer committed to; bytes of another length are not. */
    public static boolean matches(byte[] commitment, byte kind, int dealer, int holder, byte[] share) {
        return share.length == SecretSharing.SHARE_BYTES
                && MessageDigest.isEqual(commitment, of(kind, dealer, holder, share));
    }
}
