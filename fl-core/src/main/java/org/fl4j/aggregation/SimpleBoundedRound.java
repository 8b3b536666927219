package org.fl4j.aggregation;

import java.util.List;
import java.util.function.Function;

/** A bounded round from its four parts. */
record SimpleBoundedRound(
        List<Segment> segments,
        Sensitivity sensitivity,
        UpdateEncoder encoder,
        Function<Summand, AggregationResult> decoder)
        implements BoundedRound {

    @Override
    public AggregationResult decode(Summand total) {
        return decoder.apply(total);
    }
}
