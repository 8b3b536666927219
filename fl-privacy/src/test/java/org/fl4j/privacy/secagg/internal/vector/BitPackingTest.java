package org.fl4j.privacy.secagg.internal.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.fl4j.random.DeterministicRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BitPackingTest {

    private static final int LONGEST = 70;

    static IntStream allWidths() {
        return IntStream.rangeClosed(1, SegmentPlan.LARGEST_BITS);
    }

    static IntStream narrowWidths() {
        return IntStream.rangeClosed(1, Integer.SIZE);
    }

    @Test
    void theLowestBitIsFirst() {
        // 101, 011, 110 (lowest bits last) are, from the lowest bit on, 101 110 01|1.
        byte[] packed = new byte[2];
        BitPacking.pack(new int[] {0b101, 0b011, 0b110}, 3, packed, 0);
        assertArrayEquals(new byte[] {(byte) 0b10_011_101, 0b1}, packed);
    }

    @Test
    void bytesAreLittleEndian() {
        byte[] packed = new byte[16];
        BitPacking.pack(new int[] {0x04030201}, 32, packed, 0);
        BitPacking.pack(new int[] {0x0605}, 16, packed, 4);
        BitPacking.pack(new int[] {7}, 8, packed, 6);
        BitPacking.pack(new long[] {0x0C0B0A0908L}, 40, packed, 7);
        assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0, 0}, packed);
    }

    @ParameterizedTest
    @MethodSource("allWidths")
    void wideWordsAreWrittenBitByBitAndReadBack(int bits) {
        DeterministicRandom random = new DeterministicRandom(bits);
        for (int length = 1; length <= LONGEST; length++) {
            long[] words = random(length, random);
            byte[] expected = bitByBit(words, bits);
            int at = length % 3;
            byte[] packed = new byte[expected.length + at];
            BitPacking.pack(words, bits, packed, at);
            assertArrayEquals(expected, Arrays.copyOfRange(packed, at, packed.length));

            long[] back = random(length, random);
            long[] before = back.clone();
            byte[] longer = Arrays.copyOf(packed, packed.length + length % 11);
            Arrays.fill(longer, packed.length, longer.length, (byte) -1);
            BitPacking.add(back, bits, longer, at);
            for (int i = 0; i < length; i++) {
                assertEquals(low(before[i] + words[i], bits), low(back[i], bits), "length " + length + ", word " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("narrowWidths")
    void narrowWordsAreWrittenBitByBitAndReadBack(int bits) {
        DeterministicRandom random = new DeterministicRandom(-bits);
        for (int length = 1; length <= LONGEST; length++) {
            long[] words = random(length, random);
            byte[] expected = bitByBit(words, bits);
            int at = length % 3;
            byte[] packed = new byte[expected.length + at];
            BitPacking.pack(ints(words), bits, packed, at);
            assertArrayEquals(expected, Arrays.copyOfRange(packed, at, packed.length));

            long[] before = random(length, random);
            int[] back = ints(before);
            byte[] longer = Arrays.copyOf(packed, packed.length + length % 11);
            Arrays.fill(longer, packed.length, longer.length, (byte) -1);
            BitPacking.add(back, bits, longer, at);
            for (int i = 0; i < length; i++) {
                assertEquals(low(before[i] + words[i], bits), low(back[i], bits), "length " + length + ", word " + i);
            }
        }
    }

    @Test
    void positionsOfBitsBeyondAnIntAreFound() {
        // Byte 2^28 starts with bit 2^31.
        int at = 1 << 28;
        byte[] packed = new byte[at + 18];
        BitPacking.pack(new int[] {1, 2}, 31, packed, at);
        BitPacking.pack(new long[] {1, 2}, 40, packed, at + 8);

        int[] narrow = new int[2];
        BitPacking.add(narrow, 31, packed, at);
        long[] wide = new long[2];
        BitPacking.add(wide, 40, packed, at + 8);

        assertArrayEquals(new long[] {1, 2}, new long[] {low(narrow[0], 31), low(narrow[1], 31)});
        assertArrayEquals(new long[] {1, 2}, new long[] {low(wide[0], 40), low(wide[1], 40)});
    }

    private static byte[] bitByBit(long[] words, int bits) {
        byte[] packed = new byte[(words.length * bits + 7) / 8];
        for (int position = 0; position < words.length * bits; position++) {
            long bit = words[position / bits] >>> (position % bits) & 1;
            packed[position / 8] |= (byte) (bit << (position % 8));
        }
        return packed;
    }

    private static long low(long word, int bits) {
        return word & ((1L << bits) - 1);
    }

    private static long[] random(int length, DeterministicRandom random) {
        long[] words = new long[length];
        Arrays.setAll(words, i -> random.nextLong());
        return words;
    }

    private static int[] ints(long[] words) {
        int[] ints = new int[words.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = (int) words[i];
        }
        return ints;
    }
}
