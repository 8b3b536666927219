package org.fl4j.server;

import org.fl4j.aggregation.CohortVisibility;
import org.fl4j.secure.SecureAggregator;

/** Builds a server that sees only masked sums. Not thread-safe. */
public final class SecureBuilder extends ServerBuilder<SecureBuilder> {

    private boolean membersTrusted;

    SecureBuilder(SecureAggregator rule) {
        super(rule);
    }

    /**
     * Declares, for a private rule, that the clients of a cohort are trusted not to use what they learn of it. In a masked
     * sum every member learns the cohort's size, on the complete graph every id, so sampling hides nobody from them.
     * Without this the budget counts every round without amplification; with it, it is kept by the amplified figure, which
     * then holds against outsiders only. Both figures are in the rule's statement either way.
     *
     * <p>Outsiders learn something of the cohort's size, too: that a masked round recovered a sum says that it reached the
     * smallest workable size, and given that a client was sampled with a probability a little above q. Of 5,000 clients at
     * q = 0.01 and no cohort below 50, every second cohort is too small, and it is some 1.1 q. Choose q and population so that
     * such cohorts are rare.
     *
     * @return this builder
     */
    public SecureBuilder cohortMembersAreTrusted() {
        membersTrusted = true;
        return this;
    }

    @Override
    SecureBuilder self() {
        return this;
    }

    @Override
    CohortVisibility visibleByTakingPart() {
        return membersTrusted ? CohortVisibility.TRUSTED_MEMBERS : CohortVisibility.MEMBERS;
    }
}
