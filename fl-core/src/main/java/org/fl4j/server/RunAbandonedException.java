package org.fl4j.server;

import org.fl4j.FederatedLearningException;
import org.jspecify.annotations.Nullable;

/**
 * As many rounds in a row were abandoned as {@link RoundPolicy#maxAbandoned} allows, or all of a run of several, so nothing
 * is learned. The message has the first of them and its reason; the cause is what the first failing client of that round
 * threw, if one threw.
 * Every round is in the checkpoint store, abandoned ones too: a run that resumes goes on after them.
 */
public final class RunAbandonedException extends FederatedLearningException {

    private static final long serialVersionUID = 1L;

    RunAbandonedException(String message, @Nullable Throwable cause) {
        super(message);
        if (cause != null) {
            initCause(cause);
        }
    }
}
