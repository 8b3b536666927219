package org.fl4j.aggregation.optimizer;

import java.util.Arrays;
import org.fl4j.internal.Check;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/** What all optimizers of this package share: FP64 vectors kept between rounds, and passes over an aggregate. */
final class Moments {

    /** A few arrays of this many doubles stay in the first-level cache. */
    private static final int CHUNK = 1 << 10;

    private Moments() {}

    /** A stretch of TRAINABLE coordinates of an aggregate. */
    @FunctionalInterface
    interface Stretch {
        /** {@code delta[i]} is coordinate {@code from + i} of the aggregate, for i below n. */
        void accept(double[] delta, int from, int n);
    }

    static LearningRateSchedule constant(double rate) {
        return LearningRateSchedule.constant(Check.positive("learning rate", rate));
    }

    /** A schedule can be the user's own, so its values are checked round by round. */
    static double rateAt(LearningRateSchedule rates, int round) {
        return Check.positive("round " + round + ": the server's learning rate", rates.at(round));
    }

    /** The layout of both, before any loop runs over them. */
    static ParameterLayout commonLayout(ModelWeights global, ModelDelta aggregate) {
        aggregate.layout().differenceFrom(global.layout()).ifPresent(difference -> {
            throw new IllegalArgumentException("the layouts differ: " + difference);
        });
        return global.layout();
    }

    /** A vector of the state, the caller's to change; filled with the initial value where there is no state yet. */
    static double[] from(ComponentState state, String name, ParameterLayout layout, double initial) {
        if (state.isEmpty()) {
            double[] fresh = new double[layout.length()];
            if (initial != 0) {
                Arrays.fill(fresh, initial);
            }
            return fresh;
        }
        double[] vector = state.doubles(name);
        if (vector.length != layout.length()) {
            throw new IllegalStateException("'" + name + "' of the state of '" + state.kind() + "' has " + vector.length
                    + " values but the layout has " + layout.length()
                    + "; is it the state of a run with another model?");
        }
        return vector;
    }

    /**
     * Passes the aggregate to an update of these moments, stretch by stretch, and saturates them.
     *
     * @return false, with the moments untouched, if the aggregate holds NaN or infinity
     */
    static boolean follow(ModelDelta aggregate, Stretch update, double[]... moments) {
        boolean ordinary = isOrdinary(aggregate.norm2());
        if (!ordinary && !aggregate.isFinite()) {
            return false;
        }
        double[] delta = new double[CHUNK];
        for (ParameterLayout.Span span : aggregate.layout().trainable()) {
            for (int from = span.from(); from < span.to(); from += CHUNK) {
                int n = Math.min(CHUNK, span.to() - from);
                aggregate.copyTo(from, n, delta, 0);
                update.accept(delta, from, n);
                for (double[] moment : ordinary ? new double[0][] : moments) {
                    saturate(moment, from, n);
                }
            }
        }
        return true;
    }

    /** The displacement whose TRAINABLE coordinates are given; the STATISTIC ones are the aggregate's. */
    static ModelDelta displacement(double[] trainable, ModelDelta aggregate) {
        ParameterLayout layout = aggregate.layout();
        for (ParameterLayout.Span span : layout.select(spec -> spec.role() == ParameterSpec.Role.STATISTIC)) {
            aggregate.copyTo(span.from(), span.length(), trainable, span.from());
        }
        return ModelDelta.of(layout, trainable);
    }

    /**
     * Whether a step by an aggregate of this norm keeps finite moments finite by itself: what it adds, at most its square,
     * is then below half a unit in the last place of the largest number. False for NaN.
     */
    private static boolean isOrdinary(double norm) {
        return norm < 1e100;
    }

    /** To the nearest finite numbers: a moment that overflowed to infinity could be NaN a round later. */
    private static void saturate(double[] moments, int from, int n) {
        for (int i = from; i < from + n; i++) {
            moments[i] = saturated(moments[i]);
        }
    }

    static double saturated(double value) {
        return Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, value));
    }
}
