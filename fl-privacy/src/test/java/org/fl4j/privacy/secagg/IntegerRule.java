package org.fl4j.privacy.secagg;

import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;

/** A rule whose aggregate is the plain sum of whole numbers: what a masked sum must give bit for bit. */
record IntegerRule(double maxAbs) implements LinearAggregator {

    @Override
    public LinearRound begin(RoundContext context) {
        return LinearRound.of(
                List.of(new Segment(Segment.DELTA, context.layout().length(), maxAbs, OptionalDouble.of(1))),
                update -> sum -> sum.add(Segment.DELTA, update.delta(), 1),
                total -> Aggregation.Result.of(total.toDelta(Segment.DELTA, context.layout(), 1)));
    }
}
