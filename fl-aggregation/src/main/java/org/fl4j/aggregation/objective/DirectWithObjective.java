package org.fl4j.aggregation.objective;

import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.ReleaseGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.client.ObjectiveId;
import org.fl4j.model.ModelDelta;

/** A rule that looks at each update whose clients minimise something else; in all other respects the rule itself. */
record DirectWithObjective(DirectAggregator rule, ObjectiveId objective) implements DirectAggregator {

    @Override
    public Aggregation begin(RoundContext context) {
        return rule.begin(context);
    }

    @Override
    public Map<String, ModelDelta> taskVectors(RoundContext context) {
        return rule.taskVectors(context);
    }

    @Override
    public Optional<ReleaseGuard> guard() {
        return rule.guard();
    }

    /** The objective, then the rule: {@code proximal(mu=0.01) on FedAvg.byExamples}. */
    @Override
    public String toString() {
        return objective + " on " + rule;
    }
}
