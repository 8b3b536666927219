package org.fl4j.aggregation;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** One round of a {@link BoundedAggregator}. */
public interface BoundedRound extends LinearRound {

    /**
     * How far one client can move the sum.
     *
     * @return a bound for each segment
     */
    Sensitivity sensitivity();

    /**
     * A round that sends its clients nothing beside the weights and publishes no state.
     *
     * @param segments as {@link #segments}
     * @param sensitivity as {@link #sensitivity}
     * @param encoder as {@link #encoder}
     * @param decoder as {@link #decode}
     * @return the round
     */
    static BoundedRound of(
            List<Segment> segments,
            Sensitivity sensitivity,
            UpdateEncoder encoder,
            Function<Summand, Aggregation.Result> decoder) {
        return new SimpleBoundedRound(List.copyOf(segments), sensitivity, encoder, decoder);
    }

    /**
     * How far the sum moves, in Euclidean norm, when one client's contribution is replaced by nothing.
     *
     * @param l2 the bound D_j of each segment by name, in units of the segment (not in grid steps); positive and finite
     * @param noise for segments that ask for noise of their own, such as a count beside a large vector: its standard
     *     deviation, in units of the segment; positive and finite. What the other segments get makes up for it
     */
    record Sensitivity(Map<String, Double> l2, Map<String, Double> noise) {

        /**
         * Checks the bounds.
         *
         * @throws IllegalArgumentException if one is not positive and finite, or noise is asked for without a bound
         */
        public Sensitivity {
            l2 = Map.copyOf(l2);
            noise = Map.copyOf(noise);
            l2.forEach((segment, bound) -> requirePositive(segment, "a sensitivity", bound));
            noise.forEach((segment, deviation) -> requirePositive(segment, "noise", deviation));
            if (!l2.keySet().containsAll(noise.keySet())) {
                throw new IllegalArgumentException(
                        "noise is asked for " + noise.keySet() + " but there are bounds for " + l2.keySet());
            }
        }

        /**
         * Bounds of segments that leave the noise to the mechanism.
         *
         * @throws IllegalArgumentException if a bound is not positive and finite
         */
        public Sensitivity(Map<String, Double> l2) {
            this(l2, Map.of());
        }

        private static void requirePositive(String segment, String what, double value) {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException(
                        "segment '" + segment + "': " + what + " must be > 0 and < infinity, but was " + value);
            }
        }
    }
}
