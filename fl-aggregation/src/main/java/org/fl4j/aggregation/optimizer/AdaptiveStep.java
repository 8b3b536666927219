package org.fl4j.aggregation.optimizer;

import java.util.List;
import java.util.Locale;
import org.fl4j.aggregation.ServerOptimizer.Step;
import org.fl4j.internal.Check;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;

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
        List<Moments.Moment> moments =
                List.of(new Moments.Moment("m", 0), new Moments.Moment("v", Moments.saturated(tau * tau)));
        return Moments.step(
                global,
                aggregate,
                own,
                ComponentState.of(kind, VERSION),
                moments,
                (values, delta, from, to) -> follow(values[0], values[1], delta, from, to),
                (values, delta, from, to) -> displace(rate, values[0], values[1], delta, from, to));
    }

    /** The delta becomes its square. */
    private void follow(double[] m, double[] v, double[] delta, int from, int to) {
        double fresh = 1 - beta1;
        for (int i = from; i < to; i++) {
            m[i] = beta1 * m[i] + fresh * delta[i];
            delta[i] *= delta[i];
        }
        variant.follow(beta2, v, delta, from, to);
    }

    private void displace(double rate, double[] m, double[] v, double[] displacement, int from, int to) {
        for (int i = from; i < to; i++) {
            displacement[i] = rate * (m[i] / (Math.sqrt(v[i]) + tau));
        }
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

        /** Updates v by squares, for i in [from, to). The result can be infinite, but not NaN. */
        void follow(double beta2, double[] v, double[] squares, int from, int to) {
            double fresh = 1 - beta2;
            switch (this) {
                case ADAGRAD -> {
                    for (int i = from; i < to; i++) {
                        v[i] += squares[i];
                    }
                }
                case ADAM -> {
                    for (int i = from; i < to; i++) {
                        v[i] = beta2 * v[i] + fresh * squares[i];
                    }
                }
                case YOGI -> {
                    for (int i = from; i < to; i++) {
                        v[i] -= fresh * squares[i] * Math.signum(v[i] - squares[i]);
                    }
                }
            }
        }
    }
}
