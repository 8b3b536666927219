package org.fl4j.secure;

import java.util.List;
import org.fl4j.ClientId;
import org.fl4j.aggregation.MaskedAggregator;
import org.fl4j.aggregation.RoundContext;

/**
 * A rule under which the server sees only a masked sum: a protocol of several stages between a server half, which
 * handles bytes, and a client half in each client. A clear update does not fit the server half's types.
 */
public interface SecureAggregator extends MaskedAggregator {

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
