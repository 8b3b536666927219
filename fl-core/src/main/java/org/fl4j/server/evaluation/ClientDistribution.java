package org.fl4j.server.evaluation;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation;

/**
 * How one model does for each of many clients, by their accuracies or, where labels are no classes, by their mean losses. A
 * client counts once, however many examples it has; one without examples does not count.
 *
 * <p>Percentiles are lower empirical quantiles, counted from the worst client: of n clients in the order from worst to best,
 * the 10th percentile is the value of client number {@code ceil(n / 10)}. At least a tenth of the clients do no better.
 *
 * <p>Privacy: the worst of few clients is a statement about one of them; {@link FederatedEvaluation#withDistribution} says
 * where it is refused.
 *
 * @param measure of what
 * @param clients how many, at least 1
 * @param mean over clients
 * @param tenthPercentile of the clients, from the worst
 * @param worst the lowest accuracy, or the highest loss
 */
public record ClientDistribution(Measure measure, int clients, double mean, double tenthPercentile, double worst) {

    private static final int TENTHS = 10;

    /** Which figure of a client is compared. */
    public enum Measure {
        /** In [0, 1]; higher is better. */
        ACCURACY,
        /** The mean loss an example; lower is better. */
        LOSS
    }

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if there is no client or a figure is not finite
     */
    public ClientDistribution {
        Check.atLeast("clients", clients, 1);
        if (!Double.isFinite(mean) || !Double.isFinite(tenthPercentile) || !Double.isFinite(worst)) {
            throw new IllegalArgumentException("mean, tenthPercentile and worst must be finite, but was " + mean + ", "
                    + tenthPercentile + " and " + worst);
        }
    }

    /**
     * The distribution over evaluations of one client each.
     *
     * @param evaluations all with classes, or all without; the mean is summed in their order
     * @return empty if none has examples
     */
    public static Optional<ClientDistribution> of(List<Evaluation> evaluations) {
        List<Evaluation> counted =
                evaluations.stream().filter(each -> each.examples() > 0).toList();
        if (counted.isEmpty()) {
            return Optional.empty();
        }
        Measure measure = counted.get(0).classes().isEmpty() ? Measure.LOSS : Measure.ACCURACY;
        List<Double> values = new ArrayList<>();
        double sum = 0;
        for (Evaluation each : counted) {
            double value = measure == Measure.LOSS
                    ? each.loss()
                    : each.accuracy()
                            .orElseThrow(() -> new IllegalArgumentException(
                                    "evaluations must all have classes, or none of them; one of several has none"));
            values.add(value);
            sum += value;
        }
        values.sort(measure == Measure.LOSS ? Comparator.reverseOrder() : Comparator.naturalOrder());
        int n = values.size();
        int tenth = n / TENTHS + (n % TENTHS == 0 ? 0 : 1);
        return Optional.of(new ClientDistribution(measure, n, sum / n, values.get(tenth - 1), values.get(0)));
    }

    /** Is told how the global weights do for the clients. Called on the thread that runs the rounds. */
    @FunctionalInterface
    public interface Listener {

        /**
         * Clients evaluated the global weights.
         *
         * @param round after which round
         * @param clients how they did
         */
        void evaluated(int round, ClientDistribution clients);
    }
}
