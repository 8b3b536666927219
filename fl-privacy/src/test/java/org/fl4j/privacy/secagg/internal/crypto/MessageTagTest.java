package org.fl4j.privacy.secagg.internal.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageTagTest {

    private final Random random = new Random(14);

    /** McGrew, Viega, "The Galois/Counter Mode of Operation (GCM)", 2005, appendix B, test case 13. */
    @Test
    void tagsNothingAsInTheSubmissionToNist() {
        assertEquals(
                "530f8afbc74536b9a963b4f1c4cb738b",
                HexFormat.of().formatHex(MessageTag.of(new byte[32], new byte[5], 0)));
    }

    @Test
    void tagsByTheBook() throws GeneralSecurityException {
        for (int n : new int[] {1, 15, 16, 17, 32, 1000}) {
            byte[] key = bytes(32);
            byte[] message = bytes(n);
            byte[] tag = MessageTag.of(key, message, n);
            assertEquals(MessageTag.BYTES, tag.length);
            assertArrayEquals(GcmByTheBook.seal(key, new byte[0], message), tag);
        }
    }

    @Test
    void tagsTheBeginningOfAMessage() {
        byte[] key = bytes(32);
        byte[] message = bytes(100);
        for (int length = 0; length <= 100; length++) {
            byte[] tag = MessageTag.of(key, message, length);
            byte[] beginning = Arrays.copyOf(message, length);
            assertArrayEquals(MessageTag.of(key, beginning, length), tag);
            assertTrue(MessageTag.verify(key, message, length, tag));
            assertEquals(length == 50, MessageTag.verify(key, message, 50, tag));
        }
    }

    @Test
    void doesNotVerifyWhatWasChangedInAnyBit() {
        byte[] key = bytes(32);
        byte[] message = bytes(37);
        byte[] tag = MessageTag.of(key, message, 37);
        for (byte[] changed : new byte[][] {key, message, tag}) {
            for (int bit = 0; bit < 8 * changed.length; bit++) {
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                assertFalse(MessageTag.verify(key, message, 37, tag));
                changed[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
        assertTrue(MessageTag.verify(key, message, 37, tag));
    }

    /** A short tag must not pass because its bytes are right. */
    @Test
    void doesNotVerifyTagsOfOtherLengths() {
        byte[] key = bytes(32);
        byte[] message = bytes(37);
        byte[] tag = MessageTag.of(key, message, 37);
        for (int length = 0; length <= 20; length++) {
            assertEquals(length == 16, MessageTag.verify(key, message, 37, Arrays.copyOf(tag, length)));
        }
    }

    @Test
    void leavesItsInputsAlone() {
        byte[] key = new byte[32];
        byte[] message = new byte[40];
        MessageTag.verify(key, message, 33, MessageTag.of(key, message, 33));
        assertArrayEquals(new byte[32], key);
        assertArrayEquals(new byte[40], message);
    }

    @Test
    void rejectsLengthsOutsideTheMessage() {
        for (int length : new int[] {-1, 4}) {
            assertEquals(
                    "the length to tag must be from 0 to the message's 3 bytes, but was " + length,
                    assertThrows(IllegalArgumentException.class, () -> MessageTag.of(new byte[32], new byte[3], length))
                            .getMessage());
        }
    }

    private byte[] bytes(int n) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        return bytes;
    }
}
