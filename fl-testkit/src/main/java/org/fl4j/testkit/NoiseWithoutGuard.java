package org.fl4j.testkit;

import java.util.List;
import java.util.OptionalDouble;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.weights.ModelDelta;

/** A rule that declares noise but has no guard to charge it: every driver must reject it. */
public record NoiseWithoutGuard() implements LinearAggregator {

    @Override
    public LinearRound begin(RoundContext context) {
        return LinearRound.of(
                List.of(new Segment("s", 1, 1, OptionalDouble.of(1), 3)),
                update -> sum -> sum.add("s", 0, 1),
                total -> Aggregation.Result.of(ModelDelta.zero(context.layout())));
    }
}
