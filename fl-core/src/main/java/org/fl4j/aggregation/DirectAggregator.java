package org.fl4j.aggregation;

/**
 * A rule that sees each update in the clear: it can do anything, and trusts the server with everything.
 *
 * <p>Rules that need only a sum should implement {@link LinearAggregator}, which can be masked and noised.
 */
public non-sealed interface DirectAggregator extends Aggregator {

    /**
     * Begins a round.
     *
     * @param context the round
     * @return what clients are sent and how their updates combine
     */
    DirectRound begin(RoundContext context);

    /** A rule around another that the server sees no more of than of this one. */
    non-sealed interface Forwarding extends DirectAggregator, Aggregator.Forwarding {}
}
