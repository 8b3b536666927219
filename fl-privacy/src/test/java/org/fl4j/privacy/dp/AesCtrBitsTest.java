package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.LongStream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class AesCtrBitsTest {

    private static final HexFormat HEX = HexFormat.of();

    /** NIST SP 800-38A, F.5.5 CTR-AES256.Encrypt: the key and the initial counter. */
    private static final String NIST_SEED =
            "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4" + "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

    private static final int WORDS_OF_A_KEY = AesCtrBits.RESEED_BYTES / Long.BYTES;

    @Test
    void matchTheKeyStreamOfTheStandard() {
        // The output blocks 1 to 4 of F.5.5, the bytes of each word reversed: words are little-endian.
        String blocks = "0bdf7df1591716335e9a8b15c860c502" + "5a6e699d536119065433863c8f657b94"
                + "1bc12c9c01610d5d0d8bd6a3378eca62" + "2956e1c8693536b1bee99c73a31576b6";
        try (AesCtrBits bits = AesCtrBits.insecure(() -> HEX.parseHex(NIST_SEED))) {
            StringBuilder words = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                words.append(HEX.toHexDigits(Long.reverseBytes(bits.next())));
            }
            assertEquals(blocks, words.toString());
        }
    }

    @Test
    void takeAFreshKeyAfterTheStatedOutput() {
        List<byte[]> seeds = new ArrayList<>();
        try (AesCtrBits bits = AesCtrBits.insecure(() -> {
            seeds.add(HEX.parseHex(NIST_SEED));
            return seeds.get(seeds.size() - 1);
        })) {
            long first = bits.next();
            for (int i = 1; i < WORDS_OF_A_KEY; i++) {
                bits.next();
            }
            assertEquals(1, seeds.size());

            long firstOfSecondKey = bits.next();

            // The second seed is the first one again, so the stream starts over exactly here.
            assertEquals(2, seeds.size());
            assertEquals(first, firstOfSecondKey);
        }
    }

    @Test
    void eraseEverySeed() {
        byte[] seed = HEX.parseHex(NIST_SEED);
        try (AesCtrBits bits = AesCtrBits.insecure(() -> seed)) {
            bits.next();
            assertArrayEquals(new byte[AesCtrBits.SEED_BYTES], seed);
        }
    }

    @Test
    void anotherBufferContinuesTheStream() {
        // 10 buffers without a repeated word; a repetition among 20,480 words has probability 2^-36.
        try (AesCtrBits bits = AesCtrBits.insecure(5)) {
            assertEquals(
                    20_480,
                    LongStream.generate(bits::next).limit(20_480).distinct().count());
        }
    }

    /** The key of the standard, with the counter that is a stretch, no reseeding, and 0; the block by any AES-256. */
    @Test
    void ofAKeyStartAtTheirStretch() throws Exception {
        byte[] key = Arrays.copyOf(HEX.parseHex(NIST_SEED), AesCtrBits.KEY_BYTES);
        Cipher aes = Cipher.getInstance("AES/ECB/NoPadding");
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        byte[] block = aes.doFinal(HEX.parseHex("00000007" + "00000000" + "0000000000000000"));
        try (AesCtrBits bits = AesCtrBits.keyed(key, 7)) {
            assertEquals(HEX.formatHex(block, 0, 8), HEX.toHexDigits(Long.reverseBytes(bits.next())));
        }
        assertArrayEquals(words(AesCtrBits.keyed(key, 7)), words(AesCtrBits.keyed(key, 7)), "the key is not erased");
        assertFalse(Arrays.equals(words(AesCtrBits.keyed(key, 7)), words(AesCtrBits.keyed(key, 8))));
    }

    @Test
    void areTheSameForTheSameSeedOnly() {
        assertArrayEquals(words(AesCtrBits.insecure(1)), words(AesCtrBits.insecure(1)));
        assertFalse(Arrays.equals(words(AesCtrBits.insecure(1)), words(AesCtrBits.insecure(2))));
    }

    @Test
    void areFreshWithoutASeed() {
        // Equal with probability 2^-64.
        try (AesCtrBits one = AesCtrBits.fresh();
                AesCtrBits other = AesCtrBits.fresh()) {
            assertNotEquals(one.next(), other.next());
        }
    }

    @Test
    void throwWhenClosed() {
        AesCtrBits bits = AesCtrBits.insecure(1);
        bits.next();
        bits.close();
        IllegalStateException e = assertThrows(IllegalStateException.class, bits::next);
        assertEquals("these bits are closed", e.getMessage());
    }

    private static long[] words(AesCtrBits bits) {
        try (bits) {
            return new long[] {bits.next(), bits.next(), bits.next(), bits.next()};
        }
    }
}
