package org.fl4j.privacy.secagg.internal.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeccakTest {

    /** Every length around the rates of 136 and 72 bytes, in one piece and in two. */
    @Test
    void hashesAreTheJdks() throws Exception {
        Random random = new Random(203);
        for (int length = 0; length < 420; length++) {
            byte[] message = new byte[length];
            random.nextBytes(message);
            int cut = random.nextInt(length + 1);
            byte[] first = Arrays.copyOf(message, cut);
            byte[] second = Arrays.copyOfRange(message, cut, length);
            assertArrayEquals(
                    MessageDigest.getInstance("SHA3-256").digest(message),
                    Keccak.sha3of256().absorb(first).absorb(second).squeeze(32));
            assertArrayEquals(
                    MessageDigest.getInstance("SHA3-512").digest(message),
                    Keccak.sha3of512().absorb(first).absorb(second).squeeze(64));
        }
    }

    /** NIST's example values for FIPS 202, messages of 0 and of 1600 bits: the first bytes of 512. */
    @Test
    void extendableOutputsOfTheStandard() {
        byte[] a3 = new byte[200];
        Arrays.fill(a3, (byte) 0xA3);

        assertEquals("7f9c2ba4e88f827d616045507605853e", hex(Keccak.shake128().squeeze(16)));
        assertEquals("46b9dd2b0ba88d13233b3feb743eeb24", hex(Keccak.shake256().squeeze(16)));
        assertEquals(
                "131ab8d2b594946b9c81333f9bb6e0ce",
                hex(Keccak.shake128().absorb(a3).squeeze(16)));
        assertEquals(
                "cd8a920ed141aa0407a22d59288652e9",
                hex(Keccak.shake256().absorb(a3).squeeze(16)));
    }

    @Test
    void piecesOfAnOutputAreTheOutput() {
        byte[] whole = Keccak.shake128().absorb((byte) 7).squeeze(1000);
        Keccak sponge = Keccak.shake128().absorb((byte) 7);
        for (int from = 0; from < whole.length; from += 40) {
            assertArrayEquals(Arrays.copyOfRange(whole, from, from + 40), sponge.squeeze(40));
        }
    }

    @Test
    void absorbsNothingAfterItWasSqueezedOrClosed() {
        Keccak sponge = Keccak.shake256();
        sponge.squeeze(1);
        assertEquals(
                "a sponge that was squeezed absorbs nothing more",
                assertThrows(IllegalStateException.class, () -> sponge.absorb((byte) 1))
                        .getMessage());
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
