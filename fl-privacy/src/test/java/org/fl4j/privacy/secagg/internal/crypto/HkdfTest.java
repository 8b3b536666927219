package org.fl4j.privacy.secagg.internal.crypto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HkdfTest {

    private static final HexFormat HEX = HexFormat.of();

    private final Hkdf hkdf = new Hkdf();

    /** RFC 5869, appendix A.1: the basic case. */
    @Test
    void derivesAsInTheStandard() {
        byte[] key = hkdf.extract(HEX.parseHex("000102030405060708090a0b0c"), HEX.parseHex("0b".repeat(22)));
        assertEquals("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5", HEX.formatHex(key));
        assertEquals(
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
                HEX.formatHex(hkdf.expand(key, HEX.parseHex("f0f1f2f3f4f5f6f7f8f9"), 42)));
    }

    /** RFC 5869, appendix A.2: longer inputs and outputs; the salt is longer than a block of SHA-256. */
    @Test
    void derivesFromLongInputsAsInTheStandard() {
        byte[] key = hkdf.extract(bytes(0x60, 0xb0), bytes(0x00, 0x50));
        assertEquals("06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244", HEX.formatHex(key));
        assertEquals(
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                        + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
                HEX.formatHex(hkdf.expand(key, bytes(0xb0, 0x100), 82)));
    }

    /** RFC 5869, appendix A.3: no salt, no info. */
    @Test
    void derivesWithoutSaltAndInfoAsInTheStandard() {
        byte[] key = hkdf.extract(new byte[0], HEX.parseHex("0b".repeat(22)));
        assertEquals("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04", HEX.formatHex(key));
        assertEquals(
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
                HEX.formatHex(hkdf.expand(key, new byte[0], 42)));
    }

    @Test
    void shorterMaterialIsAPrefixOfLonger() {
        byte[] key = bytes(0, 32);
        byte[] longest = hkdf.expand(key, bytes(3, 9), Hkdf.LONGEST);
        assertEquals(8160, longest.length);
        for (int length : new int[] {0, 1, 31, 32, 33, 63, 64, 65, Hkdf.LONGEST - 1}) {
            assertArrayEquals(Arrays.copyOf(longest, length), hkdf.expand(key, bytes(3, 9), length));
        }
        // Material is not periodic: T(i) is chained to T(i-1) and numbered.
        assertEquals(
                255,
                IntStream.range(0, 255)
                        .mapToObj(i -> HEX.formatHex(longest, 32 * i, 32 * i + 32))
                        .distinct()
                        .count());
    }

    @Test
    void leavesItsInputsAlone() {
        byte[] key = bytes(0, 32);
        byte[] info = bytes(7, 20);
        hkdf.extract(key, info);
        hkdf.expand(key, info, 100);
        assertArrayEquals(bytes(0, 32), key);
        assertArrayEquals(bytes(7, 20), info);
    }

    @Test
    void rejectsLengthsOutsideTheStandard() {
        byte[] key = bytes(0, 32);
        for (int length : new int[] {-1, 8161}) {
            assertEquals(
                    "the length of HKDF-SHA256 output must be from 0 to 8160 bytes, but was " + length,
                    assertThrows(IllegalArgumentException.class, () -> hkdf.expand(key, key, length))
                            .getMessage());
        }
        assertEquals(
                "a pseudo-random key must be at least 32 bytes, but was 31",
                assertThrows(IllegalArgumentException.class, () -> hkdf.expand(new byte[31], key, 1))
                        .getMessage());
    }

    private static byte[] bytes(int from, int to) {
        byte[] bytes = new byte[to - from];
        for (int i = from; i < to; i++) {
            bytes[i - from] = (byte) i;
        }
        return bytes;
    }
}
