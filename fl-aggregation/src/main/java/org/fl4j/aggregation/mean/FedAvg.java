package org.fl4j.aggregation.mean;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.fl4j.aggregation.AggregationResult;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;

/**
 * Federated averaging: the weighted mean of the clients' deltas,
 *
 * <pre>  aggregate = sum_k w_k delta_k / sum_k w_k,   delta_k = local_k - global,</pre>
 *
 * <p>so that with the plain server step the next global weights are the weighted mean of the local ones. Two segments:
 * {@code delta}, the weighted deltas, {@code [d]}, and {@code weight}, the weights, {@code [1]}; both unbounded, so
 * noise cannot be put on this rule (a clipped mean is for that). TRAINABLE and STATISTIC parameters are averaged alike.
 *
 * <p>Sums in FP64 in the order of the cohort, rounded once to the layout's dtype. Immutable and thread-safe.
 *
 * <p>Privacy: under a direct server each update is seen in the clear.
 *
 * <p>Source: McMahan, Moore, Ramage, Hampson, Aguera y Arcas, "Communication-Efficient Learning of Deep Networks from
 * Decentralized Data", AISTATS 2017, algorithm 1.
 *
 * @implNote the paper divides by the examples of the cohort's clients that it selected; here, as in every later system,
 *     by those of the clients whose updates arrived.
 */
public final class FedAvg implements LinearAggregator {

    private final String name;
    private final ToDoubleFunction<ClientUpdate> weight;

    private FedAvg(String name, ToDoubleFunction<ClientUpdate> weight) {
        this.name = name;
        this.weight = weight;
    }

    /**
     * Every client counts the same: w_k = 1.
     *
     * @return the rule
     */
    public static FedAvg uniform() {
        return new FedAvg("FedAvg.uniform", update -> 1);
    }

    /**
     * A client counts by the size of its data: w_k = n_k, the paper's choice.
     *
     * @return the rule
     */
    public static FedAvg byExamples() {
        return new FedAvg("FedAvg.byExamples", ClientUpdate::numExamples);
    }

    @Override
    public List<Segment> segments(RoundContext context) {
        return List.of(
                Segment.unbounded(Segment.DELTA, context.layout().length()), Segment.unbounded(Segment.WEIGHT, 1));
    }

    @Override
    public UpdateEncoder encoder(RoundContext context) {
        return (update, into) -> {
            double w = weight.applyAsDouble(update);
            into.add(Segment.DELTA, update.delta(), w);
            into.add(Segment.WEIGHT, 0, w);
        };
    }

    @Override
    public AggregationResult decode(Summand total, RoundContext context) {
        double weights = total.get(Segment.WEIGHT, 0);
        return AggregationResult.of(total.toDelta(Segment.DELTA, context.layout(), 1 / weights));
    }

    @Override
    public String toString() {
        return name;
    }
}
