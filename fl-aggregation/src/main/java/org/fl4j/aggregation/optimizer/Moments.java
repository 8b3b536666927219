package org.fl4j.aggregation.optimizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.fl4j.aggregation.ServerOptimizer.Step;
import org.fl4j.internal.Check;
import org.fl4j.model.LearningRateSchedule;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;
import org.fl4j.weights.ModelWeights;
import org.fl4j.weights.ParameterLayout;

/**
 * The pass that all optimizers of this package make, once over all coordinates: FP64 vectors kept between rounds follow
 * the aggregate, and the weights move by what follows from them. What is large is read and written once, in stretches.
 */
final class Moments {

    /** A vector kept between rounds, and what its values are before the first. */
    record Moment(String name, double initial) {}

    /** What an optimizer computes for the TRAINABLE coordinates [from, to) of some. */
    @FunctionalInterface
    interface Loop {

        /**
         * Computes.
         *
         * @param moments in their order, a value for each coordinate
         * @param delta the aggregate, at last to be the displacement
         */
        void over(double[][] moments, double[] delta, int from, int to);
    }

    private Moments() {}

    static LearningRateSchedule constant(double rate) {
        return LearningRateSchedule.constant(Check.positive("learning rate", rate));
    }

    /** A schedule can be the user's own, so its values are checked round by round. */
    static double rateAt(LearningRateSchedule rates, int round) {
        return Check.positive("round " + round + ": the server's learning rate", rates.at(round));
    }

    /**
     * A step. STATISTIC coordinates are displaced by the aggregate. By an aggregate that holds NaN or infinity so are all,
     * and the state stays.
     *
     * @param state the optimizer's own, or none yet
     * @param next the state to put the moments into
     * @param follow updates the moments, which then saturate
     * @param displace turns the delta into the displacement
     */
    static Step step(
            ModelWeights global,
            ModelDelta aggregate,
            ComponentState state,
            ComponentState next,
            List<Moment> moments,
            Loop follow,
            Loop displace) {
        ParameterLayout layout = commonLayout(global, aggregate);
        moments.forEach(moment -> requireLike(layout, state, moment.name()));
        boolean ordinary = isOrdinary(aggregate.norm2());
        if (!ordinary && !aggregate.isFinite()) {
            return new Step(global.plus(aggregate), state);
        }
        Pass pass = new Pass(aggregate, state, moments, follow, displace, !ordinary);
        ModelWeights moved = global.displacedBy(pass);
        ComponentState with = next;
        for (int i = 0; i < moments.size(); i++) {
            with = with.with(moments.get(i).name(), pass.written.get(i));
        }
        return new Step(moved, with);
    }

    /** The layout of both, before any loop runs over them. */
    private static ParameterLayout commonLayout(ModelWeights global, ModelDelta aggregate) {
        aggregate.layout().differenceFrom(global.layout()).ifPresent(difference -> {
            throw new IllegalArgumentException("the layouts differ: " + difference);
        });
        return global.layout();
    }

    private static void requireLike(ParameterLayout layout, ComponentState state, String name) {
        if (!state.isEmpty() && state.countDoubles(name) != layout.length()) {
            throw new IllegalStateException("'" + name + "' of the state of '" + state.kind() + "' has "
                    + state.countDoubles(name) + " values but the layout has " + layout.length()
                    + "; is it the state of a run with another model?");
        }
    }

    /**
     * Whether a step by an aggregate of this norm keeps finite moments finite by itself: what it adds, at most its square,
     * is then below half a unit in the last place of the largest number. False for NaN.
     */
    private static boolean isOrdinary(double norm) {
        return norm < 1e100;
    }

    static double saturated(double value) {
        return Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, value));
    }

    /** The displacement of one step, which updates the moments while it is asked for. */
    private static final class Pass implements ModelWeights.Displacement {

        private final ModelDelta aggregate;
        private final ComponentState state;
        private final List<Moment> moments;
        private final Loop follow;
        private final Loop displace;
        private final boolean saturating;
        private final List<ComponentState.Doubles> written = new ArrayList<>();
        private double[][] stretch = new double[0][];

        Pass(
                ModelDelta aggregate,
                ComponentState state,
                List<Moment> moments,
                Loop follow,
                Loop displace,
                boolean saturating) {
            this.aggregate = aggregate;
            this.state = state;
            this.moments = moments;
            this.follow = follow;
            this.displace = displace;
            this.saturating = saturating;
            int length = aggregate.layout().length();
            moments.forEach(moment -> written.add(new ComponentState.Doubles(length)));
        }

        @Override
        public void compute(int from, int n, double[] into) {
            if (stretch.length == 0) {
                stretch = new double[moments.size()][into.length];
            }
            aggregate.copyTo(from, n, into, 0);
            for (int i = 0; i < stretch.length; i++) {
                Moment moment = moments.get(i);
                if (state.isEmpty()) {
                    Arrays.fill(stretch[i], 0, n, moment.initial());
                } else {
                    state.copyDoubles(moment.name(), from, stretch[i], n);
                }
            }
            overTrainable(from, n, follow, into);
            for (int i = 0; i < stretch.length; i++) {
                if (saturating) {
                    saturate(stretch[i], n);
                }
                written.get(i).put(from, stretch[i], n);
            }
            overTrainable(from, n, displace, into);
        }

        private void overTrainable(int from, int n, Loop loop, double[] delta) {
            for (ParameterLayout.Span span : aggregate.layout().trainable()) {
                int first = Math.max(from, span.from());
                int end = Math.min(from + n, span.to());
                if (first < end) {
                    loop.over(stretch, delta, first - from, end - from);
                }
            }
        }

        /** To the nearest finite numbers: a moment that overflowed to infinity could be NaN a round later. */
        private static void saturate(double[] moments, int n) {
            for (int i = 0; i < n; i++) {
                moments[i] = saturated(moments[i]);
            }
        }
    }
}
