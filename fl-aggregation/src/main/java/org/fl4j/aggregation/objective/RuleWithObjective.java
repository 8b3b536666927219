package org.fl4j.aggregation.objective;

import java.util.Optional;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;

/** A rule whose clients minimise another objective; as bounded, linear or direct as the rule, and in all else the rule. */
abstract class RuleWithObjective<A extends DirectAggregator> {

    final A rule;
    private final ObjectiveSpec objective;
    private final LocalObjective localObjective;

    private RuleWithObjective(A rule, ObjectiveSpec objective, LocalObjective localObjective) {
        this.rule = rule;
        this.objective = objective;
        this.localObjective = localObjective;
    }

    public ObjectiveSpec objective() {
        return objective;
    }

    public Optional<LocalObjective> localObjective() {
        return Optional.of(localObjective);
    }

    public Optional<PrivacyBudgetGuard> guard() {
        return rule.guard();
    }

    /** The objective, then the rule: {@code proximal(mu=0.01) on FedAvg.byExamples}. */
    @Override
    public String toString() {
        return objective + " on " + rule;
    }

    static final class Direct extends RuleWithObjective<DirectAggregator> implements DirectAggregator {

        Direct(DirectAggregator rule, ObjectiveSpec objective, LocalObjective localObjective) {
            super(rule, objective, localObjective);
        }

        @Override
        public DirectRound begin(RoundContext context) {
            return DirectRound.guarded(rule, context);
        }
    }

    static final class Linear extends RuleWithObjective<LinearAggregator> implements LinearAggregator {

        Linear(LinearAggregator rule, ObjectiveSpec objective, LocalObjective localObjective) {
            super(rule, objective, localObjective);
        }

        @Override
        public LinearRound begin(RoundContext context) {
            return rule.begin(context);
        }
    }

    static final class Bounded extends RuleWithObjective<BoundedAggregator> implements BoundedAggregator {

        Bounded(BoundedAggregator rule, ObjectiveSpec objective, LocalObjective localObjective) {
            super(rule, objective, localObjective);
        }

        @Override
        public BoundedRound begin(RoundContext context) {
            return rule.begin(context);
        }
    }
}
