package org.fl4j.aggregation.objective;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.LinearAggregator;
import org.fl4j.aggregation.LinearRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.client.LocalObjective;
import org.fl4j.client.ObjectiveSpec;
import org.fl4j.client.UpdateRejectedException;
import org.fl4j.internal.Check;
import org.fl4j.model.LocalTraining;
import org.fl4j.weights.ParameterLayout;
import org.fl4j.weights.ParameterSpec;

/**
 * q-FedAvg: fairness by weighting clients more, the larger their loss F_k at the global weights is, with a step size that
 * follows from q,
 *
 * <pre>  aggregate = sum_k F_k^q L delta_k / sum_k h_k,   h_k = q F_k^(q-1) ||L delta_k||^2 + L F_k^q,   L = 1 / rate.</pre>
 *
 * <p>q = 0 is the uniform mean; the larger q, the more the losses of clients are evened out. Three segments, all
 * unbounded but the last: {@code delta} {@code [d]}, {@code step} {@code [1]} (the sum of h_k), {@code weight}
 * {@code [1]}. STATISTIC parameters are averaged plainly and left out of the norm.
 *
 * <p>Clients compute F_k over their data before training, one more pass over them, and send it as the scalar {@value
 * #GLOBAL_LOSS}. Training itself is empirical risk's.
 *
 * <p>Sums in FP64, rounded once. Immutable and thread-safe. Privacy: F_k is one more number about the client's data.
 *
 * <p>Source: Li, Sanjabi, Beirami, Smith, "Fair Resource Allocation in Federated Learning", ICLR 2020, algorithm 2.
 *
 * @implNote a loss below {@value #SMALLEST_LOSS} counts as that, so that F^(q-1) stays finite; the authors' code adds the
 *     same number.
 */
public final class QFedAvg implements LinearAggregator {

    /** The scalar that holds F_k: {@value}. */
    static final String GLOBAL_LOSS = "global-loss";

    private static final double SMALLEST_LOSS = 1e-10;
    private static final String STEP = "step";
    private static final ObjectiveSpec OBJECTIVE = new ObjectiveSpec(GlobalLossObjective.NAME, new TreeMap<>());

    private final double q;
    private final double localLearningRate;

    private QFedAvg(double q, double localLearningRate) {
        this.q = q;
        this.localLearningRate = localLearningRate;
    }

    /**
     * q-FedAvg for clients that train with {@link LocalTraining#DEFAULT_LEARNING_RATE}.
     *
     * @param q the paper tries 0.001 to 15
     * @throws IllegalArgumentException unless q is at least 0 and finite
     */
    public static QFedAvg withFairness(double q) {
        return new QFedAvg(Check.notNegative("q", q), LocalTraining.DEFAULT_LEARNING_RATE);
    }

    /**
     * Returns a copy for clients that train with another learning rate, whose inverse estimates the Lipschitz constant
     * L.
     *
     * @param rate as in the server's local training; the first one where it decays
     * @throws IllegalArgumentException unless the rate is above 0 and finite
     */
    public QFedAvg withLocalLearningRate(double rate) {
        return new QFedAvg(q, Check.positive("rate", rate));
    }

    @Override
    public Optional<LocalObjective> localObjective() {
        return Optional.of(new GlobalLossObjective());
    }

    @Override
    public ObjectiveSpec objective() {
        return OBJECTIVE;
    }

    @Override
    public LinearRound begin(RoundContext context) {
        ParameterLayout layout = context.layout();
        return LinearRound.of(
                List.of(
                        Segment.unbounded(Segment.DELTA, layout.length()),
                        Segment.unbounded(STEP, 1),
                        Segment.bounded(Segment.WEIGHT, 1, 1)),
                new Encoder(q, 1 / localLearningRate),
                total -> Aggregation.Result.of(total.toDelta(
                        Segment.DELTA,
                        layout,
                        new ParameterSpec.Role.Factors(1 / total.get(STEP, 0), 1 / total.get(Segment.WEIGHT, 0)))));
    }

    @Override
    public String toString() {
        return "QFedAvg(q=" + q + ", rate=" + localLearningRate + ")";
    }

    private record Encoder(double q, double lipschitz) implements UpdateEncoder {

        @Override
        public Contribution encode(ClientUpdate update) {
            OptionalDouble given = update.scalar(GLOBAL_LOSS);
            if (given.isEmpty()) {
                throw new UpdateRejectedException(
                        "q-FedAvg needs the scalar '" + GLOBAL_LOSS + "' but the update has only "
                                + new TreeSet<>(update.scalars().keySet()));
            }
            if (!(given.getAsDouble() >= 0)) {
                throw new UpdateRejectedException(
                        "q-FedAvg needs '" + GLOBAL_LOSS + "' >= 0, but was " + given.getAsDouble());
            }
            double loss = Math.max(SMALLEST_LOSS, given.getAsDouble());
            double weight = lipschitz * StrictMath.pow(loss, q);
            double step = step(update, loss, weight);
            if (!Double.isFinite(step)) {
                throw new UpdateRejectedException("q-FedAvg's step h must be finite, but was " + step + ", of q = " + q
                        + " and '" + GLOBAL_LOSS + "' = " + given.getAsDouble()
                        + "; did the model diverge on this client's data?");
            }
            return sum -> {
                sum.add(Segment.DELTA, update.delta(), new ParameterSpec.Role.Factors(weight, 1));
                sum.add(STEP, 0, step);
                sum.add(Segment.WEIGHT, 0, 1);
            };
        }

        /** h_k. */
        private double step(ClientUpdate update, double loss, double weight) {
            double norm = lipschitz * update.delta().trainableOnly().norm2();
            return q * StrictMath.pow(loss, q - 1) * norm * norm + weight;
        }
    }
}
