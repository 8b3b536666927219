package org.fl4j.privacy.secagg.internal.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SealedBoxTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] NOTHING = {};

    private final Random random = new Random(13);

    /** McGrew, Viega, "The Galois/Counter Mode of Operation (GCM)", 2005, appendix B, test cases 13 and 14. */
    @Test
    void sealsAsInTheSubmissionToNist() {
        byte[] key = new byte[32];
        assertEquals("530f8afbc74536b9a963b4f1c4cb738b", HEX.formatHex(SealedBox.seal(key, NOTHING, NOTHING)));
        assertEquals(
                "cea7403d4d606b6e074ec5d3baf39d18" + "d0d1c8a799996bf0265b98b5d48ab919",
                HEX.formatHex(SealedBox.seal(key, new byte[16], NOTHING)));
    }

    @Test
    void sealsByTheBook() throws GeneralSecurityException {
        for (int n : new int[] {0, 1, 15, 16, 17, 100}) {
            byte[] key = bytes(32);
            byte[] plaintext = bytes(n);
            byte[] associated = bytes(3 * n % 37);
            byte[] sealed = SealedBox.seal(key, plaintext, associated);
            assertEquals(n + SealedBox.OVERHEAD, sealed.length);
            assertArrayEquals(GcmByTheBook.seal(key, plaintext, associated), sealed);
        }
    }

    @Test
    void opensWhatItSealed() {
        for (int n : new int[] {0, 1, 16, 1000, 100_000}) {
            byte[] key = bytes(32);
            byte[] plaintext = bytes(n);
            byte[] associated = bytes(20);
            byte[] sealed = SealedBox.seal(key, plaintext, associated);
            assertArrayEquals(plaintext, SealedBox.open(key, sealed, associated).orElseThrow());
        }
    }

    @Test
    void doesNotOpenWhatWasChangedInAnyBit() {
        byte[] key = bytes(32);
        byte[] associated = bytes(9);
        byte[] sealed = SealedBox.seal(key, bytes(21), associated);
        for (byte[] changed : new byte[][] {key, sealed, associated}) {
            for (int bit = 0; bit < 8 * changed.length; bit++) {
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                assertTrue(SealedBox.open(key, sealed, associated).isEmpty());
                changed[bit / 8] ^= (byte) (1 << bit % 8);
            }
        }
        assertTrue(SealedBox.open(key, sealed, associated).isPresent());
    }

    @Test
    void doesNotOpenWhatWasShortenedOrExtended() {
        byte[] key = bytes(32);
        byte[] sealed = SealedBox.seal(key, bytes(21), NOTHING);
        for (int length = 0; length <= 40; length++) {
            assertEquals(
                    length == sealed.length,
                    SealedBox.open(key, Arrays.copyOf(sealed, length), NOTHING).isPresent());
        }
        assertTrue(SealedBox.open(key, sealed, new byte[1]).isEmpty());
    }

    @Test
    void leavesItsInputsAlone() {
        byte[] key = new byte[32];
        byte[] plaintext = new byte[40];
        byte[] associated = new byte[5];
        byte[] sealed = SealedBox.seal(key, plaintext, associated);
        byte[] copy = sealed.clone();
        SealedBox.open(key, sealed, associated);
        assertArrayEquals(new byte[32], key);
        assertArrayEquals(new byte[40], plaintext);
        assertArrayEquals(new byte[5], associated);
        assertArrayEquals(copy, sealed);
    }

    /** AES-128 would take 16 bytes without a word. */
    @Test
    void rejectsOtherKeyLengths() {
        for (int length : new int[] {0, 16, 24, 31, 33}) {
            String message = "a single-use key must be 32 bytes, but was " + length;
            byte[] key = new byte[length];
            assertEquals(
                    message,
                    assertThrows(IllegalArgumentException.class, () -> SealedBox.seal(key, NOTHING, NOTHING))
                            .getMessage());
            assertEquals(
                    message,
                    assertThrows(IllegalArgumentException.class, () -> SealedBox.open(key, NOTHING, NOTHING))
                            .getMessage());
        }
    }

    private byte[] bytes(int n) {
        byte[] bytes = new byte[n];
        random.nextBytes(bytes);
        return bytes;
    }
}
