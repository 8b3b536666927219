package org.fl4j.aggregation.robust;

import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.fl4j.aggregation.AggregationResult;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.state.ComponentState;
import org.fl4j.weights.ModelDelta;

/**
 * The point with the smallest mean distance from the updates (RFA, robust federated aggregation), by the smoothed
 * Weiszfeld algorithm:
 *
 * <pre>
 *   v_0     = sum_k alpha_k x_k
 *   beta_k  = alpha_k / max(nu, |v - x_k|)
 *   v      &lt;- sum_k beta_k x_k / sum_k beta_k
 * </pre>
 *
 * <p>over the clients' deltas x_k, {@code [d]}, with weights alpha_k that add up to 1. It tolerates Byzantine updates of less
 * than half the weight; a client's pull is alpha_k at most, however far out its update is.
 *
 * <p>Ends when the pulls balance, {@code |sum_k beta_k (x_k - v)| <= tolerance}: 1 is the pull of all clients in one
 * direction; the aggregate is then off by about the tolerance times the distance of typical updates, whatever the
 * attackers' distance. Or after so many iterations. The metric {@value #ITERATIONS} says how many there were.
 *
 * <ul>
 *   <li>The smoothing nu, in units of the deltas, should be small beside the distances between updates; within it the
 *       objective is a parabola.
 *   <li>Translating all updates does the same to the aggregate; stretching them too if nu is stretched alike.
 * </ul>
 *
 * <p>FP64, rounded once to the layout's dtype. Memory: the updates, a chunk of them for each thread, and one FP64 vector.
 * Time: two readings of the updates, and one more for each iteration. Immutable and thread-safe.
 *
 * <p>Privacy: the server sees each update in the clear. (The paper computes the iteration over secure sums; this rule does
 * not.)
 *
 * <p>Source: Pillutla, Kakade, Harchaoui, "Robust Aggregation for Federated Learning", IEEE Transactions on Signal
 * Processing 2022, algorithm 2.
 *
 * @implNote the paper leaves the end of the iteration open, in its experiments after three steps.
 */
public final class GeometricMedian implements DirectAggregator {

    /** The smoothing nu unless another is given: {@value}, the paper's. */
    public static final double DEFAULT_SMOOTHING = 1e-6;

    /** How many iterations there are at most unless it is said otherwise: {@value}. */
    public static final int DEFAULT_MAX_ITERATIONS = 100;

    /** The remaining pull with which the iteration ends unless another is given: {@value}. */
    public static final double DEFAULT_TOLERANCE = 1e-6;

    /** The metric that holds how many iterations a round took: {@value}. */
    public static final String ITERATIONS = "geometric-median.iterations";

    private final Weights weights;
    private final Weiszfeld iteration;
    private final UpdateStorage storage;

    private GeometricMedian(Weights weights, Weiszfeld iteration, UpdateStorage storage) {
        this.weights = weights;
        this.iteration = iteration;
        this.storage = storage;
    }

    /**
     * Every client counts the same: what guards against Byzantine clients that lie about their examples.
     *
     * @return the rule
     */
    public static GeometricMedian uniform() {
        return of(new Weights("uniform", header -> 1));
    }

    /**
     * A client counts by the size of its data, as it states it: alpha_k = n_k / n, the paper's choice.
     *
     * @return the rule
     */
    public static GeometricMedian byExamples() {
        return of(new Weights("byExamples", UpdateHeader::numExamples));
    }

    private static GeometricMedian of(Weights weights) {
        Weiszfeld iteration = new Weiszfeld(DEFAULT_SMOOTHING, DEFAULT_MAX_ITERATIONS, DEFAULT_TOLERANCE);
        return new GeometricMedian(weights, iteration, UpdateStorage.onHeap());
    }

    /**
     * Returns a copy with another smoothing.
     *
     * @param nu at least {@link Double#MIN_NORMAL}, finite
     * @return a copy
     * @throws IllegalArgumentException if it is not
     */
    public GeometricMedian withSmoothing(double nu) {
        return with(new Weiszfeld(nu, iteration.maxIterations(), iteration.tolerance()));
    }

    /**
     * Returns a copy with another bound on the iterations.
     *
     * @param most at least 1
     * @return a copy
     * @throws IllegalArgumentException if it is less
     */
    public GeometricMedian withMaxIterations(int most) {
        return with(new Weiszfeld(iteration.smoothing(), most, iteration.tolerance()));
    }

    /**
     * Returns a copy with another end of the iteration.
     *
     * @param pull that may remain, of at most 1; 0 for as many iterations as there may be
     * @return a copy
     * @throws IllegalArgumentException if it is not in [0, 1)
     */
    public GeometricMedian withTolerance(double pull) {
        return with(new Weiszfeld(iteration.smoothing(), iteration.maxIterations(), pull));
    }

    /**
     * Returns a copy with another place for the round's updates.
     *
     * @param place where to
     * @return a copy
     */
    public GeometricMedian storedIn(UpdateStorage place) {
        return new GeometricMedian(weights, iteration, place);
    }

    private GeometricMedian with(Weiszfeld other) {
        return new GeometricMedian(weights, other, storage);
    }

    @Override
    public DirectRound begin(RoundContext context) {
        return () -> new HeldRound(storage, context, n -> Tolerance.needsOne("GeometricMedian", n), this::combine);
    }

    private AggregationResult combine(HeldUpdates updates) {
        double[] alpha = weights.of(updates);
        MovingCentre centre = new MovingCentre(updates, ModelDelta.zero(updates.layout()));
        centre.move(alpha);
        int iterations = iteration.run(centre, alpha);
        return new AggregationResult(centre.point(), ComponentState.EMPTY, Map.of(ITERATIONS, (double) iterations));
    }

    @Override
    public String toString() {
        return "GeometricMedian." + weights.name() + "[" + iteration + "]";
    }

    private record Weights(String name, ToDoubleFunction<UpdateHeader> weight) {

        double[] of(HeldUpdates updates) {
            double[] alpha = new double[updates.size()];
            double sum = 0;
            for (int i = 0; i < alpha.length; i++) {
                alpha[i] = weight.applyAsDouble(updates.header(i));
                sum += alpha[i];
            }
            for (int i = 0; i < alpha.length; i++) {
                alpha[i] /= sum;
            }
            return alpha;
        }
    }
}
