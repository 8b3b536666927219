package org.fl4j.aggregation.robust;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/** A linear rule with all that a wrapper must pass on. It rejects updates of more than one example with the norm of the delta. */
record GuardedRule(Optional<PrivacyBudgetGuard> guard) implements LinearAggregator {

    @Override
    public ObjectiveSpec objective() {
        return ObjectiveSpec.of("pull", "strength", 0.5);
    }

    @Override
    public LinearRound begin(RoundContext context) {
        return new LinearRound() {
            @Override
            public Map<String, ModelDelta> taskVectors() {
                return Map.of("control", ModelDelta.zero(context.layout()));
            }

            @Override
            public List<Segment> segments() {
                return List.of(Segment.unbounded("sum", context.layout().length()));
            }

            @Override
            public UpdateEncoder encoder() {
                return update -> {
                    if (update.numExamples() > 1) {
                        throw new UpdateRejectedException(
                                "norm " + update.delta().norm2());
                    }
                    return sum -> sum.add("sum", update.delta(), 1);
                };
            }

            @Override
            public Aggregation.Result decode(Summand total) {
                return new Aggregation.Result(
                        total.toDelta("sum", context.layout(), 1),
                        ComponentState.of("guarded", 1).with("rounds", (long) context.round()),
                        Map.of("metric", 1.0));
            }
        };
    }
}
