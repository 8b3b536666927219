package org.fl4j.privacy.secagg.internal.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ShareCommitmentsTest {

    private static final byte KIND = 1;
    private static final int DEALER = 258;
    private static final int HOLDER = 0x01020304;

    /** The bytes 100 to 139. */
    private static byte[] share() {
        byte[] share = new byte[40];
        for (int i = 0; i < share.length; i++) {
            share[i] = (byte) (100 + i);
        }
        return share;
    }

    /** hashlib.sha256(b'\x01' + struct.pack('>II', 258, 0x01020304) + bytes(range(100, 140))) of Python 3. */
    @Test
    void knownAnswer() {
        byte[] commitment = ShareCommitments.of(KIND, DEALER, HOLDER, share());

        assertEquals("14df19ec4d945c86b134599c19758b95", HexFormat.of().formatHex(commitment));
    }

    @Test
    void everyInputChangesTheCommitment() {
        byte[] commitment = ShareCommitments.of(KIND, DEALER, HOLDER, share());

        assertTrue(ShareCommitments.matches(commitment, KIND, DEALER, HOLDER, share()));
        assertFalse(ShareCommitments.matches(commitment, (byte) 2, DEALER, HOLDER, share()));
        assertFalse(ShareCommitments.matches(commitment, KIND, DEALER + 1, HOLDER, share()));
        assertFalse(ShareCommitments.matches(commitment, KIND, DEALER, HOLDER + 1, share()));
        assertFalse(ShareCommitments.matches(commitment, KIND, HOLDER, DEALER, share()));
        for (int i = 0; i < 40; i++) {
            byte[] other = share();
            other[i] ^= 1;
            assertFalse(ShareCommitments.matches(commitment, KIND, DEALER, HOLDER, other));
        }
        for (int i = 0; i < commitment.length; i++) {
            byte[] other = commitment.clone();
            other[i] ^= (byte) 0x80;
            assertFalse(ShareCommitments.matches(other, KIND, DEALER, HOLDER, share()));
        }
    }

    @Test
    void rejectsSharesAndCommitmentsOfOtherLengths() {
        byte[] commitment = ShareCommitments.of(KIND, DEALER, HOLDER, share());

        assertEquals(ShareCommitments.COMMITMENT_BYTES, commitment.length);
        assertFalse(ShareCommitments.matches(Arrays.copyOf(commitment, 15), KIND, DEALER, HOLDER, share()));
        assertFalse(ShareCommitments.matches(new byte[0], KIND, DEALER, HOLDER, share()));
        assertFalse(ShareCommitments.matches(commitment, KIND, DEALER, HOLDER, Arrays.copyOf(share(), 39)));
        assertFalse(ShareCommitments.matches(commitment, KIND, DEALER, HOLDER, Arrays.copyOf(share(), 41)));
        IllegalArgumentException rejection = assertThrows(
                IllegalArgumentException.class, () -> ShareCommitments.of(KIND, DEALER, HOLDER, new byte[39]));
        assertEquals("a share must be 40 bytes, but was 39", rejection.getMessage());
    }
}
