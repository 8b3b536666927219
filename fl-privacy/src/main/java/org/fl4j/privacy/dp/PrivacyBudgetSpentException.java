package org.fl4j.privacy.dp;

import org.fl4j.FederatedLearningException;

/** A client under local differential privacy does not take part any more: its budget is spent. */
public final class PrivacyBudgetSpentException extends FederatedLearningException {

    private static final long serialVersionUID = 1;

    PrivacyBudgetSpentException(String message) {
        super(message);
    }
}
