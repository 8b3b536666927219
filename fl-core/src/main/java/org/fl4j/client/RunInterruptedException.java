package org.fl4j.client;

import org.fl4j.FederatedLearningException;

/** The thread that ran a round was interrupted. The state before the round is still valid. */
public final class RunInterruptedException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    /**
     * An exception with a message.
     *
     * @param message how far the run had come
     */
    public RunInterruptedException(String message) {
        super(message);
    }
}
