package org.fl4j.server.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.fl4j.internal.Check;
import org.fl4j.model.Evaluation;
import org.fl4j.model.Metric;

/**
 * How one model does for each of many clients, by a metric: unless one is chosen, by their accuracies or, where labels are no classes, by their
 * mean losses. A client counts once, however many examples it has; one for which the metric is not defined, as without examples, does not count.
 *
 * <p>Percentiles are lower empirical quantiles, counted from the worst client: of n clients in the order from worst to best,
 * the 10th percentile is the value of client number {@code ceil(n / 10)}. At least a tenth of the clients do no better.
 *
 * <p>Privacy: the worst of few clients is a statement about one of them; {@link FederatedEvaluation#withDistribution} says
 * where it is refused.
 *
 * @param metric which figure of a client is compared
 * @param clients how many, at least 1
 * @param mean over clients
 * @param tenthPercentile of the clients, from the worst
 * @param worst the lowest where higher is better, else the highest
 */
public record ClientDistribution(Metric metric, int clients, double mean, double tenthPercentile, double worst) {

    private static final int TENTHS = 10;

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
     * The distribution over evaluations of one client each, of accuracy, or of the loss where labels are no classes.
     *
     * @param evaluations all with classes, or all without; the mean is summed in their order
     * @return empty if none has examples
     */
    public static Optional<ClientDistribution> of(List<Evaluation> evaluations) {
        List<Evaluation> counted =
                evaluations.stream().filter(each -> each.examples() > 0).toList();
        boolean isLabelled = !counted.isEmpty() && !counted.get(0).classes().isEmpty();
        if (counted.stream().anyMatch(each -> each.classes().isEmpty() == isLabelled)) {
            throw new IllegalArgumentException(
                    "evaluations must all have classes, or none of them; one of several has none");
        }
        return of(isLabelled ? Metric.ACCURACY : Metric.LOSS, counted);
    }

    /**
     * The distribution of a metric over evaluations of one client each.
     *
     * @param evaluations with what the metric needs; the mean is summed in their order
     * @return empty if the metric is defined for none
     */
    public static Optional<ClientDistribution> of(Metric metric, List<Evaluation> evaluations) {
        double[] values = evaluations.stream()
                .map(metric::of)
                .flatMapToDouble(OptionalDouble::stream)
                .toArray();
        if (values.length == 0) {
            return Optional.empty();
        }
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        Arrays.sort(values);
        int n = values.length;
        int tenth = n / TENTHS + (n % TENTHS == 0 ? 0 : 1);
        return Optional.of(new ClientDistribution(
                metric,
                n,
                sum / n,
                values[metric.higherIsBetter() ? tenth - 1 : n - tenth],
                values[metric.higherIsBetter() ? 0 : n - 1]));
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
