package org.fl4j.privacy.dp;

import java.util.List;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.UpdateEncoder;

/**
 * One round of a {@link DistributedNoise} for one cohort: its encoder adds the client's share of the noise, and its decoder expects a
 * sum that has all of it. What a client encodes twice has different noise.
 *
 * <p>Segments hold whole numbers modulo 2^k: a contribution has them in [-2^(k-1), 2^(k-1)), and so has the sum that is decoded.
 */
public interface NoisedRound extends LinearRound {

    /**
     * The width of the ring.
     *
     * @return k of each segment, in their order
     */
    List<Integer> bits();

    /**
     * What a client sends that has nothing to contribute: its share of the noise.
     *
     * @return drawn already; to be added once
     */
    UpdateEncoder.Contribution nothing();

    /**
     * The probability that a coordinate of the sum leaves the ring in this round, whatever the inputs are that were fixed before the
     * round's seed was drawn. That costs accuracy, not privacy.
     *
     * @return an upper bound, at most 2^-20
     */
    double wrapProbability();

    /**
     * All numbers that both ends must have in common, for their comparison.
     *
     * @return the same text for the same numbers
     */
    String terms();
}
