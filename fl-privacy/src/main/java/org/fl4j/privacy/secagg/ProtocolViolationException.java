package org.fl4j.privacy.secagg;

import org.fl4j.FederatedLearningException;

/**
 * A client received a message that it must not answer: one that was altered or is not due, terms that are not its own, lists that
 * contradict each other. A message without the server's seal changes nothing, and the right one may still arrive; after a sealed
 * one the client drops out of the round. None of its secrets has been sent.
 */
public final class ProtocolViolationException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    /**
     * An exception with a message.
     *
     * @param message which client, in which round, who sent what, and what was expected
     */
    public ProtocolViolationException(String message) {
        super(message);
    }
}
