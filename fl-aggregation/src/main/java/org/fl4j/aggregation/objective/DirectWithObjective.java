package org.fl4j.aggregation.objective;

import java.util.Optional;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ObjectiveSpec;

/** A rule whose clients minimise something else; in all other respects the rule itself. */
record DirectWithObjective(DirectAggregator rule, ObjectiveSpec objective) implements DirectAggregator {

    @Override
    public DirectRound begin(RoundContext context) {
        return DirectRound.guarded(rule, context);
    }

    @Override
    public Optional<PrivacyBudgetGuard> guard() {
        return rule.guard();
    }

    /** The objective, then the rule: {@code proximal(mu=0.01) on FedAvg.byExamples}. */
    @Override
    public String toString() {
        return objective + " on " + rule;
    }
}
