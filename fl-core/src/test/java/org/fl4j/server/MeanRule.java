package org.fl4j.server;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.PrivacyBudgetGuard;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * The mean of the deltas, weighted by examples; of none it is zero. It remembers how often it was asked, and has what a
 * rule may have besides: an objective, vectors for the clients, a guard, a dislike of updates with many examples.
 */
public record MeanRule(
        ObjectiveSpec objective,
        Optional<LocalObjective> localObjective,
        Function<RoundContext, Map<String, ModelDelta>> vectors,
        Optional<PrivacyBudgetGuard> guard,
        long mostExamples)
        implements LinearAggregator {

    public static MeanRule plain() {
        return new MeanRule(
                ObjectiveSpec.EMPIRICAL_RISK, Optional.empty(), context -> Map.of(), Optional.empty(), Long.MAX_VALUE);
    }

    /** An objective that only clients in other JVMs know. */
    MeanRule minimising(ObjectiveSpec other) {
        return new MeanRule(other, Optional.empty(), vectors, guard, mostExamples);
    }

    public MeanRule minimising(ObjectiveSpec other, LocalObjective behaviour) {
        return new MeanRule(other, Optional.of(behaviour), vectors, guard, mostExamples);
    }

    MeanRule sending(Function<RoundContext, Map<String, ModelDelta>> toClients) {
        return new MeanRule(objective, localObjective, toClients, guard, mostExamples);
    }

    MeanRule guardedBy(PrivacyBudgetGuard who) {
        return new MeanRule(objective, localObjective, vectors, Optional.of(who), mostExamples);
    }

    MeanRule rejectingAbove(long examples) {
        return new MeanRule(objective, localObjective, vectors, guard, examples);
    }

    @Override
    public LinearRound begin(RoundContext context) {
        return new LinearRound() {
            @Override
            public Map<String, ModelDelta> taskVectors() {
                return vectors.apply(context);
            }

            @Override
            public List<Segment> segments() {
                return List.of(
                        Segment.unbounded(Segment.DELTA, context.layout().length()),
                        Segment.unbounded(Segment.WEIGHT, 1));
            }

            @Override
            public UpdateEncoder encoder() {
                return update -> {
                    if (update.numExamples() > mostExamples) {
                        throw new UpdateRejectedException(
                                update.numExamples() + " examples are more than " + mostExamples);
                    }
                    return sum -> {
                        sum.add(Segment.DELTA, update.delta(), (double) update.numExamples());
                        sum.add(Segment.WEIGHT, 0, (double) update.numExamples());
                    };
                };
            }

            @Override
            public Aggregation.Result decode(Summand total) {
                double weight = total.get(Segment.WEIGHT, 0);
                long asked = context.state().isEmpty() ? 1 : context.state().longValue("asked") + 1;
                return new Aggregation.Result(
                        total.toDelta(Segment.DELTA, context.layout(), weight == 0 ? 0 : 1 / weight),
                        ComponentState.of("mean", 1).with("asked", asked),
                        Map.of("asked", (double) asked));
            }
        };
    }

    @Override
    public String toString() {
        return "MeanRule";
    }
}
