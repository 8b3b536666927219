package org.fl4j.privacy.secagg.internal.sharing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.fl4j.privacy.secagg.FixedRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterpolationTest {

    private static byte[] share(long... words) {
        byte[] share = new byte[40];
        for (int i = 0; i < words.length; i++) {
            Mersenne61.store(share, i, words[i]);
        }
        return share;
    }

    private static byte[] drawn(SecureRandom random) {
        byte[] secret = new byte[32];
        random.nextBytes(secret);
        return secret;
    }

    /** 1234 + 166 x + 94 x^2 at 2, 4 and 5, in the holders' order. */
    @Test
    void joinsByHand() {
        byte[][] shares = {share(3402), share(1942), share(4414)};

        byte[] secret = Interpolation.of(new int[] {3, 1, 4}).join(shares).orElseThrow();

        assertArrayEquals(share(1234), Arrays.copyOf(secret, 40));
    }

    /** Loops that take four at a time have remainders; points at both ends make the largest differences. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 8, 9, 50, 335})
    void everyNumberOfHoldersJoinsManySecrets(int threshold) {
        SecureRandom random = FixedRandom.seeded(threshold);
        int[] holders = new int[threshold];
        for (int i = 0; i < threshold; i++) {
            holders[i] = i % 2 == 0 ? Integer.MAX_VALUE - i : i;
        }
        Interpolation interpolation = Interpolation.of(holders);
        for (int i = 0; i < 3; i++) {
            byte[] secret = drawn(random);
            byte[][] shares = SecretSharing.split(secret, threshold, holders, random);
            assertArrayEquals(secret, interpolation.join(shares).orElseThrow());
        }
    }

    /** A share that is off by e in limb l moves limb l of the result by lambda e, which is not 0. */
    @Test
    void oneWrongShareChangesTheResult() {
        SecureRandom random = FixedRandom.seeded(9);
        int[] holders = {0, 1, 2, 3};
        Interpolation interpolation = Interpolation.of(holders);
        byte[] secret = drawn(random);
        byte[][] shares = SecretSharing.split(secret, 4, holders, random);
        for (int holder = 0; holder < 4; holder++) {
            for (int bit = 0; bit < 320; bit++) {
                byte[][] wrong = shares.clone();
                wrong[holder] = shares[holder].clone();
                wrong[holder][bit / 8] ^= (byte) (1 << bit % 8);
                Optional<byte[]> joined = interpolation.join(wrong);
                assertFalse(
                        joined.filter(result -> Arrays.equals(result, secret)).isPresent());
            }
        }
    }

    /** Of one holder the share is the result. */
    @Test
    void rejectsLimbsOfNoSecret() {
        Interpolation one = Interpolation.of(new int[] {6});
        for (int limb = 0; limb < 5; limb++) {
            long most = (1L << (limb == 4 ? 48 : 52)) - 1;
            long[] words = new long[5];
            words[limb] = most;
            assertTrue(one.join(new byte[][] {share(words)}).isPresent(), "limb " + limb);
            words[limb] = most + 1;
            assertEquals(Optional.empty(), one.join(new byte[][] {share(words)}), "limb " + limb);
            words[limb] = Mersenne61.P - 1;
            assertEquals(Optional.empty(), one.join(new byte[][] {share(words)}), "limb " + limb);
        }
    }

    @Test
    void rejectsMalformedShares() {
        Interpolation two = Interpolation.of(new int[] {0, 1});

        assertEquals(Optional.empty(), two.join(new byte[][] {share(), share(Mersenne61.P)}));
        assertEquals(Optional.empty(), two.join(new byte[][] {new byte[41], share()}));
        assertTrue(two.join(new byte[][] {share(), share()}).isPresent());
    }

    @Test
    void aShareIsFiveCanonicalElements() {
        assertFalse(Interpolation.isShare(new byte[39]));
        assertFalse(Interpolation.isShare(new byte[41]));
        assertFalse(Interpolation.isShare(new byte[0]));
        for (int limb = 0; limb < 5; limb++) {
            long[] words = new long[5];
            words[limb] = Mersenne61.P - 1;
            assertTrue(Interpolation.isShare(share(words)));
            for (long bad : new long[] {Mersenne61.P, Mersenne61.P + 1, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
                words[limb] = bad;
                assertFalse(Interpolation.isShare(share(words)));
            }
        }
    }

    @Test
    void rejectsBadArguments() {
        assertRejected("holders must be at least 1, but was 0");
        assertRejected("holders must be different, but 2 was there twice", 2, 1, 2);
        assertRejected("a holder's index must be at least 0, but was -5", 2, -5);
        Interpolation two = Interpolation.of(new int[] {0, 1});
        IllegalArgumentException rejection =
                assertThrows(IllegalArgumentException.class, () -> two.join(new byte[][] {share()}));
        assertEquals("shares must be as many as holders, 2, but was 1", rejection.getMessage());
    }

    private static void assertRejected(String message, int... holders) {
        IllegalArgumentException rejection =
                assertThrows(IllegalArgumentException.class, () -> Interpolation.of(holders));
        assertEquals(message, rejection.getMessage());
    }
}
