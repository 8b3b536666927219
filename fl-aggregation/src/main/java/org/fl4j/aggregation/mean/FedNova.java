package org.fl4j.aggregation.mean;

import java.util.List;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.Summand;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/**
 * Normalised averaging of unequal amounts of local work: each delta is divided by how many gradients it adds up, and
 * their mean is stretched by the mean number,
 *
 * <pre>  aggregate = tau_eff * sum_k p_k delta_k / ||a_k||_1,   tau_eff = sum_k p_k ||a_k||_1,   p_k = n_k / sum_j n_j.</pre>
 *
 * <p>Under FedAvg a client that takes more steps pulls the result towards its own optimum beyond its share of the data;
 * here the weight of a client's gradients is p_k only. With plain SGD ||a_k||_1 is the number of steps; with FedProx's pull
 * it is smaller, and {@code FedProx.on(FedNova.byExamples(), mu)} uses the right one. The client reports it as the
 * scalar {@value ClientUpdate#STEPS}; an update without it is rejected: its optimizer is not plain SGD.
 *
 * <p>Three segments, all unbounded: {@code delta} {@code [d]}, {@code steps} {@code [1]}, {@code weight} {@code [1]}.
 * STATISTIC parameters are not moved by steps: of those it is the mean weighted by p_k. Where all clients take equally
 * many steps it is FedAvg, up to FP64 rounding. Sums in FP64, rounded once. Immutable and thread-safe.
 *
 * <p>Privacy: under a direct server each update is seen in the clear.
 *
 * <p>Source: Wang, Liu, Liang, Joshi, Poor, "Tackling the Objective Inconsistency Problem in Heterogeneous Federated
 * Optimization", NeurIPS 2020, equations 8 and 9, with tau_eff as in section 5 (the choice that keeps FedAvg's overall
 * step).
 */
public final class FedNova implements LinearAggregator {

    private static final String STEPS = "steps";
    private static final FedNova BY_EXAMPLES = new FedNova();

    private FedNova() {}

    /** The paper's weights: p_k in proportion to the client's examples. */
    public static FedNova byExamples() {
        return BY_EXAMPLES;
    }

    @Override
    public LinearRound begin(RoundContext context) {
        ParameterLayout layout = context.layout();
        return LinearRound.of(
                List.of(
                        Segment.unbounded(Segment.DELTA, layout.length()),
                        Segment.unbounded(STEPS, 1),
                        Segment.unbounded(Segment.WEIGHT, 1)),
                new Encoder(),
                total -> decode(total, layout));
    }

    private static Aggregation.Result decode(Summand total, ParameterLayout layout) {
        double weights = total.get(Segment.WEIGHT, 0);
        double effectiveSteps = total.get(STEPS, 0) / weights;
        ParameterSpec.Role.Factors factors = new ParameterSpec.Role.Factors(effectiveSteps / weights, 1 / weights);
        return Aggregation.Result.of(total.toDelta(Segment.DELTA, layout, factors));
    }

    @Override
    public String toString() {
        return "FedNova.byExamples";
    }

    private record Encoder() implements UpdateEncoder {

        @Override
        public Contribution encode(ClientUpdate update) {
            OptionalDouble given = update.scalar(ClientUpdate.STEPS);
            if (given.isEmpty()) {
                throw new UpdateRejectedException("FedNova needs the scalar '" + ClientUpdate.STEPS
                        + "', how many gradients the delta adds up, but the update has only "
                        + new TreeSet<>(update.scalars().keySet())
                        + "; does the client's model train with another optimizer than plain SGD?");
            }
            double steps = given.getAsDouble();
            if (!(steps >= 1)) {
                throw new UpdateRejectedException("FedNova needs '" + ClientUpdate.STEPS + "' >= 1, but was " + steps
                        + "; the last gradient counts whole");
            }
            double n = update.numExamples();
            return sum -> {
                sum.add(Segment.DELTA, update.delta(), new ParameterSpec.Role.Factors(n / steps, n));
                sum.add(STEPS, 0, n * steps);
                sum.add(Segment.WEIGHT, 0, n);
            };
        }
    }
}
