package org.fl4j.server;

import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.selection.ClientSelector;

/** Which rules, selectors and policies exclude each other. */
record PolicyCheck(Aggregator rule, ClientSelector selector, RoundPolicy policy, RoundContext.CohortVisibility cohort) {

    void run(boolean participationPublic) {
        checkInformed();
        boolean more = policy.overSelection() > 0;
        if (more && !(selector.scheme() instanceof SamplingScheme.FixedSize)) {
            throw new IllegalStateException("over-selection of " + policy.overSelection()
                    + " needs a uniform sample of fixed size, such as ClientSelector.uniform, but the scheme is "
                    + selector.scheme());
        }
        if (selector.scheme() instanceof SamplingScheme.FixedSize fixed && policy.minUpdates() > fixed.size()) {
            throw new IllegalStateException("minUpdates of " + policy.minUpdates()
                    + " can never be reached: a round ends with " + fixed.size() + " updates of " + selector.scheme());
        }
        if (rule.isPrivate() && more) {
            throw new IllegalStateException("a private rule takes no over-selection, here " + policy.overSelection()
                    + ": a client that stays away lets another one in, so it moves the sum by both contributions where one"
                    + " is booked");
        }
        if (rule.isPrivate() && !participationPublic && policy.minUpdates() > 0) {
            throw new IllegalStateException("a private rule takes no minUpdates, here " + policy.minUpdates()
                    + ": whether a round goes on would show who took part; call participationCountsArePublic() if that is"
                    + " acceptable");
        }
        if (rule.isPrivate() && participationPublic && amplifies()) {
            throw new IllegalStateException("a private rule takes no participationCountsArePublic() beside "
                    + selector.scheme() + ": the amplification it counts on needs the cohort's size to be secret; use"
                    + " another selector, such as ClientSelector.uniform, under which every round counts in full");
        }
        if (more && rule instanceof SecureAggregator) {
            throw new IllegalStateException("a secure rule takes no over-selection, here " + policy.overSelection()
                    + ": masks need a fixed cohort, and dropouts are survived without it");
        }
    }

    /** Whether the budget is kept by an amplified figure, which public counts would take away. */
    private boolean amplifies() {
        return cohort != RoundContext.CohortVisibility.MEMBERS
                && selector.scheme() instanceof SamplingScheme.Poisson poisson
                && poisson.source() == SamplingScheme.Source.CRYPTOGRAPHIC
                && poisson.probability() < 1;
    }

    private void checkInformed() {
        if (!(selector instanceof ClientSelector.Informed)) {
            return;
        }
        if (rule.isPrivate()) {
            throw new IllegalStateException(
                    "a private rule takes no selector that goes by what single clients reported,"
                            + " here " + selector.scheme() + ": whom it chooses would show what they reported; use"
                            + " ClientSelector.poisson or another that does not ask");
        }
        if (rule instanceof SecureAggregator) {
            throw new IllegalStateException("a secure rule takes no selector that goes by what single clients reported,"
                    + " here " + selector.scheme() + ": it does not reach the server; use ClientSelector.uniform or"
                    + " another that does not ask");
        }
    }
}
