package org.fl4j.data;

import org.fl4j.FederatedLearningException;

/** A data file is not what it claims to be: truncated, of another format, or with a value that cannot be read. */
public final class MalformedDataException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    /**
     * An exception with a message.
     *
     * @param message which file, where in it, what was expected and what was found
     */
    public MalformedDataException(String message) {
        super(message);
    }

    /**
     * An exception with a message and a cause.
     *
     * @param message which file, where in it, what was expected and what was found
     * @param cause what lies behind it
     */
    public MalformedDataException(String message, Throwable cause) {
        super(message, cause);
    }
}
