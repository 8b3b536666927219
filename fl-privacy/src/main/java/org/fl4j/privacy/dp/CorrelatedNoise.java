package org.fl4j.privacy.dp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Security guarantee: sums of rounds with this noise are a function of C x + z on the integers. The noise of round t, in grid
 * steps, is
 *
 * <pre>  w_t = round((z_t - sum_(k &gt;= 1) a_k w_(t-k)) / a_0),   round(v) = floor(v + 1/2),   a_k = c_k a_0,</pre>
 *
 * <p>with z_t discrete Gaussian on a grid a_0 = 2^16 times finer, so {@code x_t + w_t} is what rounding off C (x + w) column by
 * column makes of C x + z ({@code docs/decisions/0041-matrix-mechanism.md}). z_t follows from a secret seed of the round; a
 * round can be asked for again, with the same noise, also after others.
 *
 * <p>The last p vectors w stay on the heap as long as they fit into the limit; else, and after a resume, the rounds
 * before are computed again, {@value #BLOCK} coordinates at a time. The values are the same either way, and for any number
 * of threads.
 *
 * <p>Thread-safe: one caller at a time.
 */
final class CorrelatedNoise {

    /** Coordinates that share nothing with others: one stretch of the generator, one task of a thread. */
    static final int BLOCK = 1 << 14;

    private static final int BITS = ToeplitzStrategy.FRACTION_BITS;

    private final long[] scaled;
    private final List<Block> blocks;
    private final int length;
    private final boolean kept;

    /** Coordinates of one distribution; none where there is no noise. */
    record Stretch(int length, @Nullable DiscreteGaussian distribution) {}

    /**
     * @param scaled a_0 = 2^16, a_1, ...
     * @param limit how many bytes the vectors of earlier rounds may take
     */
    CorrelatedNoise(long[] scaled, List<Stretch> stretches, long limit) {
        this.scaled = scaled.clone();
        this.blocks = new ArrayList<>();
        int at = 0;
        for (Stretch stretch : stretches) {
            DiscreteGaussian distribution = stretch.distribution();
            for (int from = 0; distribution != null && from < stretch.length(); from += BLOCK) {
                int n = Math.min(BLOCK, stretch.length() - from);
                blocks.add(new Block(blocks.size(), at + from, n, distribution));
            }
            at += stretch.length();
        }
        this.length = at;
        this.kept = (double) length * scaled.length * Long.BYTES <= limit;
    }

    /**
     * The noise of a round.
     *
     * @param round t, from 1
     * @param seeds the key of each round up to t
     * @return w_t in grid steps
     */
    synchronized double[] of(int round, IntFunction<byte[]> seeds) {
        double[] noise = new double[length];
        IntStream.range(0, blocks.size()).parallel().forEach(i -> blocks.get(i).of(round, seeds, noise));
        return noise;
    }

    /** Some coordinates of all rounds. */
    private final class Block {

        private final int number;
        private final int from;
        private final int length;
        private final DiscreteGaussian distribution;

        /** w of the last p rounds, by their number modulo p. */
        private final long[] @Nullable [] window = new long[scaled.length][];

        private int reached;

        Block(int number, int from, int length, DiscreteGaussian distribution) {
            this.number = number;
            this.from = from;
            this.length = length;
            this.distribution = distribution;
        }

        void of(int round, IntFunction<byte[]> seeds, double[] out) {
            if (round < reached) {
                forget();
            }
            while (reached < round) {
                advance(seeds.apply(reached + 1));
            }
            long[] last = slot(round);
            for (int i = 0; i < length; i++) {
                out[from + i] = last[i];
            }
            if (!kept) {
                forget();
            }
        }

        private void forget() {
            Arrays.fill(window, null);
            reached = 0;
        }

        private void advance(byte[] seed) {
            int round = reached + 1;
            long[] before = window[round % window.length];
            long[] w = before == null ? new long[length] : before;
            try (AesCtrBits bits = AesCtrBits.keyed(seed, number)) {
                distribution.fill(w, bits);
            }
            for (int k = 1; k < scaled.length && k <= reached; k++) {
                subtract(scaled[k], slot(round - k), w);
            }
            for (int i = 0; i < length; i++) {
                w[i] = (w[i] + (1L << (BITS - 1))) >> BITS;
            }
            window[round % window.length] = w;
            reached = round;
        }

        private long[] slot(int round) {
            return Objects.requireNonNull(window[round % window.length]);
        }

        private static void subtract(long factor, long[] vector, long[] from) {
            for (int i = 0; i < from.length; i++) {
                from[i] -= factor * vector[i];
            }
        }
    }
}
