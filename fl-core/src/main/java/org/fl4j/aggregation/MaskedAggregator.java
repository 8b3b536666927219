package org.fl4j.aggregation;

import java.util.Map;
import org.fl4j.weights.ModelDelta;

/**
 * A rule under which the server sees only a masked sum. The protocol between the two ends is
 * {@code org.fl4j.secure.SecureAggregator}, in whose package both are; the ladder is sealed in this one.
 */
public non-sealed interface MaskedAggregator extends Aggregator {

    /**
     * Named vectors for every client's task, as {@link DirectRound#taskVectors} of the rule that is summed.
     *
     * @param context the round
     * @return none unless the rule needs some
     */
    Map<String, ModelDelta> taskVectors(RoundContext context);
}
