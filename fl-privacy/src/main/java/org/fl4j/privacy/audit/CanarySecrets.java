package org.fl4j.privacy.audit;

import java.util.function.LongSupplier;

/**
 * What the auditor alone knows: a fair coin for each canary, 64 a word, and the seed of the directions' signs. No {@code toString} shows them.
 * Immutable and thread-safe.
 */
final class CanarySecrets {

    private final long[] coins;
    private final long seed;

    private CanarySecrets(long[] coins, long seed) {
        this.coins = coins;
        this.seed = seed;
    }

    /** Draws them from uniform words. */
    static CanarySecrets drawn(int canaries, LongSupplier words) {
        long seed = words.getAsLong();
        long[] coins = new long[words(canaries)];
        for (int i = 0; i < coins.length; i++) {
            coins[i] = words.getAsLong();
        }
        return new CanarySecrets(coins, seed);
    }

    static CanarySecrets of(long[] coins, long seed) {
        return new CanarySecrets(coins.clone(), seed);
    }

    static int words(int canaries) {
        return (canaries + Long.SIZE - 1) / Long.SIZE;
    }

    boolean isIn(int canary) {
        return (coins[canary / Long.SIZE] >>> canary & 1) == 1;
    }

    long seed() {
        return seed;
    }

    long[] coins() {
        return coins.clone();
    }
}
