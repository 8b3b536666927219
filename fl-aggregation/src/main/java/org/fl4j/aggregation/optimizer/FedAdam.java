package org.fl4j.aggregation.optimizer;

import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

/**
 * FedAdam: steps of a size of its own for every coordinate, by the running mean of squares,
 *
 * <pre>{@code
 *   m <- beta1 m + (1 - beta1) Delta
 *   v <- beta2 v + (1 - beta2) Delta^2
 *   x <- x + eta m / (sqrt(v) + tau)
 * }</pre>
 *
 * <p>coordinate by coordinate, with Delta the round's aggregate and x the global weights, all {@code [d]}. Defaults:
 * {@code beta1} {@value #DEFAULT_MOMENTUM}, {@code beta2} {@value #DEFAULT_SECOND_MOMENT}, {@code tau}
 * {@value #DEFAULT_ADAPTIVITY}.
 *
 * <p>m = 0 and v = tau^2 before the first round; no bias correction. STATISTIC parameters are averaged plainly:
 * {@code global + aggregate}, bit for bit. Computed in FP64, the displacement rounded once to the layout's dtype. m and
 * v saturate at {@link Double#MAX_VALUE}, so they stay finite. An aggregate that holds NaN or infinity is added to the
 * weights and leaves the state alone; the server abandons such a round.
 *
 * <p>State: m and v, 16 d bytes. Immutable and thread-safe.
 *
 * <p>Source: Reddi, Charles, Zaheer, Garrett, Rush, Konecny, Kumar, McMahan, "Adaptive Federated Optimization", ICLR
 * 2021, algorithm 2 (<a href="https://arxiv.org/abs/2003.00295v5">arXiv:2003.00295v5</a>).
 *
 * @implNote the paper asks for an initial v of at least tau^2; here it is tau^2. Other libraries differ in the initial
 *     v, in whether m and v are corrected for their bias, and in where tau stands, so the same numbers need not give
 *     the same steps there.
 */
public final class FedAdam implements ServerOptimizer {

    /** The default of beta1: {@value}. */
    public static final double DEFAULT_MOMENTUM = 0.9;

    /** The default of beta2: {@value}. */
    public static final double DEFAULT_SECOND_MOMENT = 0.99;

    /** The default of tau: {@value}. */
    public static final double DEFAULT_ADAPTIVITY = 1e-3;

    private final AdaptiveStep core;
    private final double beta2;

    private FedAdam(AdaptiveStep core, double beta2) {
        this.core = core;
        this.beta2 = beta2;
    }

    /**
     * With the same server learning rate in every round.
     *
     * @param eta above 0 and finite
     * @return the optimizer
     * @throws IllegalArgumentException if the rate is out of range
     */
    public static FedAdam withLearningRate(double eta) {
        return withLearningRates(LearningRateSchedule.constant(Ranges.positive("learning rate", eta)));
    }

    /**
     * With a server learning rate that changes with the round; abandoned rounds count.
     *
     * @param rates eta by round; a step throws IllegalArgumentException where it is not above 0 and finite
     * @return the optimizer
     */
    public static FedAdam withLearningRates(LearningRateSchedule rates) {
        return new FedAdam(
                new AdaptiveStep("fedadam", follow(DEFAULT_SECOND_MOMENT), rates, DEFAULT_MOMENTUM, DEFAULT_ADAPTIVITY),
                DEFAULT_SECOND_MOMENT);
    }

    /**
     * A copy with another beta1.
     *
     * @param beta1 how much of m stays, in [0, 1)
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public FedAdam withMomentum(double beta1) {
        return new FedAdam(core.withMomentum(beta1), beta2);
    }

    /**
     * A copy with another beta2.
     *
     * @param decay how much of v stays, in [0, 1)
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public FedAdam withSecondMoment(double decay) {
        Ranges.decay("second moment", decay);
        return new FedAdam(core.with(follow(decay)), decay);
    }

    /**
     * A copy with another tau: the larger, the less the steps adapt.
     *
     * @param tau above 0 and finite
     * @return a copy
     * @throws IllegalArgumentException if it is out of range
     */
    public FedAdam withAdaptivity(double tau) {
        return new FedAdam(core.withAdaptivity(tau), beta2);
    }

    @Override
    public Step step(int round, ModelWeights global, ModelDelta aggregate, ComponentState state) {
        return core.step(round, global, aggregate, state);
    }

    @Override
    public String toString() {
        return "FedAdam[beta1=" + core.beta1() + ", beta2=" + beta2 + ", tau=" + core.tau() + "]";
    }

    private static SecondMoment follow(double beta2) {
        double fresh = 1 - beta2;
        return (v, squares, from, n) -> {
            for (int i = 0; i < n; i++) {
                v[from + i] = beta2 * v[from + i] + fresh * squares[i];
            }
        };
    }
}
