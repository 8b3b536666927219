package org.fl4j.client;

import org.fl4j.ClientId;
import org.fl4j.FederatedLearningException;

/**
 * An update that cannot go into the aggregate: one that does not answer its task ({@link TrainingTask#requireAnsweredBy}), or
 * one that the rule cannot encode. The round continues without it, as {@link ClientOutcome.Rejected}.
 */
public final class UpdateRejectedException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    /**
     * An update that is rejected.
     *
     * @param reason why, with the values; the driver of the round prefixes it with client and round
     */
    public UpdateRejectedException(String reason) {
        super(reason);
    }

    /** Returns the same rejection, naming the client and the round. */
    public UpdateRejectedException of(ClientId client, int round) {
        return new UpdateRejectedException("client '" + client + "', round " + round + ": " + reason());
    }

    /** Why the update is rejected. */
    public String reason() {
        String reason = getMessage();
        return reason == null ? "" : reason;
    }
}
