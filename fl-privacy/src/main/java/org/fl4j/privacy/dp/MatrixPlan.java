package org.fl4j.privacy.dp;

import org.fl4j.internal.Check;

/**
 * How a {@link MatrixMechanism} correlates the noise of a run: for how many rounds, for clients that take part how often, by
 * which matrix.
 *
 * <pre>{@code
 * MatrixPlan.over(1000).separatedBy(100)              // 100 bands
 * MatrixPlan.over(1000).separatedBy(100).bands(16).optimized()
 * }</pre>
 *
 * <p>The matrix C is the square root of the prefix sums cut after p bands, c_k = binom(2k, k) / 4^k for k &lt; p, or has p bands that were
 * {@link #optimized} for T and b; each coefficient is rounded to a multiple of 2^-16. All figures are those of the rounded matrix. One band is independent noise; T bands are the
 * square root. p = b is a good start where clients take part several times; compare {@link #rootMeanSquareError}.
 *
 * <p>Source: Kalinin, Lampert, "Banded Square Root Matrix Factorization for Differentially Private Model Training", NeurIPS
 * 2024, definition 1 and theorem 2; Choquette-Choo, Ganesh, McKenna, McMahan, Rush, Thakurta, Xu, "(Amplified) Banded Matrix
 * Factorization", NeurIPS 2023.
 *
 * @param rounds T, from 1 to {@value #MOST_ROUNDS}: all rounds of the run, abandoned ones included
 * @param separation b, at least 1: a client takes part in at most one of any b successive rounds
 * @param bands p, from 1 to T
 * @param coefficients where those of C come from
 */
public record MatrixPlan(int rounds, int separation, int bands, Coefficients coefficients) {

    /** The largest T: {@value}. */
    public static final int MOST_ROUNDS = 1 << 16;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if one is violated
     */
    public MatrixPlan {
        Check.atLeast("rounds", rounds, 1);
        Check.atLeast("separation", separation, 1);
        Check.atLeast("bands", bands, 1);
        if (rounds > MOST_ROUNDS || bands > rounds) {
            throw new IllegalArgumentException("rounds must be at most " + MOST_ROUNDS
                    + " and bands at most the rounds, but was " + rounds + " and " + bands);
        }
    }

    /**
     * A run of some rounds in each of which every client may take part, with independent noise.
     *
     * @param rounds T
     * @throws IllegalArgumentException if it is out of range
     */
    public static MatrixPlan over(int rounds) {
        return new MatrixPlan(rounds, 1, 1, Coefficients.SQUARE_ROOT);
    }

    /**
     * Returns a copy for clients that take part at most once in some successive rounds, with as many bands.
     *
     * @param successive b, that of {@code ClientSelector.separated}
     * @throws IllegalArgumentException if it is below 1
     */
    public MatrixPlan separatedBy(int successive) {
        return new MatrixPlan(rounds, successive, Math.max(1, Math.min(successive, rounds)), coefficients);
    }

    /**
     * Returns a copy with a number of bands. A round of d coordinates takes time in proportion to p d, and memory for
     * p vectors of d 64-bit integers where a quarter of the heap holds them; else each round takes as long as all before it.
     *
     * @param number p
     * @throws IllegalArgumentException if it is out of range
     */
    public MatrixPlan bands(int number) {
        return new MatrixPlan(rounds, separation, number, coefficients);
    }

    /** Returns a copy with coefficients of the least {@link #rootMeanSquareError}, which takes some 50 T p operations to find. */
    public MatrixPlan optimized() {
        return new MatrixPlan(rounds, separation, bands, Coefficients.OPTIMIZED);
    }

    ToeplitzStrategy strategy() {
        ToeplitzStrategy exact = coefficients == Coefficients.SQUARE_ROOT
                ? ToeplitzStrategy.squareRoot(rounds, bands)
                : OptimizedBands.of(rounds, separation, bands);
        return exact.quantised();
    }

    /**
     * The largest norm of C x that one client makes whose contributions have norm 1: the noise of a round is this times z
     * times the rule's bound, before it is correlated.
     *
     * @return at least 1, rounded up
     */
    public double sensitivity() {
        return strategy().sensitivity(separation);
    }

    /**
     * The standard deviation of the sum of all rounds, for z = 1 and a bound of 1. Independent noise has
     * sqrt(T ceil(T / b)).
     *
     * @return the largest of all rounds
     */
    public double maxError() {
        return sensitivity() * strategy().largestRow();
    }

    /**
     * The root mean square, over the rounds, of the standard deviation of the sum so far, for z = 1 and a bound of 1.
     *
     * @return at most {@link #maxError}
     */
    public double rootMeanSquareError() {
        return sensitivity() * strategy().rootMeanSquareRow();
    }

    /** Where the coefficients of C come from. */
    public enum Coefficients {
        /** The square root of the prefix sums, cut after p bands (Kalinin, Lampert 2024). */
        SQUARE_ROOT,
        /** Those of the least root mean square error among all that are non-negative and do not increase. */
        OPTIMIZED
    }
}
