package org.fl4j.aggregation.optimizer;

import org.fl4j.model.LearningRateSchedule;

/**
 * FedAdam: per-coordinate step sizes from a running mean of squared aggregates,
 *
 * <pre>{@code
 *   m <- beta1 m + (1 - beta1) Delta
 *   v <- beta2 v + (1 - beta2) Delta^2
 *   x <- x + eta m / (sqrt(v) + tau)
 * }</pre>
 *
 * <p>coordinate by coordinate, with Delta the round's aggregate and x the global weights, all {@code [d]}.
 *
 * <ul>
 *   <li>m = 0 and v = tau^2 before the first round; no bias correction.
 *   <li>STATISTIC parameters are averaged plainly: {@code global + aggregate}, bit for bit.
 *   <li>m and v saturate at {@link Double#MAX_VALUE}, so they stay finite.
 *   <li>An aggregate that holds NaN or infinity is added to the weights and leaves the state alone; the server abandons
 *       such a round.
 * </ul>
 *
 * <p>Computed in FP64, the displacement rounded once to the layout's dtype. State: m and v, 16 d bytes. Immutable and
 * thread-safe.
 *
 * <p>Source: Reddi, Charles, Zaheer, Garrett, Rush, Konecny, Kumar, McMahan, "Adaptive Federated Optimization", ICLR
 * 2021, algorithm 2 (<a href="https://arxiv.org/abs/2003.00295v5">arXiv:2003.00295v5</a>).
 *
 * @implNote the paper asks for an initial v of at least tau^2; here it is tau^2. Other libraries differ in the initial
 *     v, in whether m and v are corrected for their bias, and in where tau stands, so the same numbers need not give
 *     the same steps there.
 */
public final class FedAdam extends AdaptiveOptimizer<FedAdam> {

    /** The default of beta1: {@value}. */
    public static final double DEFAULT_MOMENTUM = 0.9;

    /** The default of beta2: {@value}. */
    public static final double DEFAULT_SECOND_MOMENT = 0.99;

    /** The default of tau: {@value}. */
    public static final double DEFAULT_ADAPTIVITY = 1e-3;

    private FedAdam(AdaptiveStep core) {
        super(core, FedAdam::new);
    }

    /** Uses one server learning rate; throws IllegalArgumentException unless it is above 0 and finite. */
    public static FedAdam withLearningRate(double eta) {
        return withLearningRates(Moments.constant(eta));
    }

    /** Uses a server learning rate by round, counting abandoned rounds; a step throws if it is not above 0 and finite. */
    public static FedAdam withLearningRates(LearningRateSchedule rates) {
        return new FedAdam(new AdaptiveStep(
                AdaptiveStep.Variant.ADAM, rates, DEFAULT_MOMENTUM, DEFAULT_SECOND_MOMENT, DEFAULT_ADAPTIVITY));
    }

    /** Returns a copy with another beta2; throws IllegalArgumentException unless it is in [0, 1). */
    public FedAdam withSecondMoment(double beta2) {
        return new FedAdam(core.withSecondMoment(beta2));
    }
}
