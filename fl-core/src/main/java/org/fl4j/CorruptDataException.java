package org.fl4j;

/** Bytes that are not what they should be: truncated, altered or of another kind. */
public final class CorruptDataException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    /**
     * An exception with a message.
     *
     * @param message which data, what was expected, what was found
     */
    public CorruptDataException(String message) {
        super(message);
    }

    /**
     * An exception with a message and a cause.
     *
     * @param message which data, what was expected, what was found
     * @param cause what found it
     */
    public CorruptDataException(String message, Throwable cause) {
        super(message, cause);
    }
}
