package org.fl4j.aggregation;

import java.util.List;
import java.util.Map;
import org.fl4j.ClientId;
import org.fl4j.weights.ModelDelta;

/**
 * A rule under which the server sees only a masked sum: a protocol of several stages between a server half, which
 * handles bytes, and a client half in each client. A clear update does not fit the server half's types.
 */
public non-sealed interface SecureAggregator extends Aggregator {

    /**
     * Named vectors for every client's task, as {@link DirectRound#taskVectors} of the rule that is summed.
     *
     * @param context the round
     * @return none unless the rule needs some
     */
    Map<String, ModelDelta> taskVectors(RoundContext context);

    /**
     * Starts the server's half of a round.
     *
     * @param context the round
     * @param cohort the clients, in order
     * @return to be driven stage by stage and closed
     */
    SecureRound begin(RoundContext context, List<ClientId> cohort);

    /**
     * A client's half of one round.
     *
     * @param self the client
     * @return to be asked once a stage and closed
     */
    SecureParticipant participant(ClientId self);
}
