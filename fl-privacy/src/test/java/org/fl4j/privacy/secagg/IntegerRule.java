package org.fl4j.privacy.secagg;

import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.aggregation.AggregationResult;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;

/** A rule whose aggregate is the plain sum of whole numbers: what a masked sum must give bit for bit. */
record IntegerRule(double maxAbs) implements LinearAggregator {

    @Override
    public List<Segment> segments(RoundContext context) {
        return List.of(new Segment(Segment.DELTA, context.layout().length(), maxAbs, OptionalDouble.of(1)));
    }

    @Override
    public UpdateEncoder encoder(RoundContext context) {
        return (update, into) -> into.add(Segment.DELTA, update.delta(), 1);
    }

    @Override
    public AggregationResult decode(Summand total, RoundContext context) {
        return AggregationResult.of(total.toDelta(Segment.DELTA, context.layout(), 1));
    }
}
