package org.fl4j.aggregation.optimizer;

import java.util.Locale;
import org.fl4j.aggregation.ServerOptimizer.Step;
import org.fl4j.internal.Check;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/**
 * Algorithm 2 of Reddi et al. (ICLR 2021): the step of an {@link AdaptiveOptimizer}.
 *
 * <pre>{@code  m <- beta1 m + (1 - beta1) Delta,   v <- variant(v, Delta^2),   x <- x + eta m / (sqrt(v) + tau)}</pre>
 *
 * <p>m = 0 and v = tau^2 before the first step. m and v saturate at the largest finite number.
 *
 * @param beta2 of no meaning to {@link Variant#ADAGRAD}
 */
record AdaptiveStep(Variant variant, LearningRateSchedule rates, double beta1, double beta2, double tau) {

    private static final int VERSION = 1;
    private static final String M = "m";
    private static final String V = "v";

    AdaptiveStep {
        beta1 = Check.belowOne("momentum", beta1);
        beta2 = Check.belowOne("second moment", beta2);
        tau = Check.positive("adaptivity", tau);
    }

    AdaptiveStep withMomentum(double other) {
        return new AdaptiveStep(variant, rates, other, beta2, tau);
    }

    AdaptiveStep withSecondMoment(double other) {
        return new AdaptiveStep(variant, rates, beta1, other, tau);
    }

    AdaptiveStep withAdaptivity(double other) {
        return new AdaptiveStep(variant, rates, beta1, beta2, other);
    }

    Step step(int round, ModelWeights global, ModelDelta aggregate, ComponentState state) {
        double rate = Moments.rateAt(rates, round);
        String kind = variant.title.toLowerCase(Locale.ROOT);
        ComponentState own = state.expect(kind, VERSION);
        ParameterLayout layout = Moments.commonLayout(global, aggregate);
        double[] m = Moments.from(own, M, layout, 0);
        double[] v = Moments.from(own, V, layout, Moments.saturated(tau * tau));
        double fresh = 1 - beta1;
        Moments.Stretch follow = (delta, from, n) -> {
            for (int i = 0; i < n; i++) {
                m[from + i] = beta1 * m[from + i] + fresh * delta[i];
                delta[i] *= delta[i];
            }
            variant.follow(beta2, v, delta, from, n);
        };
        if (!Moments.follow(aggregate, follow, m, v)) {
            return new Step(global.plus(aggregate), state);
        }
        // The state copies them, so m is free to become the displacement.
        ComponentState next = ComponentState.of(kind, VERSION).with(M, m).with(V, v);
        for (ParameterLayout.Span span : layout.trainable()) {
            for (int i = span.from(); i < span.to(); i++) {
                m[i] = rate * (m[i] / (Math.sqrt(v[i]) + tau));
            }
        }
        return new Step(global.plus(Moments.displacement(m, aggregate)), next);
    }

    @Override
    public String toString() {
        String second = variant == Variant.ADAGRAD ? "" : ", beta2=" + beta2;
        return variant.title + "[beta1=" + beta1 + second + ", tau=" + tau + "]";
    }

    /** How v follows the squares of the aggregates, the only difference between the three optimizers. */
    enum Variant {
        ADAGRAD("FedAdagrad"),
        ADAM("FedAdam"),
        YOGI("FedYogi");

        private final String title;

        Variant(String title) {
            this.title = title;
        }

        /** Updates {@code v[from + i]} by {@code squares[i]} for i below n. The result can be infinite, but not NaN. */
        void follow(double beta2, double[] v, double[] squares, int from, int n) {
            double fresh = 1 - beta2;
            switch (this) {
                case ADAGRAD -> {
                    for (int i = 0; i < n; i++) {
                        v[from + i] += squares[i];
                    }
                }
                case ADAM -> {
                    for (int i = 0; i < n; i++) {
                        v[from + i] = beta2 * v[from + i] + fresh * squares[i];
                    }
                }
                case YOGI -> {
                    for (int i = 0; i < n; i++) {
                        v[from + i] -= fresh * squares[i] * Math.signum(v[from + i] - squares[i]);
                    }
                }
            }
        }
    }
}
