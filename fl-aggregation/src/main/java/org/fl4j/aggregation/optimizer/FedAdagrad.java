package org.fl4j.aggregation.optimizer;

import org.fl4j.model.LearningRateSchedule;

/**
 * FedAdagrad: steps that shrink with the sum of all squares so far,
 *
 * <pre>{@code
 *   m <- beta1 m + (1 - beta1) Delta
 *   v <- v + Delta^2
 *   x <- x + eta m / (sqrt(v) + tau)
 * }</pre>
 *
 * <p>with shapes, edge cases, precision, state and thread rule as in {@link FedAdam}. The paper's experiments use beta1 =
 * 0, the default here, as Adagrad has no momentum.
 *
 * <p>Source: Reddi, Charles, Zaheer, Garrett, Rush, Konecny, Kumar, McMahan, "Adaptive Federated Optimization", ICLR
 * 2021, algorithm 2 (<a href="https://arxiv.org/abs/2003.00295v5">arXiv:2003.00295v5</a>).
 */
public final class FedAdagrad extends AdaptiveOptimizer<FedAdagrad> {

    /** The default of beta1: {@value}. */
    public static final double DEFAULT_MOMENTUM = 0.0;

    /** The default of tau: {@value}. */
    public static final double DEFAULT_ADAPTIVITY = 1e-3;

    private FedAdagrad(AdaptiveStep core) {
        super(core, FedAdagrad::new);
    }

    /** Uses one server learning rate; throws IllegalArgumentException unless it is above 0 and finite. */
    public static FedAdagrad withLearningRate(double eta) {
        return withLearningRates(Moments.constant(eta));
    }

    /** Uses a server learning rate by round, counting abandoned rounds; a step throws if it is not above 0 and finite. */
    public static FedAdagrad withLearningRates(LearningRateSchedule rates) {
        return new FedAdagrad(
                new AdaptiveStep(AdaptiveStep.Variant.ADAGRAD, rates, DEFAULT_MOMENTUM, 0, DEFAULT_ADAPTIVITY));
    }
}
