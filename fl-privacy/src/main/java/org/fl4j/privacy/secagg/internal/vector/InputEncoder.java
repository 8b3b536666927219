package org.fl4j.privacy.secagg.internal.vector;

import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.privacy.dp.NoisedRound;
import org.fl4j.random.Seeds;
import org.fl4j.secure.SecureAggregator.Participant.LocalWork;

/**
 * Encodes and rounds: a client's integers, still in the clear, which the client masks and erases.
 *
 * @param summed the round of the rule
 * @param plan steps and widths
 */
public record InputEncoder(LinearRound summed, VectorPlan plan) {

    /** Trains and returns the integers of the update, or those of a client with nothing to add. The caller must erase them. */
    public RingVector of(LocalWork local) throws Exception {
        UpdateEncoder encoder = summed.encoder();
        long seed = Seeds.derive(local.task().seed(), "stochastic rounding");
        return local.train(update -> rounded(encoder.encode(update), seed), () -> nothing(seed));
    }

    private RingVector nothing(long seed) {
        return summed instanceof NoisedRound noised ? rounded(noised.nothing(), seed) : RingVector.zero(plan);
    }

    private RingVector rounded(UpdateEncoder.Contribution contribution, long seed) {
        Summand encoded = Summand.zero(summed.segments());
        try {
            contribution.addTo(encoded);
            return Quantizer.of(encoded, plan, seed);
        } finally {
            encoded.erase();
        }
    }
}
