package org.fl4j.model;

/**
 * One local training by gradients of single examples: sums of clipped ones over examples that the caller chooses, and steps along gradients that the caller
 * makes of them.
 *
 * <p>What an example adds to a sum is a function of the weights, the example, its place among those that were chosen and their number. It does not depend on
 * what the others are, except by the rounding that {@link #sensitivity} allows for. An example whose gradient is not finite, or too large to clip
 * with that precision, adds zero and disturbs no other.
 *
 * <p>Privacy: sums are of the plain data. Not thread-safe.
 */
public interface ExampleGradients {

    /** The number of examples, at least 1. */
    int examples();

    /** How many examples a sum can have at most. */
    int mostInSum();

    /**
     * The largest L2 distance of two sums that differ in one example, which is there in one and adds zero in the other.
     *
     * @param clipNorm C
     * @return a little more than C: rounding is in it
     * @throws IllegalArgumentException if C is not within [2^-40, 2^40]
     */
    double sensitivity(double clipNorm);

    /**
     * Sums gradients, each scaled down to the clip norm if it is longer: {@code sum_i g_i min(1, C / |g_i|)}, at the current weights and of the loss of a single
     * example, without regularisation and correction.
     *
     * @param chosen indices of examples, each in {@code [0, examples())}, from index {@code from} on
     * @param count how many, from 1 to {@link #mostInSum}
     * @param clipNorm C
     * @param into {@code [d]}, in the order of the model's layout; overwritten, with 0 where a parameter is not TRAINABLE
     */
    void sum(int[] chosen, int from, int count, double clipNorm, double[] into);

    /**
     * Steps along a gradient: the model's optimizer sees it as it sees the mean gradient of a mini-batch.
     *
     * @param gradient {@code [d]}, in the order of the model's layout; only TRAINABLE parameters step
     */
    void step(double[] gradient);

    /** Ends training: from here on the model's weights are those that the steps led to. */
    void end();
}
