package org.fl4j.aggregation;

import java.util.List;
import java.util.function.Function;

/** A linear round from its three parts. */
record SimpleLinearRound(List<Segment> segments, UpdateEncoder encoder, Function<Summand, Aggregation.Result> decoder)
        implements LinearRound {

    @Override
    public Aggregation.Result decode(Summand total) {
        return decoder.apply(total);
    }
}
