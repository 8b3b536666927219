package org.fl4j.aggregation.mean;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.internal.Check;
import org.fl4j.weights.ParameterLayout;

/**
 * Federated averaging: the weighted mean of the clients' deltas,
 *
 * <pre>  aggregate = sum_k w_k delta_k / sum_k w_k,   delta_k = local_k - global,</pre>
 *
 * <p>so that with the plain server step the next global weights are the weighted mean of the local ones. Two segments:
 * {@code delta}, the weighted deltas, {@code [d]}, unbounded, so noise cannot be put on this rule (a clipped mean is for
 * that), and {@code weight}, the weights, {@code [1]}, bounded where the weighting is. TRAINABLE and STATISTIC
 * parameters are averaged alike.
 *
 * <p>An update whose weight is not positive and finite, or exceeds the bound, is rejected.
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
    private final double largest;
    private final ToDoubleFunction<ClientUpdate> weight;

    private FedAvg(String name, double largest, ToDoubleFunction<ClientUpdate> weight) {
        this.name = name;
        this.largest = largest;
        this.weight = weight;
    }

    /** Weights all clients equally: w_k = 1. */
    public static FedAvg uniform() {
        return new FedAvg("FedAvg.uniform", 1, update -> 1);
    }

    /** Weights a client by its number of examples: w_k = n_k, the paper's choice. A client may report any number. */
    public static FedAvg byExamples() {
        return new FedAvg("FedAvg.byExamples", Double.POSITIVE_INFINITY, ClientUpdate::numExamples);
    }

    /**
     * Weights a client by its number of examples up to a cap: w_k = min(n_k, cap). So a few clients with many examples, or
     * clients that misreport theirs, do not dominate (McMahan, Ramage, Talwar, Zhang, ICLR 2018, section 2).
     *
     * @throws IllegalArgumentException if the cap is below 1
     */
    public static FedAvg byCappedExamples(long cap) {
        Check.atLeast("cap", cap, 1);
        return new FedAvg("FedAvg.byCappedExamples(" + cap + ")", cap, update -> Math.min(update.numExamples(), cap));
    }

    /**
     * Weights a client by a function, without a bound.
     *
     * @param weight positive and finite; a pure function of the update. It must not throw, also where the update lacks a
     *     scalar that it reads: that would end the run. If it returns 0, the update is rejected
     */
    public static FedAvg weighted(ToDoubleFunction<ClientUpdate> weight) {
        return new FedAvg("FedAvg.weighted", Double.POSITIVE_INFINITY, weight);
    }

    /**
     * Weights a client by a function, up to a bound, so that the sum of weights can be masked.
     *
     * @param largest the bound, positive and finite
     * @param weight in (0, largest]; a pure function of the update, which must not throw, as for {@link #weighted}
     * @throws IllegalArgumentException if the bound is not positive and finite
     */
    public static FedAvg weightedUpTo(double largest, ToDoubleFunction<ClientUpdate> weight) {
        return new FedAvg("FedAvg.weightedUpTo(" + largest + ")", Check.positive("largest", largest), weight);
    }

    /** The weight w_k of a client, for rules that average something else besides. */
    public double weight(ClientUpdate update) {
        return weight.applyAsDouble(update);
    }

    @Override
    public LinearRound begin(RoundContext context) {
        ParameterLayout layout = context.layout();
        return LinearRound.of(
                List.of(Segment.unbounded(Segment.DELTA, layout.length()), Segment.bounded(Segment.WEIGHT, 1, largest)),
                new Encoder(this),
                total -> Aggregation.Result.of(total.toDelta(Segment.DELTA, layout, 1 / total.get(Segment.WEIGHT, 0))));
    }

    @Override
    public String toString() {
        return name;
    }

    private record Encoder(FedAvg rule) implements UpdateEncoder {

        @Override
        public Contribution encode(ClientUpdate update) {
            double w = rule.weight(update);
            if (!(w > 0 && w <= rule.largest && Double.isFinite(w))) {
                throw new UpdateRejectedException(rule.name + ": the weight must be > 0 and "
                        + (Double.isInfinite(rule.largest) ? "< infinity" : "<= " + rule.largest)
                        + ", but was " + w);
            }
            return sum -> {
                sum.add(Segment.DELTA, update.delta(), w);
                sum.add(Segment.WEIGHT, 0, w);
            };
        }
    }
}
