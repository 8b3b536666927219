package org.fl4j.privacy.dp;

import org.fl4j.privacy.accounting.Composition;
import org.fl4j.privacy.accounting.Interval;
import org.fl4j.privacy.accounting.PrivacyLossAccountant;

/**
 * What a run costs against one kind of observer.
 *
 * @param releases every release that was charged, as this observer sees it
 * @param epsilon certified: the true epsilon of these releases is in it
 */
public record PrivacyFigure(Composition releases, Interval epsilon) {

    static PrivacyFigure of(Composition releases, double privacyDelta, PrivacyLossAccountant accountant) {
        return new PrivacyFigure(releases, accountant.epsilon(releases, privacyDelta));
    }

    long rounds() {
        return releases.events().values().stream().mapToLong(Long::longValue).sum();
    }

    boolean isBounded() {
        return epsilon.upper() < Double.POSITIVE_INFINITY;
    }
}
