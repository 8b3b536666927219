package org.fl4j.privacy.dp;

import org.fl4j.random.DeterministicRandom;

/**
 * Rounds to integers up or down at random, without bias but for the condition, and again until the sum of squares is at most a
 * bound.
 *
 * <p>The bound holds for whatever comes out, so the guarantee needs nothing of the coins; they are not secret.
 *
 * <p>Source: Kairouz, Liu, Steinke, "The Distributed Discrete Gaussian Mechanism for Federated Learning with Secure Aggregation",
 * ICML 2021, algorithm 1.
 */
final class ConditionalRounding {

    /** A vector within its norm is rounded again with a probability below 2^-16. */
    private static final int MOST_TRIES = 64;

    private ConditionalRounding() {}

    /**
     * Rounds a vector.
     *
     * @param values in steps, finite
     * @param squares the largest sum of squares of the integers
     * @param to as long; the integers
     * @throws IllegalStateException if no rounding is short enough
     */
    static void round(float[] values, long squares, DeterministicRandom coins, double[] to) {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            if (rounded(values, coins, to) <= squares) {
                return;
            }
        }
        throw new IllegalStateException("no rounding of a contribution has a sum of squares of at most " + squares
                + "; its norm must be beyond its sensitivity");
    }

    /** The sum of squares, exact below 2^53 and above any bound beyond; NaN, which is within none, if a value is not finite. */
    private static double rounded(float[] values, DeterministicRandom coins, double[] to) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double value = values[i];
            double below = Math.floor(value);
            long limit = (long) ((value - below) * 0x1p53);
            long up = ((coins.nextLong() >>> 11) - limit) >>> 63;
            double whole = below + up;
            to[i] = whole;
            sum += whole * whole;
        }
        return sum;
    }
}
