package org.fl4j.aggregation.optimizer;

import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

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
public final class FedAdagrad implements ServerOptimizer {

    /** The default of beta1: {@value}. */
    public static final double DEFAULT_MOMENTUM = 0.0;

    /** The default of tau: {@value}. */
    public static final double DEFAULT_ADAPTIVITY = 1e-3;

    private final AdaptiveStep core;

    private FedAdagrad(AdaptiveStep core) {
        this.core = core;
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

    /** Returns a copy with another beta1; throws IllegalArgumentException unless it is in [0, 1). */
    public FedAdagrad withMomentum(double beta1) {
        return new FedAdagrad(core.withMomentum(beta1));
    }

    /** Returns a copy with another tau (larger: steps adapt less); throws IllegalArgumentException unless it is above 0 and finite. */
    public FedAdagrad withAdaptivity(double tau) {
        return new FedAdagrad(core.withAdaptivity(tau));
    }

    @Override
    public Step step(int round, ModelWeights global, ModelDelta aggregate, ComponentState state) {
        return core.step(round, global, aggregate, state);
    }

    @Override
    public String toString() {
        return core.toString();
    }
}
