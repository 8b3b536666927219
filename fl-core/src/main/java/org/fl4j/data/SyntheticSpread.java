package org.fl4j.data;

import org.fl4j.internal.Check;

/**
 * How much the clients of a {@link SyntheticFederation} differ: the pair in "Synthetic(alpha, beta)".
 *
 * <p>Both are <em>standard deviations</em>: {@code u_k ~ N(0, alpha^2)} and {@code B_k ~ N(0, beta^2)}. The paper
 * writes N(0, alpha) without saying which; the authors' code passes alpha and beta as standard deviations. For its
 * values 0 and 1 this makes no difference, for 0.5 it does.
 *
 * @param alpha how much the clients' models differ, at least 0
 * @param beta how much the clients' features differ, at least 0
 */
public record SyntheticSpread(double alpha, double beta) {

    /**
     * Checks the range.
     *
     * @param alpha how much the clients' models differ, at least 0
     * @param beta how much the clients' features differ, at least 0
     * @throws IllegalArgumentException if one is negative or not finite
     */
    public SyntheticSpread {
        require("alpha", alpha);
        require("beta", beta);
    }

    private static void require(String what, double value) {
        Check.notNegative(what, value);
    }
}
