package org.fl4j.testkit;

import java.util.List;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;

/**
 * The smallest linear rule, for tests that need some rule: the mean of the deltas weighted by examples,
 *
 * <pre>  aggregate = sum_k n_k delta_k / sum_k n_k.</pre>
 *
 * <p>Two segments, {@code delta} and {@code weight}. With an empty sum the aggregate is NaN. Immutable and thread-safe.
 */
public final class TestMean implements LinearAggregator {

    @Override
    public LinearRound begin(RoundContext context) {
        return LinearRound.of(
                List.of(
                        Segment.unbounded(Segment.DELTA, context.layout().length()),
                        Segment.unbounded(Segment.WEIGHT, 1)),
                update -> sum -> {
                    double weight = (double) update.numExamples();
                    sum.add(Segment.DELTA, update.delta(), weight);
                    sum.add(Segment.WEIGHT, 0, weight);
                },
                total -> Aggregation.Result.of(
                        total.toDelta(Segment.DELTA, context.layout(), 1 / total.get(Segment.WEIGHT, 0))));
    }

    @Override
    public String toString() {
        return "TestMean";
    }
}
