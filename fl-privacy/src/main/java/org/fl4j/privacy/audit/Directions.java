package org.fl4j.privacy.audit;

import java.util.Arrays;
import java.util.Optional;
import org.fl4j.internal.WalshHadamard;
import org.fl4j.random.DeterministicRandom;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/**
 * The canaries' directions in the TRAINABLE coordinates of a layout, none of them stored. With n the power of two that holds the canaries, L
 * the d trainable coordinates down to a multiple of n, and s_j a random sign for each coordinate,
 *
 * <pre>  u_i[j] = s_j (-1)^popcount(i AND j mod n) / sqrt(L)  for j &lt; L,  0 beyond.</pre>
 *
 * <p>They are orthonormal, as the rows of a Walsh-Hadamard matrix are orthogonal over each n coordinates. The inner products of a vector with
 * all of them are one transform of length n of its {@link #folded} signed sums.
 *
 * <p>Immutable and thread-safe.
 */
final class Directions {

    private static final int WORD = Long.SIZE;
    private static final long[] ROWS = new long[WORD];

    static {
        for (int row = 0; row < WORD; row++) {
            for (int bit = 0; bit < WORD; bit++) {
                ROWS[row] |= (long) (Integer.bitCount(row & bit) & 1) << bit;
            }
        }
    }

    private final ParameterLayout layout;
    private final int period;
    private final int length;
    private final int trainable;

    /** A bit a coordinate: 1 is minus. */
    private final long[] signs;

    private Directions(ParameterLayout layout, int canaries, long seed) {
        this.layout = layout;
        this.period = WalshHadamard.blockSize(canaries);
        this.trainable = trainable(layout);
        this.length = trainable - trainable % period;
        this.signs = new long[(length + WORD - 1) / WORD];
        DeterministicRandom random = new DeterministicRandom(seed);
        for (int word = 0; word < signs.length; word++) {
            signs[word] = random.nextLong();
        }
    }

    /** Fails as {@link #objection} says. */
    static Directions of(ParameterLayout layout, int canaries, long seed) {
        objection(layout, canaries).ifPresent(why -> {
            throw new IllegalArgumentException(why);
        });
        return new Directions(layout, canaries, seed);
    }

    /** Why a layout has no room for so many canaries. */
    static Optional<String> objection(ParameterLayout layout, int canaries) {
        int needed = WalshHadamard.blockSize(canaries);
        int trainable = trainable(layout);
        return trainable >= needed
                ? Optional.empty()
                : Optional.of("an audit with " + canaries + " canaries needs at least " + needed
                        + " trainable coordinates, one for each canary's direction, but the model has " + trainable
                        + "; take fewer canaries");
    }

    private static int trainable(ParameterLayout layout) {
        return layout.trainable().stream()
                .mapToInt(ParameterLayout.Span::length)
                .sum();
    }

    ParameterLayout layout() {
        return layout;
    }

    /** A canary's direction times a factor, which may be negative. */
    ModelDelta times(int canary, double factor) {
        float[] values = new float[trainable];
        fill(canary, factor, values);
        return ModelDelta.zero(layout).withTrainable(values);
    }

    void fill(int canary, double factor, float[] values) {
        int bits = Float.floatToRawIntBits((float) (factor / Math.sqrt(length)));
        for (int word = 0; word < signs.length; word++) {
            long flips = signs[word] ^ row(canary, word);
            int at = word * WORD;
            int end = Math.min(at + WORD, length);
            for (int i = at; i < end; i++) {
                values[i] = Float.intBitsToFloat(bits ^ (int) (flips >>> i) << 31);
            }
        }
    }

    /** 64 signs of a row: those of its low six bits, all of them flipped where the word's number meets the rest of its bits oddly. */
    private static long row(int canary, int word) {
        return ROWS[canary % WORD] ^ -(long) (Integer.bitCount(canary / WORD & word) & 1);
    }

    /** The signed sums of the coordinates of each residue modulo n, in FP64: what all scores are computed from. */
    double[] folded(ModelWeights weights) {
        double[] sums = new double[period];
        int j = 0;
        for (ParameterLayout.Span span : layout.trainable()) {
            int end = Math.min(span.length(), length - j);
            for (int i = 0; i < end; i++, j++) {
                long sign = signs[j / WORD] >>> j << 63;
                sums[j & period - 1] +=
                        Double.longBitsToDouble(Double.doubleToRawLongBits(weights.get(span.from() + i)) ^ sign);
            }
        }
        return sums;
    }

    /**
     * The inner products with the directions of all canaries, but for a factor common to all.
     *
     * @param sums {@link #folded}, or a sum of such
     */
    static float[] scores(double[] sums, int canaries) {
        double largest = 0;
        for (double sum : sums) {
            largest = Math.max(largest, Math.abs(sum));
        }
        float[] transformed = new float[sums.length];
        for (int i = 0; i < sums.length; i++) {
            transformed[i] = largest == 0 ? 0 : (float) (sums[i] / largest);
        }
        WalshHadamard.transform(transformed);
        return Arrays.copyOf(transformed, canaries);
    }
}
