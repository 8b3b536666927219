package org.fl4j.privacy.secagg;

/** A cohort of a size that cannot be summed. The message has the figures; a private rule's must not, as they count clients. */
final class CohortSizeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String uncounted;

    CohortSizeException(String message, String uncounted) {
        super(message);
        this.uncounted = uncounted;
    }

    /** To be thrown under a private rule; not the cause of anything, as a cause is logged with its message. */
    IllegalArgumentException uncounted(int round) {
        return new IllegalArgumentException("round " + round + ": " + uncounted);
    }
}
