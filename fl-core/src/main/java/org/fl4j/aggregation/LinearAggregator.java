package org.fl4j.aggregation;

import java.util.List;

/**
 * A rule that needs only a sum over clients: encode each update, sum, decode. Because nothing else is needed, the sum
 * can be taken in the clear, under masks, or block by block on a cluster, with the same result.
 *
 * <p>An implementation is held to {@code LinearAggregatorContract} in the test-jar.
 */
public interface LinearAggregator extends DirectAggregator {

    /**
     * The segments of the sum.
     *
     * @param context the round
     * @return with different names; fixed for the round. {@link Segment#noise} states what {@link #decode} adds
     */
    List<Segment> segments(RoundContext context);

    /**
     * What turns updates into contributions.
     *
     * @param context the round
     * @return the encoder
     */
    UpdateEncoder encoder(RoundContext context);

    /**
     * Makes an aggregate of the sum. A rule with a {@link #guard} adds its noise first, by {@link Summand#withNoise}, and
     * then returns a result whatever the sum is: under masks a client can send any integers, and an exception would be a
     * release without noise.
     *
     * @param total the sum over the cohort; not empty unless the rule has a {@link #guard}
     * @param context the round
     * @return the aggregate
     */
    AggregationResult decode(Summand total, RoundContext context);

    @Override
    default LinearAggregation begin(RoundContext context) {
        return new LinearAggregation(this, context);
    }
}
