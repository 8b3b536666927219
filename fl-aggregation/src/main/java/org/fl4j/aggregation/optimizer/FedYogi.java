package org.fl4j.aggregation.optimizer;

import org.fl4j.model.LearningRateSchedule;

/**
 * FedYogi: {@link FedAdam}, except that v moves by an amount that does not depend on how large v is, so it forgets
 * slowly,
 *
 * <pre>{@code
 *   m <- beta1 m + (1 - beta1) Delta
 *   v <- v - (1 - beta2) Delta^2 sign(v - Delta^2)
 *   x <- x + eta m / (sqrt(v) + tau)
 * }</pre>
 *
 * <p>with shapes, edge cases, defaults, precision, state and thread rule as in {@link FedAdam}.
 *
 * <p>Source: Reddi, Charles, Zaheer, Garrett, Rush, Konecny, Kumar, McMahan, "Adaptive Federated Optimization", ICLR
 * 2021, algorithm 2 (<a href="https://arxiv.org/abs/2003.00295v5">arXiv:2003.00295v5</a>).
 */
public final class FedYogi extends AdaptiveOptimizer<FedYogi> {

    private FedYogi(AdaptiveStep core) {
        super(core, FedYogi::new);
    }

    /** Uses one server learning rate; throws IllegalArgumentException unless it is above 0 and finite. */
    public static FedYogi withLearningRate(double eta) {
        return withLearningRates(Moments.constant(eta));
    }

    /** Uses a server learning rate by round, counting abandoned rounds; a step throws if it is not above 0 and finite. */
    public static FedYogi withLearningRates(LearningRateSchedule rates) {
        return new FedYogi(new AdaptiveStep(
                AdaptiveStep.Variant.YOGI,
                rates,
                FedAdam.DEFAULT_MOMENTUM,
                FedAdam.DEFAULT_SECOND_MOMENT,
                FedAdam.DEFAULT_ADAPTIVITY));
    }

    /** Returns a copy with another beta2; throws IllegalArgumentException unless it is in [0, 1). */
    public FedYogi withSecondMoment(double beta2) {
        return new FedYogi(core.withSecondMoment(beta2));
    }
}
