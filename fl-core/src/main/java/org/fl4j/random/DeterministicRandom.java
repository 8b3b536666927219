package org.fl4j.random;

import org.fl4j.internal.Check;

/**
 * A seeded generator whose every output is fixed by this file, on every JDK: {@code java.util.random} leaves the
 * algorithms of its bounded integers and Gaussians open to change between releases, and a recorded run must not change
 * with them.
 *
 * <p>The 64-bit stream is SplitMix64 (Steele, Lea, Flood, OOPSLA 2014, figure 16 with Stafford's variant 13 mixer),
 * period 2^64. Logarithms and roots are {@link StrictMath}'s. Not for secrets.
 *
 * <p>Not thread-safe: one generator a thread.
 */
public final class DeterministicRandom {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double UNIT_53 = 0x1.0p-53;

    private long state;

    /**
     * A generator that starts at a seed.
     *
     * @param seed any value; {@link Seeds} derives good ones
     */
    public DeterministicRandom(long seed) {
        this.state = seed;
    }

    /**
     * The next 64 uniform bits.
     *
     * @return any long
     */
    public long nextLong() {
        state += GOLDEN_GAMMA;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /**
     * An unbiased integer below a bound, by multiplication and rejection (Lemire, ACM TOMACS 2019, algorithm 5).
     *
     * @param bound exclusive, at least 1
     * @return uniform in {@code [0, bound)}
     * @throws IllegalArgumentException if the bound is below 1
     */
    public int nextInt(int bound) {
        Check.atLeast("bound", bound, 1);
        long product = (nextLong() >>> 32) * bound;
        long low = product & 0xFFFFFFFFL;
        if (low < bound) {
            long threshold = (0x100000000L - bound) % bound;
            while (low < threshold) {
                product = (nextLong() >>> 32) * bound;
                low = product & 0xFFFFFFFFL;
            }
        }
        return (int) (product >>> 32);
    }

    /**
     * A uniform double.
     *
     * @return a multiple of 2^-53 in {@code [0, 1)}
     */
    public double nextDouble() {
        return (nextLong() >>> 11) * UNIT_53;
    }

    /**
     * A standard normal variate, by the polar method (Marsaglia and Bray, SIAM Review 1964).
     *
     * @return a draw from N(0, 1)
     */
    public double nextGaussian() {
        while (true) {
            double u = 2 * nextDouble() - 1;
            double v = 2 * nextDouble() - 1;
            double s = u * u + v * v;
            if (s > 0 && s < 1) {
                return u * StrictMath.sqrt(-2 * StrictMath.log(s) / s);
            }
        }
    }

    /**
     * The logarithm of a gamma variate with scale 1 (Marsaglia and Tsang, ACM TOMS 2000; below shape 1 by their
     * boost). The logarithm, because at the small shapes of strongly skewed Dirichlet draws the variate itself
     * underflows to zero.
     *
     * @param shape above 0
     * @return the log of a draw from Gamma(shape, 1); finite for shapes of 1e-300 and more, below it may be -infinity
     * @throws IllegalArgumentException if the shape is not a positive finite number
     */
    public double nextLogGamma(double shape) {
        Check.positive("shape", shape);
        if (shape < 1) {
            double boost = StrictMath.log(1 - nextDouble()) / shape;
            return nextLogGamma(shape + 1) + boost;
        }
        double d = shape - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        while (true) {
            double x = nextGaussian();
            double t = 1 + c * x;
            double v = t * t * t;
            if (v > 0 && StrictMath.log(1 - nextDouble()) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
                return StrictMath.log(d) + StrictMath.log(v);
            }
        }
    }

    /**
     * A uniform permutation.
     *
     * @param length how many
     * @return the integers of {@code [0, length)} in random order
     */
    public int[] permutation(int length) {
        int[] order = new int[length];
        for (int i = 0; i < length; i++) {
            order[i] = i;
        }
        shuffle(order);
        return order;
    }

    /**
     * Puts an array in uniform random order (Fisher and Yates).
     *
     * @param values changed in place
     */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swapped = values[i];
            values[i] = values[j];
            values[j] = swapped;
        }
    }
}
