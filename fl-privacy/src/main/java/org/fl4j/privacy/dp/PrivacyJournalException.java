package org.fl4j.privacy.dp;

import org.fl4j.FederatedLearningException;

/**
 * A privacy journal is missing, belongs to another run, was written by another writer, or does not continue a run's state. What
 * was spent is not known, so no round can run and nothing can be stated.
 */
public final class PrivacyJournalException extends FederatedLearningException {

    private static final long serialVersionUID = 1;

    PrivacyJournalException(String message) {
        super(message);
    }
}
