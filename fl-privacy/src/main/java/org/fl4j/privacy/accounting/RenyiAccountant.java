package org.fl4j.privacy.accounting;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.fl4j.internal.Check;

/**
 * Renyi differential privacy: upper bounds on epsilon and on privacyDelta.
 *
 * <p>Each {@link PrivacyEvent} states its rdp(alpha), or a bound of it. A Poisson-subsampled Gaussian is (alpha, rdp)-Renyi differentially
 * private with
 *
 * <pre>
 *   rdp(alpha) = ln A(alpha) / (alpha - 1),   A(alpha) = E over x ~ N(0, z^2) of (1 - q + q e^((2x - 1) / (2 z^2)))^alpha
 *   rdp(alpha) = alpha / (2 z^2)                                                                    for q = 1,
 * </pre>
 *
 * <p>a composition costs the sum, and at each order
 *
 * <pre>  epsilon = rdp + ln(1 - 1/alpha) - ln(privacyDelta alpha) / (alpha - 1).</pre>
 *
 * <p>Since ln A is convex in alpha, (alpha - 1) epsilon is too, and epsilon has one minimum over orders: it is searched, not
 * scanned. By default over all real orders up to 4096; {@link #withOrders} takes those of a list.
 *
 * <ul>
 *   <li>q = 0, or no event: 0. Otherwise z = 0: infinity.
 *   <li>privacyDelta = 0: infinity unless no release has losses without bound; never above the sum of the largest losses.
 *   <li>0 &lt; z &lt; 2^-10 with q &lt; 1: the amplification is left out, an upper bound (epsilon is above 500,000 there).
 * </ul>
 *
 * <p>Precision: rdp to 1e-12 relative, for orders from 1.001 to 65,536; above, an upper bound. Neighbours differ by adding or removing one
 * contributor; the moment above is the larger of the two directions (Mironov, Talwar, Zhang, theorem 5). Immutable and
 * thread-safe.
 *
 * <p>Source: Mironov, Talwar, Zhang, "Renyi Differential Privacy of the Sampled Gaussian Mechanism", 2019, section 3.3;
 * Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS 2020, proposition 12.
 *
 * @implNote the paper sums binomials at integer orders and two alternating series at fractional ones; here both are one
 *     integral of one sign, which neither overflows nor cancels.
 */
public final class RenyiAccountant {

    private static final double SMALLEST_ORDER = 1 + 0x1p-10;
    private static final double LARGEST_ORDER = 4096;

    private final double[] orders;

    private RenyiAccountant(double... orders) {
        this.orders = orders;
    }

    /** All real orders between 1.001 and 4096. */
    public static RenyiAccountant create() {
        return new RenyiAccountant();
    }

    /**
     * The orders of a list only.
     *
     * @param orders at least one, each above 1 and finite
     * @throws IllegalArgumentException if there is no order or one is out of range
     */
    public static RenyiAccountant withOrders(double... orders) {
        if (orders.length == 0) {
            throw new IllegalArgumentException("orders must be at least 1, but was 0");
        }
        double[] sorted = orders.clone();
        for (double order : sorted) {
            order(order);
        }
        Arrays.sort(sorted);
        return new RenyiAccountant(sorted);
    }

    /**
     * The Renyi divergence of one event, or a bound of it.
     *
     * @param order alpha, above 1 and finite
     * @return rdp(alpha), at least 0; infinity without noise
     * @throws IllegalArgumentException if the order is out of range
     */
    public static double rdp(PrivacyEvent event, double order) {
        return event.rdp(order);
    }

    /**
     * The Renyi divergence of a composition: the sum.
     *
     * @param order alpha, above 1 and finite
     * @return rdp(alpha), at least 0
     * @throws IllegalArgumentException if the order is out of range
     */
    public static double rdp(Composition composition, double order) {
        order(order);
        return composition.sum(event -> rdp(event, order));
    }

    /**
     * The smallest epsilon over the orders at a privacyDelta.
     *
     * @param privacyDelta in [0, 1)
     * @return epsilon, an upper bound of the true one, and its order
     * @throws IllegalArgumentException if privacyDelta is out of range
     */
    public Epsilon epsilon(Composition composition, double privacyDelta) {
        double delta = Check.belowOne("privacyDelta", privacyDelta);
        if (revealsNothing(composition)) {
            return new Epsilon(0, Double.POSITIVE_INFINITY);
        }
        double order = best(alpha -> epsilonAt(composition, alpha, delta));
        double epsilon = Math.max(0, epsilonAt(composition, order, delta));
        double pure = composition.sum(PrivacyEvent::pureEpsilon);
        return pure < epsilon ? new Epsilon(pure, Double.POSITIVE_INFINITY) : new Epsilon(epsilon, order);
    }

    /**
     * The smallest privacyDelta over the orders at an epsilon.
     *
     * @param epsilon at least 0 and finite
     * @return privacyDelta, an upper bound of the true one, in [0, 1]; 0 only where no loss exceeds epsilon
     * @throws IllegalArgumentException if epsilon is out of range
     */
    public double privacyDelta(Composition composition, double epsilon) {
        Check.notNegative("epsilon", epsilon);
        if (epsilon >= composition.sum(PrivacyEvent::pureEpsilon)) {
            return 0;
        }
        double order = best(alpha -> logDeltaAt(composition, alpha, epsilon));
        double delta = Math.exp(logDeltaAt(composition, order, epsilon));
        return Math.min(1, Math.max(Double.MIN_VALUE, delta));
    }

    static double order(double value) {
        if (!(value > 1) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("order must be > 1 and < infinity, but was " + value);
        }
        return value;
    }

    private static boolean revealsNothing(Composition composition) {
        return composition.events().keySet().stream().allMatch(PrivacyEvent::revealsNothing);
    }

    private static double epsilonAt(Composition composition, double alpha, double delta) {
        return rdp(composition, alpha) + Math.log1p(-1 / alpha) - (Math.log(delta) + Math.log(alpha)) / (alpha - 1);
    }

    private static double logDeltaAt(Composition composition, double alpha, double epsilon) {
        return (alpha - 1) * (rdp(composition, alpha) - epsilon + Math.log1p(-1 / alpha)) - Math.log(alpha);
    }

    private double best(DoubleUnaryOperator bound) {
        if (orders.length > 0) {
            return orders[UnimodalSearch.smallest(orders.length, i -> bound.applyAsDouble(orders[i]))];
        }
        double log = UnimodalSearch.smallest(
                Math.log(SMALLEST_ORDER - 1),
                Math.log(LARGEST_ORDER - 1),
                logOrderLessOne -> bound.applyAsDouble(1 + Math.exp(logOrderLessOne)));
        return 1 + Math.exp(log);
    }

    /**
     * An epsilon by Renyi differential privacy and the order that gave it.
     *
     * @param epsilon at least 0; infinity where nothing can be claimed
     * @param order the best order, above 1; infinity where nothing was released or the sum of the largest losses is smaller
     */
    public record Epsilon(double epsilon, double order) {}
}
