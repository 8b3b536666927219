package org.fl4j.privacy.secagg;

import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.SamplingScheme;
import org.fl4j.state.ComponentState;
import org.fl4j.state.RunId;

/** A guard of masked rounds that admits none whose cohorts are too large as a rule: each would be charged and then fail. */
record CohortGuard(PrivacyBudgetGuard guard, ThreatModel threatModel) implements PrivacyBudgetGuard {

    @Override
    public void open(RunId run, Drawn drawn, int round, ComponentState ledger) {
        guard.open(run, drawn, round, ledger);
    }

    @Override
    public Permit admit(RoundContext context, ComponentState ledger) {
        if (expectedCohort(context) > threatModel.largestCohort()) {
            throw new IllegalArgumentException("round " + context.round() + ": the expected cohort of "
                    + context.sampling()
                    + " is larger than SecureSum's .ofAtMost(...) allows or leaves it; raise it, at the"
                    + " clients as well, or choose smaller cohorts");
        }
        return guard.admit(context, ledger);
    }

    /** Nothing is known of the cohorts of other schemes. */
    private static double expectedCohort(RoundContext context) {
        if (context.sampling() instanceof SamplingScheme.Poisson poisson) {
            return poisson.probability() * context.population();
        }
        if (context.sampling() instanceof SamplingScheme.FixedSize fixed) {
            return Math.min(fixed.size(), context.population());
        }
        return context.sampling() instanceof SamplingScheme.EveryClient ? context.population() : 0;
    }
}
