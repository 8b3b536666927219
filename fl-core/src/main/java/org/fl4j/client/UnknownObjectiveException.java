package org.fl4j.client;

import org.fl4j.FederatedLearningException;

/** A task asks for an objective that the client cannot honour; it does not train with another one instead. */
public final class UnknownObjectiveException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    /**
     * An exception with a message.
     *
     * @param message who, when, what was asked, what is known
     */
    public UnknownObjectiveException(String message) {
        super(message);
    }
}
