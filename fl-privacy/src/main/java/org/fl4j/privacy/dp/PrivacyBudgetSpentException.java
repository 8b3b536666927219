package org.fl4j.privacy.dp;

import org.fl4j.FederatedLearningException;

/** A client under local differential privacy cannot take part: that would exceed its budget. */
public final class PrivacyBudgetSpentException extends FederatedLearningException {

    private static final long serialVersionUID = 1;

    PrivacyBudgetSpentException(String message) {
        super(message);
    }
}
