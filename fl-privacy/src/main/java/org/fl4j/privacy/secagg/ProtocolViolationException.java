package org.fl4j.privacy.secagg;

import org.fl4j.FederatedLearningException;

/**
 * A client was sent something that it must not answer: a message that was altered or is not due, terms that are not its
 * own, lists that contradict each other. The client is then out of the round, and none of its secrets left it.
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
