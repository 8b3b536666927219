package org.fl4j.aggregation.robust;

import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.DirectAggregator;
import org.fl4j.aggregation.DirectRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.internal.Check;
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
 * attackers' distance. It also ends at the bound on the iterations. The metric {@value #ITERATIONS} is the number of iterations.
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

    /** The default of the smoothing nu: {@value}, the paper's. */
    public static final double DEFAULT_SMOOTHING = 1e-6;

    /** The default bound on the iterations: {@value}. */
    public static final int DEFAULT_MAX_ITERATIONS = 100;

    /** The default remaining pull with which the iteration ends: {@value}. */
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

    /** Weights all clients equally, which guards against Byzantine clients that misreport their number of examples. */
    public static GeometricMedian uniform() {
        return of(new Weights("uniform", header -> 1));
    }

    /** Weights a client by the number of examples it reports: alpha_k = n_k / n, the paper's choice. */
    public static GeometricMedian byExamples() {
        return of(new Weights("byExamples", HeldUpdates.Header::numExamples));
    }

    private static GeometricMedian of(Weights weights) {
        Weiszfeld iteration = new Weiszfeld(DEFAULT_SMOOTHING, DEFAULT_MAX_ITERATIONS, DEFAULT_TOLERANCE);
        return new GeometricMedian(weights, iteration, UpdateStorage.onHeap());
    }

    /** Returns a copy with another nu; throws IllegalArgumentException unless it is finite and at least {@link Double#MIN_NORMAL}. */
    public GeometricMedian withSmoothing(double nu) {
        return with(new Weiszfeld(nu, iteration.maxIterations(), iteration.tolerance()));
    }

    /** Returns a copy with another bound on the iterations; throws IllegalArgumentException if it is below 1. */
    public GeometricMedian withMaxIterations(int most) {
        return with(new Weiszfeld(iteration.smoothing(), most, iteration.tolerance()));
    }

    /**
     * Returns a copy that ends at another remaining pull, 0 for the maximum number of iterations; throws
     * IllegalArgumentException unless it is in [0, 1).
     */
    public GeometricMedian withTolerance(double pull) {
        return with(new Weiszfeld(iteration.smoothing(), iteration.maxIterations(), pull));
    }

    /** Returns a copy with another place for the round's updates. */
    public GeometricMedian storedIn(UpdateStorage place) {
        return new GeometricMedian(weights, iteration, place);
    }

    private GeometricMedian with(Weiszfeld other) {
        return new GeometricMedian(weights, other, storage);
    }

    @Override
    public DirectRound begin(RoundContext context) {
        return () ->
                new HeldRound(storage, context, n -> ByzantineTolerance.needsOne("GeometricMedian", n), this::combine);
    }

    private Aggregation.Result combine(HeldUpdates updates) {
        double[] alpha = weights.of(updates);
        MovingCentre centre = new MovingCentre(updates, ModelDelta.zero(updates.layout()));
        centre.move(alpha);
        int iterations = iteration.run(centre, alpha);
        return new Aggregation.Result(centre.point(), ComponentState.EMPTY, Map.of(ITERATIONS, (double) iterations));
    }

    @Override
    public String toString() {
        return "GeometricMedian." + weights.name() + "[" + iteration + "]";
    }

    private record Weights(String name, ToDoubleFunction<HeldUpdates.Header> weight) {

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

    /** The iteration, with nu, the bound on the iterations and the pull with which it ends. */
    private record Weiszfeld(double smoothing, int maxIterations, double tolerance) {

        Weiszfeld {
            if (!(smoothing >= Double.MIN_NORMAL) || Double.isInfinite(smoothing)) {
                throw new IllegalArgumentException(
                        "smoothing must be >= " + Double.MIN_NORMAL + " and < infinity, but was " + smoothing);
            }
            Check.atLeast("maxIterations", maxIterations, 1);
            tolerance = Check.belowOne("tolerance", tolerance);
        }

        /** Moves a centre to the median and returns the number of iterations. */
        int run(MovingCentre centre, double[] alpha) {
            for (int done = 0; done < maxIterations; done++) {
                double[] beta = new double[alpha.length];
                double sum = 0;
                for (int k = 0; k < beta.length; k++) {
                    beta[k] = alpha[k] / Math.max(smoothing, centre.distances()[k]);
                    sum += beta[k];
                }
                for (int k = 0; k < beta.length; k++) {
                    beta[k] /= sum;
                }
                // a step is the gradient, the sum of the pulls, divided by the sum of the betas
                if (centre.move(beta) * sum <= tolerance) {
                    return done + 1;
                }
            }
            return maxIterations;
        }

        @Override
        public String toString() {
            return "smoothing=" + smoothing + ", maxIterations=" + maxIterations + ", tolerance=" + tolerance;
        }
    }
}
