package org.fl4j.privacy.dp;

import java.util.Arrays;

/**
 * A lower triangular Toeplitz matrix C of {@code rounds} rows with few bands, and the factorisation A = B C of the prefix
 * sums, A being the lower triangular matrix of ones.
 *
 * <p>Immutable.
 */
final class ToeplitzStrategy {

    /** The sum of T squares, each with one rounding, is off by less than 2^16 unit roundoffs. */
    private static final double ABOVE = 1 + 0x1p-36;

    /** Fraction bits of quantised coefficients. */
    static final int FRACTION_BITS = 16;

    private final double[] coefficients;
    private final int rounds;

    /**
     * @param coefficients c_0 = 1, c_1, ...: the first column of C, of which the rest is zero
     * @param rounds T
     */
    ToeplitzStrategy(double[] coefficients, int rounds) {
        this.coefficients = coefficients.clone();
        this.rounds = rounds;
    }

    /**
     * The square root of A cut after some bands: c_k = binom(2k, k) / 4^k.
     *
     * @param bands p, at most {@code rounds}; with as many it is the square root itself
     */
    static ToeplitzStrategy squareRoot(int rounds, int bands) {
        double[] c = new double[bands];
        c[0] = 1;
        for (int k = 1; k < bands; k++) {
            c[k] = c[k - 1] * (2 * k - 1) / (2 * k);
        }
        return new ToeplitzStrategy(c, rounds);
    }

    /** c_0, c_1, ..., one for each band. */
    double[] coefficients() {
        return coefficients.clone();
    }

    int rounds() {
        return rounds;
    }

    /** Each coefficient rounded to 2^-16: integers of that unit, non-negative and not increasing where these are. */
    long[] scaled() {
        long[] scaled = new long[coefficients.length];
        for (int k = 0; k < scaled.length; k++) {
            scaled[k] = Math.round(Math.scalb(coefficients[k], FRACTION_BITS));
        }
        return scaled;
    }

    ToeplitzStrategy quantised() {
        long[] scaled = scaled();
        double[] c = new double[scaled.length];
        for (int k = 0; k < c.length; k++) {
            c[k] = Math.scalb((double) scaled[k], -FRACTION_BITS);
        }
        return new ToeplitzStrategy(c, rounds);
    }

    /**
     * The largest norm of C x over all x whose non-zero rounds are at least b apart and have vectors of norm at most 1.
     *
     * <p>With non-negative coefficients the inner products of columns are non-negative, so x that point the same way are
     * the worst, and it is the norm of a sum of columns (Choquette-Choo et al. 2023, corollary 2.1). If in addition they do not
     * increase, columns 1, 1 + b, 1 + 2b, ... have the largest (Kalinin, Lampert 2024, theorem 2). Without both
     * conditions this throws.
     *
     * @param separation b, at least 1
     * @return rounded up
     */
    double sensitivity(int separation) {
        for (int k = 0; k < coefficients.length; k++) {
            if (!(coefficients[k] >= 0) || (k > 0 && coefficients[k] > coefficients[k - 1])) {
                throw new IllegalStateException("the sensitivity is known for coefficients that are non-negative and do"
                        + " not increase, but coefficient " + k + " was " + coefficients[k]);
            }
        }
        double squares = 0;
        for (int t = 0; t < rounds; t++) {
            double entry = 0;
            for (int k = t % separation; k <= t && k < coefficients.length; k += separation) {
                entry += coefficients[k];
            }
            squares += entry * entry;
        }
        return Math.sqrt(squares) * ABOVE;
    }

    /** The norm of the last row of C^-1, its longest: the deviation of one round's noise for independent noise of 1. */
    double noiseOfARound() {
        double[] inverse = divide(new double[] {1});
        return Math.sqrt(squares(inverse));
    }

    /** The norm of the last row of B = A C^-1, its longest: the deviation of the last prefix sum. */
    double largestRow() {
        return Math.sqrt(squares(prefixes()));
    }

    /** The Frobenius norm of B over the root of T: the root mean square of the deviations of all prefix sums. */
    double rootMeanSquareRow() {
        double[] b = prefixes();
        double sum = 0;
        double row = 0;
        for (double value : b) {
            row += value * value;
            sum += row;
        }
        return Math.sqrt(sum / rounds);
    }

    /** The first column of B. */
    double[] prefixes() {
        double[] ones = new double[rounds];
        Arrays.fill(ones, 1);
        return divide(ones);
    }

    /** C^-1 times a vector, missing entries being 0. */
    private double[] divide(double[] numerator) {
        double[] quotient = new double[rounds];
        for (int t = 0; t < rounds; t++) {
            double value = t < numerator.length ? numerator[t] : 0;
            for (int k = 1; k <= t && k < coefficients.length; k++) {
                value -= coefficients[k] * quotient[t - k];
            }
            quotient[t] = value / coefficients[0];
        }
        return quotient;
    }

    private static double squares(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return sum;
    }
}
