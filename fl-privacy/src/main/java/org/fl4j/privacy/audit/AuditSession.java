package org.fl4j.privacy.audit;

import org.fl4j.weights.ParameterLayout;
import org.jspecify.annotations.Nullable;

/** What the canaries of one audit share. Thread-safe. */
final class AuditSession {

    private final AuditTerms terms;
    private final CanarySecrets secrets;
    private volatile @Nullable Directions latest;

    AuditSession(AuditTerms terms, CanarySecrets secrets) {
        this.terms = terms;
        this.secrets = secrets;
    }

    AuditTerms terms() {
        return terms;
    }

    CanarySecrets secrets() {
        return secrets;
    }

    /** Made once: a run has one layout. */
    Directions directions(ParameterLayout layout) {
        Directions known = latest;
        if (known == null || !known.layout().equals(layout)) {
            known = Directions.of(layout, terms.canaries(), secrets.seed());
            latest = known;
        }
        return known;
    }
}
