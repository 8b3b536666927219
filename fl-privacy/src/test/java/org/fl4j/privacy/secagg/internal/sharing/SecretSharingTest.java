package org.fl4j.privacy.secagg.internal.sharing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.fl4j.privacy.secagg.FixedRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Any t shares give the secret, fewer give nothing. */
class SecretSharingTest {

    private static final int N = 6;
    private static final int[] EVERYBODY = IntStream.range(0, N).toArray();

    private static long[] words(byte[] share) {
        return IntStream.range(0, share.length / Long.BYTES)
                .mapToLong(i -> Mersenne61.load(share, i))
                .toArray();
    }

    private static byte[] secretOf(long firstWord) {
        byte[] secret = new byte[32];
        Mersenne61.store(secret, 0, firstWord);
        return secret;
    }

    /** 1234 + 166 x + 94 x^2, small enough for integers, and 7 - x: at 9 it is -2 = p - 2. */
    @Test
    void sharesByHand() {
        byte[] secret = secretOf(1234 + (7L << 52));
        FixedRandom random = FixedRandom.of(166, Mersenne61.P - 1, 0, 0, 0, 94, 0, 0, 0, 0);

        byte[][] shares = SecretSharing.split(secret, 3, new int[] {1, 8, 0}, random);

        assertArrayEquals(new long[] {1942, 5, 0, 0, 0}, words(shares[0]));
        assertArrayEquals(new long[] {10342, Mersenne61.P - 2, 0, 0, 0}, words(shares[1]));
        assertArrayEquals(new long[] {1494, 6, 0, 0, 0}, words(shares[2]));
        assertEquals(3, shares.length);
    }

    /** m + (p - 1) x at x = 1 is m - 1; before the last reduction it is p more. */
    @Test
    void everyElementOfAShareIsCanonical() {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) 0xff);
        long[] coefficients = new long[5];
        Arrays.fill(coefficients, Mersenne61.P - 1);

        byte[] share = SecretSharing.split(secret, 2, new int[] {0, 1}, FixedRandom.of(coefficients))[0];

        long limb = (1L << 52) - 2;
        assertArrayEquals(new long[] {limb, limb, limb, limb, (1L << 48) - 2}, words(share));
    }

    /** At threshold 1 a share is the secret's limbs. */
    @Test
    void limbsAreFiftyTwoBitsInLittleEndianOrder() {
        for (int bit = 0; bit < 256; bit++) {
            byte[] secret = new byte[32];
            secret[bit / 8] = (byte) (1 << bit % 8);
            long[] limbs = new long[5];
            limbs[bit / 52] = 1L << bit % 52;

            byte[] share = SecretSharing.split(secret, 1, new int[] {3}, FixedRandom.of())[0];

            assertArrayEquals(limbs, words(share), "bit " + bit);
        }
    }

    /** All ones in 61 bits is p: drawn again. The three bits above do not count. */
    @Test
    void coefficientsAreBelowThePrime() {
        FixedRandom random = FixedRandom.of(-1, 2, Long.MIN_VALUE | 3, 4, Mersenne61.P, Mersenne61.P, -1, 1, 5);

        byte[] share = SecretSharing.split(new byte[32], 2, new int[] {0, 1}, random)[0];

        assertArrayEquals(new long[] {Mersenne61.reduce(1), 2, 3, 4, 5}, words(share));
        assertEquals(0, random.wordsLeft());
    }

    @Test
    void randomBytesAreErased() {
        FixedRandom random = FixedRandom.of(-1, 2, 3, 4, 5, 6);

        SecretSharing.split(new byte[32], 2, new int[] {0, 1}, random);

        assertEquals(
                List.of(40, 8), random.written().stream().map(b -> b.length).toList());
        random.written().forEach(bytes -> assertArrayEquals(new byte[bytes.length], bytes));
    }

    @Test
    void theSecretIsLeftAlone() {
        byte[] secret = secretOf(99);

        SecretSharing.split(secret, 2, EVERYBODY, FixedRandom.seeded(1));

        assertArrayEquals(secretOf(99), secret);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void everySetOfHoldersFromTheThresholdOnReconstructsTheSecret(int threshold) {
        SecureRandom random = FixedRandom.seeded(threshold);
        for (int set = 1; set < 1 << N; set++) {
            for (byte[] secret : secrets(random)) {
                byte[][] shares = SecretSharing.split(secret, threshold, EVERYBODY, random);
                int[] holders = members(set);
                byte[][] some = Arrays.stream(holders).mapToObj(h -> shares[h]).toArray(byte[][]::new);
                boolean given = Interpolation.of(holders)
                        .join(some)
                        .filter(joined -> Arrays.equals(secret, joined))
                        .isPresent();
                assertEquals(holders.length >= threshold, given, "holders " + Arrays.toString(holders));
            }
        }
    }

    private static int[] members(int set) {
        return IntStream.range(0, N).filter(i -> (set >> i & 1) == 1).toArray();
    }

    private static List<byte[]> secrets(SecureRandom random) {
        byte[] drawn = new byte[32];
        random.nextBytes(drawn);
        byte[] ones = new byte[32];
        Arrays.fill(ones, (byte) 0xff);
        return List.of(new byte[32], ones, drawn);
    }

    /**
     * Whoever has t - 1 shares cannot exclude any secret: for each there is a polynomial of degree t - 1 through the
     * secret and the shares, and with the share that it gives the next holder the shares join to that secret.
     */
    @Test
    void belowTheThresholdEverySecretIsPossible() {
        SecureRandom random = FixedRandom.seeded(3);
        int[] holders = {5, 0, 3, 2};
        byte[][] shares = SecretSharing.split(secretOf(77), 4, holders, random);
        for (byte[] other : secrets(random)) {
            long[] limbs = words(SecretSharing.split(other, 1, new int[] {0}, random)[0]);
            byte[] share = new byte[40];
            for (int limb = 0; limb < 5; limb++) {
                Mersenne61.store(share, limb, throughSecretAndThree(limbs[limb], shares, limb));
            }

            byte[][] consistent = {shares[0], shares[1], shares[2], share};

            assertArrayEquals(other, Interpolation.of(holders).join(consistent).orElseThrow());
        }
    }

    /** At x = 3 (holder 2): Lagrange through the secret at 0 and shares at 6, 1 and 4, in exact integers. */
    private static long throughSecretAndThree(long secret, byte[][] shares, int limb) {
        BigInteger p = BigInteger.valueOf(Mersenne61.P);
        long[] x = {0, 6, 1, 4};
        BigInteger sum = BigInteger.ZERO;
        for (int i = 0; i < x.length; i++) {
            BigInteger term = BigInteger.valueOf(i == 0 ? secret : Mersenne61.load(shares[i - 1], limb));
            for (int j = 0; j < x.length; j++) {
                if (j != i) {
                    BigInteger denominator = BigInteger.valueOf(x[i] - x[j]).modInverse(p);
                    term = term.multiply(BigInteger.valueOf(3 - x[j])).multiply(denominator);
                }
            }
            sum = sum.add(term);
        }
        return sum.mod(p).longValueExact();
    }

    /**
     * Two shares at threshold 3, together: the top three bits of both are uniform on 64 cells. Chi-square with 63 degrees
     * exceeds 131.4 with probability 1e-6 (SciPy 1.x, chi2.isf); the seed is fixed.
     */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void sharesBelowTheThresholdAreUniform(int limb) {
        SecureRandom random = FixedRandom.seeded(40 + limb);
        int draws = 20_000;
        int[] counts = new int[64];
        for (int draw = 0; draw < draws; draw++) {
            byte[][] shares = SecretSharing.split(secretOf(5), 3, new int[] {0, 7, 4}, random);
            int cell = (int) (Mersenne61.load(shares[0], limb) >>> 58 << 3 | Mersenne61.load(shares[1], limb) >>> 58);
            counts[cell]++;
        }
        double expected = draws / 64.0;
        double statistic = Arrays.stream(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
        assertTrue(statistic < 131.4, "chi-square " + statistic);
    }

    @Test
    void rejectsBadArguments() {
        assertRejected("a secret must be 32 bytes, but was 31", new byte[31], 2, EVERYBODY);
        assertRejected(
                "the threshold must be from 1 to the number of holders, 6, but was 0", new byte[32], 0, EVERYBODY);
        assertRejected(
                "the threshold must be from 1 to the number of holders, 6, but was 7", new byte[32], 7, EVERYBODY);
        assertRejected("a holder's index must be at least 0, but was -1", new byte[32], 1, new int[] {3, -1});
        assertRejected("holders must be different, but 3 was there twice", new byte[32], 1, new int[] {3, 1, 3});
        assertRejected(
                "the threshold must be from 1 to the number of holders, 0, but was 1", new byte[32], 1, new int[0]);
    }

    private static void assertRejected(String message, byte[] secret, int threshold, int[] holders) {
        SecureRandom random = FixedRandom.seeded(1);
        IllegalArgumentException rejection = assertThrows(
                IllegalArgumentException.class, () -> SecretSharing.split(secret, threshold, holders, random));
        assertEquals(message, rejection.getMessage());
    }
}
