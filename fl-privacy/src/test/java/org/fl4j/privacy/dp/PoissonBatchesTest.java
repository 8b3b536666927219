package org.fl4j.privacy.dp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** False alarms: once in a million for each test of goodness of fit. */
class PoissonBatchesTest {

    private static final int BATCHES = 20_000;

    @Test
    void everyExampleIsInABatchWithTheProbability() {
        double q = 0.07;
        PoissonBatches batches = new PoissonBatches(40, q, AesCtrBits.insecure(1));
        long[] counts = new long[40];
        for (int b = 0; b < BATCHES; b++) {
            batches.next();
            for (int i = 0; i < batches.size(); i++) {
                counts[batches.examples()[i]]++;
            }
        }
        double deviation = Math.sqrt(BATCHES * q * (1 - q));
        for (long count : counts) {
            // 40 tests: 1e-6 each.
            assertEquals(BATCHES * q, (double) count, NoiseStatistics.TWO_SIDED * deviation);
        }
    }

    /** Sizes are binomial, which batches of a fixed size or dependent coins are not. */
    @Test
    void sizesAreThoseOfIndependentCoins() {
        int n = 12;
        double q = 0.25;
        PoissonBatches batches = new PoissonBatches(n, q, AesCtrBits.insecure(2));
        long[] counts = new long[9];
        for (int b = 0; b < BATCHES; b++) {
            batches.next();
            counts[Math.min(batches.size(), counts.length - 1)]++;
        }
        double[] probabilities = new double[counts.length];
        for (int k = 0; k <= n; k++) {
            probabilities[Math.min(k, counts.length - 1)] += binomial(n, k) * Math.pow(q, k) * Math.pow(1 - q, n - k);
        }
        assertTrue(counts[0] > 0, "empty batches are batches");
        NoiseStatistics.assertFits(counts, probabilities, BATCHES);
    }

    @Test
    void twoExamplesAreTogetherAsOftenAsByChance() {
        PoissonBatches batches = new PoissonBatches(2, 0.5, AesCtrBits.insecure(3));
        long[] counts = new long[4];
        for (int b = 0; b < BATCHES; b++) {
            batches.next();
            int which = 0;
            for (int i = 0; i < batches.size(); i++) {
                which |= 1 << batches.examples()[i];
            }
            counts[which]++;
        }
        NoiseStatistics.assertUniform(counts, BATCHES);
    }

    @Test
    void probabilityOneTakesEveryExample() {
        PoissonBatches batches = new PoissonBatches(3, 1, AesCtrBits.insecure(4));
        batches.next();

        assertArrayEquals(new int[] {0, 1, 2}, batches.examples());
        assertEquals(3, batches.size());
    }

    @Test
    void aSeedDecidesAndFreshBitsDiffer() {
        assertArrayEquals(first(AesCtrBits.insecure(5)), first(AesCtrBits.insecure(5)));
        assertFalse(Arrays.equals(first(AesCtrBits.fresh()), first(AesCtrBits.fresh())), "1 in 2^500");
    }

    private static int[] first(AesCtrBits bits) {
        PoissonBatches batches = new PoissonBatches(500, 0.5, bits);
        batches.next();
        return Arrays.copyOf(batches.examples(), batches.size());
    }

    private static double binomial(int n, int k) {
        double product = 1;
        for (int i = 1; i <= k; i++) {
            product *= (n - k + i) / (double) i;
        }
        return product;
    }
}
