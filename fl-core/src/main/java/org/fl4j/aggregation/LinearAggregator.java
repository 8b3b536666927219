package org.fl4j.aggregation;

/**
 * A rule that needs only a sum over clients: encode each update, sum, decode. Because nothing else is needed, the sum
 * can be taken in the clear, under masks, or block by block on a cluster, with the same result.
 *
 * <p>An implementation is held to {@code LinearAggregatorContract} in fl-testkit. A rule around another is a
 * {@link DirectAggregator.Forwarding} as well, and begins a {@link LinearRound.Forwarding}.
 */
public interface LinearAggregator extends DirectAggregator {

    /**
     * Begins a round. A {@linkplain RoundContext#ofParticipant participant} begins it too, from the public part of the
     * context: what only {@link LinearRound#taskVectors} and {@link LinearRound#decode} need is read there and not here.
     *
     * @param context the round
     * @return the round's segments, encoder and decoder
     */
    @Override
    LinearRound begin(RoundContext context);
}
