package org.fl4j.privacy.secagg;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * What a dealer tells the server of each share, so that a wrong one has a name:
 *
 * <pre>  c = first 16 bytes of SHA-256(kind (1) | dealer (4) | holder (4) | share (40)),   integers big-endian.</pre>
 *
 * <p>The 49 bytes and their padding are one block of the compression function.
 */
final class ShareCommitments {

    static final int COMMITMENT_BYTES = 16;

    private static final int INPUT_BYTES = 1 + 2 * Integer.BYTES + SecretSharing.SHARE_BYTES;

    private ShareCommitments() {}

    /** The commitment to a share. */
    static byte[] of(byte kind, int dealer, int holder, byte[] share) {
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

    /** Whether a share is the one that the dealer committed to. */
    static boolean matches(byte[] commitment, byte kind, int dealer, int holder, byte[] share) {
        return MessageDigest.isEqual(commitment, of(kind, dealer, holder, share));
    }
}
