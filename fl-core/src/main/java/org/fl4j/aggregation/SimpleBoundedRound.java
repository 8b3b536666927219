package org.fl4j.aggregation;

import java.util.List;
import java.util.function.Function;

/** A bounded round from its four parts. */
record SimpleBoundedRound(
        List<Segment> segments,
        BoundedRound.Sensitivity sensitivity,
        UpdateEncoder encoder,
        Function<Summand, Aggregation.Result> decoder)
        implements BoundedRound {

    @Override
    public Aggregation.Result decode(Summand total) {
        return decoder.apply(total);
    }
}
