package org.fl4j.privacy.dp;

import java.util.Arrays;

/**
 * Poisson mini-batches: in each one every example is with probability q, independently of all else. A coin is 63 random bits below
 * {@code floor(q * 2^63)}, so the probability is q from below within 2^-63; the bits are those of {@link AesCtrBits}.
 *
 * <p>Which examples a batch has is a secret, and so is how many: amplification rests on it. Not thread-safe.
 */
final class PoissonBatches {

    private final double probability;
    private final long threshold;
    private final AesCtrBits bits;
    private final int[] chosen;
    private int size;

    /** @param probability q, in (0, 1] */
    PoissonBatches(int examples, double probability, AesCtrBits bits) {
        this.probability = probability;
        this.threshold = (long) (probability * 0x1p63);
        this.bits = bits;
        this.chosen = new int[examples];
    }

    /** Draws the next batch. */
    void next() {
        size = 0;
        for (int i = 0; i < chosen.length; i++) {
            if (probability == 1 || bits.next() >>> 1 < threshold) {
                chosen[size++] = i;
            }
        }
    }

    /** How many examples the batch has; 0 is a batch as any other. */
    int size() {
        return size;
    }

    /** The batch's examples in rising order, up to {@link #size}; always the same array. */
    int[] examples() {
        return chosen;
    }

    /** Forgets the batch. */
    void erase() {
        Arrays.fill(chosen, 0);
        size = 0;
    }
}
