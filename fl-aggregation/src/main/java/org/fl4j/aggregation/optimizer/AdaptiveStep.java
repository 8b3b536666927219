package org.fl4j.aggregation.optimizer;

import org.fl4j.aggregation.ServerOptimizer.Step;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/**
 * Algorithm 2 of Reddi et al. (ICLR 2021), with the second moment left open:
 *
 * <pre>  m <- beta1 m + (1 - beta1) Delta,   v <- secondMoment(v, Delta^2),   x <- x + eta m / (sqrt(v) + tau),</pre>
 *
 * <p>m = 0 and v = tau^2 before the first step. m and v saturate at the largest finite number.
 */
record AdaptiveStep(String kind, SecondMoment secondMoment, LearningRateSchedule rates, double beta1, double tau) {

    private static final int VERSION = 1;
    private static final String M = "m";
    private static final String V = "v";

    AdaptiveStep {
        Ranges.decay("momentum", beta1);
        Ranges.positive("adaptivity", tau);
    }

    AdaptiveStep with(SecondMoment other) {
        return new AdaptiveStep(kind, other, rates, beta1, tau);
    }

    AdaptiveStep withMomentum(double other) {
        return new AdaptiveStep(kind, secondMoment, rates, other, tau);
    }

    AdaptiveStep withAdaptivity(double other) {
        return new AdaptiveStep(kind, secondMoment, rates, beta1, other);
    }

    Step step(int round, ModelWeights global, ModelDelta aggregate, ComponentState state) {
        double rate = Ranges.rateAt(rates, round);
        ComponentState own = state.expect(kind, VERSION);
        ParameterLayout layout = Moments.commonLayout(global, aggregate);
        double[] m = Moments.from(own, M, layout, 0);
        double[] v = Moments.from(own, V, layout, Moments.saturated(tau * tau));
        boolean ordinary = Moments.isOrdinary(aggregate.norm2());
        if (!ordinary && !aggregate.isFinite()) {
            return new Step(global.plus(aggregate), state);
        }
        follow(aggregate, ordinary, m, v);
        // The state copies them, so m is free to become the displacement.
        ComponentState next = ComponentState.of(kind, VERSION).with(M, m).with(V, v);
        for (ParameterLayout.Span span : layout.trainable()) {
            for (int i = span.from(); i < span.to(); i++) {
                m[i] = rate * (m[i] / (Math.sqrt(v[i]) + tau));
            }
        }
        return new Step(global.plus(Moments.displacement(m, aggregate)), next);
    }

    private void follow(ModelDelta aggregate, boolean ordinary, double[] m, double[] v) {
        double fresh = 1 - beta1;
        Moments.overTrainable(aggregate, (delta, from, n) -> {
            for (int i = 0; i < n; i++) {
                m[from + i] = beta1 * m[from + i] + fresh * delta[i];
                delta[i] *= delta[i];
            }
            if (!ordinary) {
                Moments.saturate(m, from, n);
            }
            secondMoment.update(v, delta, from, n);
            if (!ordinary) {
                Moments.saturate(v, from, n);
            }
        });
    }
}
