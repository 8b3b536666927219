package org.fl4j.privacy.dp;

import static org.fl4j.privacy.dp.Staircase.CELL_BITS;
import static org.fl4j.privacy.dp.Staircase.COLUMN_BITS;

import org.fl4j.internal.Check;
import org.fl4j.privacy.dp.ExactAcceptance.Proposal;

/**
 * Security guarantee: noise with the distribution that the accountants assume, without rounding. Each value is an
 * independent draw of the discrete Gaussian
 *
 * <pre>  P(x) = exp(-x^2 / (2 sigma^2)) / sum_y exp(-y^2 / (2 sigma^2)),   x any integer,</pre>
 *
 * <p>where sigma, in grid steps, is the rational number that the given double is. Every integer can come, and no decision
 * is left to rounding; so an observer of input plus noise learns nothing from which doubles are possible, as with
 * Gaussian noise in floating point (Mironov, "On Significance of the Least Significant Bits for Differential Privacy", CCS
 * 2012). The bits are the key stream of AES-256 under fresh keys from {@link java.security.SecureRandom}: the guarantee
 * holds against adversaries that cannot tell it from random bits.
 *
 * <ul>
 *   <li>sigma is from {@value #SMALLEST_SIGMA} to {@value #LARGEST_SIGMA} grid steps. With less, the continuous Gaussian of
 *       the accountants is not close enough; with more, sums leave the integers that a double holds.
 *   <li>Time: a draw takes as many steps as its rejections demand, so it is not constant. An observer that can time single values
 *       learns a little about them.
 *   <li>The values are secrets of the release until they are added; the caller erases or drops them.
 * </ul>
 *
 * <p>Immutable and thread-safe; two draws never share bits.
 *
 * <p>Source: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS 2020, definition 1.
 *
 * @implNote not the paper's algorithm 3, which takes microseconds a value, but a rejection from a staircase, exact as well;
 *     {@code docs/decisions/0006-discrete-gaussian.md} has the proof.
 */
public final class DiscreteGaussian {

    /** The smallest standard deviation, 2^12 grid steps. */
    public static final double SMALLEST_SIGMA = 0x1p12;

    /** The largest standard deviation, 2^30 grid steps. */
    public static final double LARGEST_SIGMA = 0x1p30;

    /** The largest standard deviation of {@link #fine}: a word of 64 bits still has a cell, an offset and a sign. */
    static final double LARGEST_FINE_SIGMA = 0x1p46;

    /** More than the error of the acceptance in FP64, which is below 2^-36. */
    static final double ERROR_BOUND = 0x1p-32;

    private static final int CELL_MASK = Staircase.CELLS - 1;
    private static final long REJECTED = Long.MIN_VALUE;

    private final double sigma;
    private final double errorBound;
    private final Staircase staircase;
    private final short[] columnOf;
    private final int shift;
    private final long offsetMask;
    private final ExactAcceptance exact;

    private DiscreteGaussian(double sigma, double errorBound) {
        this.sigma = sigma;
        this.errorBound = errorBound;
        this.staircase = new Staircase(sigma);
        this.columnOf = staircase.columnOf;
        this.shift = staircase.shift;
        this.offsetMask = (1L << shift) - 1;
        this.exact = new ExactAcceptance(sigma, staircase.levels);
    }

    /**
     * The distribution with a standard deviation; the variance differs from sigma^2 by far less than FP64 shows.
     *
     * @param sigma in grid steps, from {@value #SMALLEST_SIGMA} to {@value #LARGEST_SIGMA}
     * @throws IllegalArgumentException if sigma is outside, or NaN
     */
    public static DiscreteGaussian of(double sigma) {
        requireInRange(sigma);
        return new DiscreteGaussian(sigma, ERROR_BOUND);
    }

    /** What {@link #of} checks, without the tables of the sampler. */
    static void requireInRange(double sigma) {
        if (!(sigma >= SMALLEST_SIGMA)) {
            throw new IllegalArgumentException("sigma must be at least 4096 grid steps, but was " + sigma
                    + "; choose a finer grid, as on this one the accountants' continuous Gaussian understates delta");
        }
        if (sigma > LARGEST_SIGMA) {
            throw new IllegalArgumentException("sigma must be at most 1073741824 grid steps, but was " + sigma
                    + "; choose a coarser grid, as on this one noisy sums are not exact in FP64");
        }
    }

    /**
     * The distribution on a grid finer than that of the sums, for noise that is rounded to theirs: up to {@value
     * #LARGEST_FINE_SIGMA} fine steps.
     */
    static DiscreteGaussian fine(double sigma) {
        if (!(sigma >= SMALLEST_SIGMA && sigma <= LARGEST_FINE_SIGMA)) {
            throw new IllegalArgumentException("sigma must be from " + SMALLEST_SIGMA + " to " + LARGEST_FINE_SIGMA
                    + " fine steps, but was " + sigma);
        }
        return new DiscreteGaussian(sigma, ERROR_BOUND);
    }

    /** Of any positive sigma up to the largest: for accountants of noise on few steps, and for tests. */
    static DiscreteGaussian ofFewSteps(double sigma) {
        return new DiscreteGaussian(sigma, ERROR_BOUND);
    }

    /** For tests: trusts no comparison in FP64. */
    static DiscreteGaussian withoutFloatingPoint(double sigma) {
        return new DiscreteGaussian(sigma, Double.POSITIVE_INFINITY);
    }

    /**
     * The standard deviation.
     *
     * @return sigma, in grid steps
     */
    public double sigma() {
        return sigma;
    }

    /**
     * Draws a whole vector from bits of its own.
     *
     * @param n how many values, at least 0
     * @return {@code [n]} independent values, in grid steps
     * @throws IllegalArgumentException if n is negative
     */
    public long[] draw(int n) {
        Check.atLeast("n", n, 0);
        long[] noise = new long[n];
        try (AesCtrBits bits = AesCtrBits.fresh()) {
            fill(noise, bits);
        }
        return noise;
    }

    void fill(long[] out, AesCtrBits bits) {
        for (int i = 0; i < out.length; i++) {
            out[i] = sample(bits);
        }
    }

    /** One word most of the time: bits 0 to 12 choose the cell, the next ones the integer in it, bit 63 the sign. */
    long sample(AesCtrBits bits) {
        while (true) {
            long word = bits.next();
            int column = columnOf[(int) word & CELL_MASK];
            if (column >= 0) {
                return point(column, word);
            }
            long x = ~column < Staircase.COLUMNS ? crossing(~column, word, bits) : beyond(~column, word, bits);
            if (x != REJECTED) {
                return x;
            }
        }
    }

    /** m, or with the sign -1 - m: both signs together are every integer once, zero included. */
    private long point(int column, long word) {
        return (((long) column << shift) + ((word >>> CELL_BITS) & offsetMask)) ^ (word >> 63);
    }

    private long crossing(int column, long word, AesCtrBits bits) {
        int level = ((int) word & CELL_MASK) - staircase.first[column];
        return accepted(new Proposal(point(column, word), level, 0), bits);
    }

    private long beyond(int column, long word, AesCtrBits bits) {
        if (column == Staircase.NOTHING) {
            return REJECTED;
        }
        int block = 0;
        long zeros = bits.next();
        while (zeros == 0) {
            block += Long.SIZE;
            zeros = bits.next();
        }
        return accepted(inBlock(block + Long.numberOfLeadingZeros(zeros), word), bits);
    }

    /** Block t &gt;= 0 of the tail, as wide as all columns together, comes with probability 2^-(t+1). */
    Proposal inBlock(int block, long word) {
        long width = 1L << (shift + COLUMN_BITS);
        long x = ((block + 1L) * width + ((word >>> CELL_BITS) & (width - 1))) ^ (word >> 63);
        return new Proposal(x, 0, COLUMN_BITS + 1 - staircase.tailBits + block);
    }

    /** Whether (level + U) / (M 2^doublings) &lt; rho(x): in FP64 where its error cannot matter, else exactly. */
    private long accepted(Proposal proposal, AesCtrBits bits) {
        double share = share(proposal);
        long word = bits.next();
        double u = (word >>> 11) * 0x1p-53;
        if (u < share - errorBound) {
            return proposal.x();
        }
        if (u > share + errorBound) {
            return REJECTED;
        }
        return exact.accepts(proposal, word, bits::next) ? proposal.x() : REJECTED;
    }

    /** The U that are accepted are those below M 2^doublings rho(x) - level. */
    double share(Proposal proposal) {
        double ratio = proposal.x() / sigma;
        double height = Math.scalb(staircase.levels * Math.exp(-0.5 * ratio * ratio), proposal.doublings());
        return height - proposal.level();
    }
}
