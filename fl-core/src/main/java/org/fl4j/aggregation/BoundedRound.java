package org.fl4j.aggregation;

import java.util.List;
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
            Function<Summand, AggregationResult> decoder) {
        return new SimpleBoundedRound(List.copyOf(segments), sensitivity, encoder, decoder);
    }
}
