package org.fl4j.privacy.dp;

import org.fl4j.FederatedLearningException;

/**
 * A privacy journal is missing, of another run, written by somebody else meanwhile, or does not continue what a run's state
 * says. What was spent is not known, so no round can run and nothing can be stated.
 */
public final class PrivacyJournalException extends FederatedLearningException {

    private static final long serialVersionUID = 1;

    PrivacyJournalException(String message) {
        super(message);
    }
}
