package org.fl4j.privacy.secagg.internal.cohort;

/** A cohort of a size that cannot be summed. The message has the figures; a private rule's must not, as they count clients. */
public final class CohortSizeException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String uncounted;

    public CohortSizeException(String message, String uncounted) {
        super(message);
        this.uncounted = uncounted;
    }

    /** To be thrown under a private rule, without this as its cause: a cause is logged with its message. */
    public IllegalArgumentException uncounted(int round) {
        return new IllegalArgumentException("round " + round + ": " + uncounted);
    }
}
