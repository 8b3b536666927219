package org.fl4j;

/**
 * The root of every exception that FL4J throws for a reason of the domain: a corrupt file, an objective no client here
 * knows, a round that was interrupted. Misuse of the API throws the JDK's own {@link IllegalArgumentException},
 * {@link IllegalStateException} or {@link NullPointerException}; a client that fails is not an exception at all but a
 * value, {@code org.fl4j.client.ClientOutcome}.
 */
public class FederatedLearningException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * An exception with a message.
     *
     * @param message who, when, what was expected, what was found, and a hint
     */
    public FederatedLearningException(String message) {
        super(message);
    }

    /**
     * An exception with a message and a cause.
     *
     * @param message who, when, what was expected, what was found, and a hint
     * @param cause what caused it
     */
    public FederatedLearningException(String message, Throwable cause) {
        super(message, cause);
    }
}
