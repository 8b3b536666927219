package org.fl4j.aggregation.objective;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.AggregationResult;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.ReleaseGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Sensitivity;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ObjectiveId;
import org.fl4j.model.ModelDelta;

/** A bounded rule whose clients minimise something else; in all other respects the rule itself. */
record BoundedWithObjective(BoundedAggregator rule, ObjectiveId objective) implements BoundedAggregator {

    @Override
    public List<Segment> segments(RoundContext context) {
        return rule.segments(context);
    }

    @Override
    public UpdateEncoder encoder(RoundContext context) {
        return rule.encoder(context);
    }

    @Override
    public AggregationResult decode(Summand total, RoundContext context) {
        return rule.decode(total, context);
    }

    @Override
    public Sensitivity sensitivity(RoundContext context) {
        return rule.sensitivity(context);
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
