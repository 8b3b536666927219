package org.fl4j.server;

import java.time.Duration;
import org.fl4j.aggregation.Aggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.secure.SecureAggregator;
import org.fl4j.server.selection.ClientSelector;

/** Which rules, selectors and policies exclude each other. */
record PolicyCheck(Aggregator rule, ClientSelector selector, RoundPolicy policy, RoundContext.CohortVisibility cohort) {

    void run(boolean participationPublic, boolean countsTime) {
        checkInformed();
        checkTime(countsTime);
        checkSeparation();
        boolean more = policy.overSelection() > 0;
        if (more && !selector.overSelects()) {
            throw new IllegalStateException("over-selection of " + policy.overSelection()
                    + " needs a uniform sample of fixed size, such as ClientSelector.uniform, but the scheme is "
                    + selector.scheme());
        }
        if (selector.scheme() instanceof SamplingScheme.FixedSize fixed && policy.minUpdates() > fixed.size()) {
            throw new IllegalStateException("minUpdates of " + policy.minUpdates()
                    + " can never be reached: a round ends with " + fixed.size() + " updates of " + selector.scheme());
        }
        if (rule.isPrivate() && more) {
            throw new IllegalStateException("a private rule rejects over-selection, here " + policy.overSelection()
                    + ": a client that drops out is replaced by another, so one client changes the sum by up to two"
                    + " contributions, but only one is charged");
        }
        if (rule.isPrivate() && !participationPublic && policy.minUpdates() > 0) {
            throw new IllegalStateException("a private rule rejects minUpdates, here " + policy.minUpdates()
                    + ": whether a round is abandoned would show who took part; call participationCountsArePublic() if that is"
                    + " acceptable");
        }
        if (rule.isPrivate() && !participationPublic && policy.retries().most() > 0) {
            throw new IllegalStateException("a private rule rejects retries, here "
                    + policy.retries().most()
                    + ": how many attempts a round takes would show who took part; call participationCountsArePublic() if that"
                    + " is acceptable");
        }
        if (rule.isPrivate() && participationPublic && amplifies()) {
            throw new IllegalStateException("a private rule rejects participationCountsArePublic() with "
                    + selector.scheme()
                    + ": its amplification requires a secret cohort size; use another selector, such as"
                    + " ClientSelector.uniform, under which every round is charged without amplification");
        }
        if (more && rule instanceof SecureAggregator) {
            throw new IllegalStateException("a secure rule rejects over-selection, here " + policy.overSelection()
                    + ": masks need a fixed cohort, and the protocol tolerates dropouts without it");
        }
    }

    /** Whether the budget is charged an amplified figure, which public counts would void. */
    private boolean amplifies() {
        return cohort != RoundContext.CohortVisibility.MEMBERS
                && selector.scheme() instanceof SamplingScheme.Poisson poisson
                && poisson.source() == SamplingScheme.Source.CRYPTOGRAPHIC
                && poisson.probability() < 1;
    }

    private void checkSeparation() {
        if (selector.scheme() instanceof SamplingScheme.Separated separated
                && policy.retries().most() > 0) {
            throw new IllegalStateException("retries, here " + policy.retries().most()
                    + ", are rejected with " + separated
                    + ": another attempt asks the same clients again within the round");
        }
    }

    private void checkTime(boolean counted) {
        if (selector.next(Duration.ZERO).isEmpty() || (counted && !rule.isPrivate())) {
            return;
        }
        throw new IllegalStateException("a selector among clients that are available at certain times, here "
                + selector.scheme() + ", needs time to pass, but "
                + (counted
                        ? "none is counted under a private rule: it would show who took part"
                        : "the server's runner counts none; use a VirtualRunner, or Simulation.latency"));
    }

    private void checkInformed() {
        if (!(selector instanceof ClientSelector.Informed)) {
            return;
        }
        if (rule.isPrivate()) {
            throw new IllegalStateException("a private rule rejects a selector that depends on single clients' reports,"
                    + " here " + selector.scheme() + ": whom it chooses would show what they reported; use"
                    + " ClientSelector.poisson or another that does not depend on them");
        }
        if (rule instanceof SecureAggregator) {
            throw new IllegalStateException("a secure rule rejects a selector that depends on single clients' reports,"
                    + " here " + selector.scheme() + ": they do not reach the server; use ClientSelector.uniform or"
                    + " another that does not depend on them");
        }
    }
}
