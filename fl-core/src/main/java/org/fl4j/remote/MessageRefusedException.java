package org.fl4j.remote;

import org.fl4j.FederatedLearningException;

/**
 * A message that changed nothing: neither a request that is pending nor a client's answer was touched. Its text names the sender and
 * what is wrong, and holds nothing of the message's content, so it may be logged.
 */
public final class MessageRefusedException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    private final Refusal refusal;

    MessageRefusedException(Refusal refusal, String message) {
        super(message);
        this.refusal = refusal;
    }

    MessageRefusedException(Refusal refusal, String message, Throwable cause) {
        super(message, cause);
        this.refusal = refusal;
    }

    /** Why, for a status of the transport. */
    public Refusal refusal() {
        return refusal;
    }

    /** Why a message is refused; the HTTP status that fits is in parentheses. */
    public enum Refusal {
        /** The sender is not of the population (403). */
        UNKNOWN_CLIENT,
        /** Longer than the limit (413). */
        TOO_LARGE,
        /** Damaged, or of no known kind (400). */
        MALFORMED,
        /** It names another client than the one that sent it, or a request that is not pending (409). */
        FOREIGN,
        /** It repeats the last message's id with other content, or a message from before it (409). */
        REPLAYED
    }
}
