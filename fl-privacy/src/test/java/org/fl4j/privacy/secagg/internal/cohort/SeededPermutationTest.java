package org.fl4j.privacy.secagg.internal.cohort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.FixedRandom;
import org.junit.jupiter.api.Test;

/**
 * Known answers: a Python program of ours that follows the class's Javadoc, with the key stream of
 * {@code openssl enc -aes-256-ctr -K 000102...1f -iv 00...00}.
 */
class SeededPermutationTest {

    /** The bytes 0 to 31. */
    static byte[] seed() {
        byte[] seed = new byte[32];
        for (int i = 0; i < seed.length; i++) {
            seed[i] = (byte) i;
        }
        return seed;
    }

    @Test
    void knownAnswer() {
        assertArrayEquals(new int[] {3, 5, 6, 1, 7, 4, 0, 9, 2, 8}, SeededPermutation.of(10, seed()));
    }

    /** 3,000 words are more than one piece of the key stream. */
    @Test
    void knownAnswerOfManyWords() throws Exception {
        int[] order = SeededPermutation.of(3000, seed());

        ByteBuffer bytes = ByteBuffer.allocate(12_000);
        Arrays.stream(order).forEach(bytes::putInt);
        assertArrayEquals(new int[] {655, 2213, 153, 495}, Arrays.copyOf(order, 4));
        assertEquals(
                "d2595826030fe3773efd8ab7261eed6e5865a18f978b81a923754bbbbff05e73",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array())));
    }

    /** A bound just over 3/8 of 2^32, so that a quarter of the words is passed over: five of the first seventeen. */
    @Test
    void knownAnswerWithWordsPassedOver() {
        SeededPermutation draws = new SeededPermutation(seed());

        int[] drawn = IntStream.generate(() -> draws.below((1 << 30) + (1 << 29) + 1))
                .limit(12)
                .toArray();

        int[] expected = {
            709468112,
            1240701545,
            1253679077,
            1190566704,
            1220687421,
            247248350,
            1428980668,
            145271093,
            405574041,
            679567407,
            547271554,
            1314907836
        };
        assertArrayEquals(expected, drawn);
    }

    /** The first word is 4069523638: for half of it as a bound it is the first one too large, for one more it is not. */
    @Test
    void theFirstWordPassedOver() {
        assertEquals(709468112, new SeededPermutation(seed()).below(2034761819));
        assertEquals(2034761818, new SeededPermutation(seed()).below(2034761820));
    }

    /**
     * All 120 orders of five are as likely. Chi-square with 119 degrees exceeds 207.2 with probability 1e-6 (SciPy,
     * chi2.isf); the seed is fixed.
     */
    @Test
    void everyOrderIsAsLikely() {
        SecureRandom random = FixedRandom.seeded(8);
        byte[] seed = new byte[32];
        int draws = 12_000;
        int[] counts = new int[120];
        for (int draw = 0; draw < draws; draw++) {
            random.nextBytes(seed);
            counts[rank(SeededPermutation.of(5, seed))]++;
        }
        double expected = draws / 120.0;
        double statistic = Arrays.stream(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
        assertTrue(statistic < 207.2, "chi-square " + statistic);
    }

    /** Lehmer's code: a number from 0 to 119 for each order. */
    private static int rank(int[] order) {
        int rank = 0;
        for (int i = 0; i < order.length; i++) {
            int own = order[i];
            long smallerBehind =
                    Arrays.stream(order).skip(i).filter(x -> x < own).count();
            rank = rank * (order.length - i) + (int) smallerBehind;
        }
        return rank;
    }

    @Test
    void rejectsSeedsOfOtherLengths() {
        IllegalArgumentException rejection =
                assertThrows(IllegalArgumentException.class, () -> SeededPermutation.of(5, new byte[16]));
        assertEquals("the seed of a graph must be 32 bytes, but was 16", rejection.getMessage());
    }
}
