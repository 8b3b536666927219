package org.fl4j.aggregation.optimizer;

import java.util.function.Function;
import org.fl4j.aggregation.ServerOptimizer;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

/** The settings that {@link FedAdagrad}, {@link FedAdam} and {@link FedYogi} have in common, around an {@link AdaptiveStep}. */
abstract class AdaptiveOptimizer<O extends ServerOptimizer> implements ServerOptimizer {

    final AdaptiveStep core;
    private final Function<AdaptiveStep, O> copy;

    AdaptiveOptimizer(AdaptiveStep core, Function<AdaptiveStep, O> copy) {
        this.core = core;
        this.copy = copy;
    }

    /** Returns a copy with another beta1; throws IllegalArgumentException unless it is in [0, 1). */
    public O withMomentum(double beta1) {
        return copy.apply(core.withMomentum(beta1));
    }

    /** Returns a copy with another tau (larger: steps adapt less); throws IllegalArgumentException unless it is above 0 and finite. */
    public O withAdaptivity(double tau) {
        return copy.apply(core.withAdaptivity(tau));
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
