package org.fl4j.privacy.accounting;

import java.util.Optional;
import org.fl4j.internal.Check;
import org.fl4j.privacy.accounting.EventLoss.Direction;

/**
 * The privacy-loss distribution of a composition: an interval that certainly holds the true
 * epsilon, or privacyDelta, and is narrow enough to be the answer.
 *
 * <p>With P and Q what is seen with and without one contributor, and L the sum over releases of ln P/Q under P,
 *
 * <pre>  privacyDelta(epsilon) = E (1 - e^(epsilon - L)) over L above epsilon</pre>
 *
 * <p>and the same with P and Q exchanged; the larger of the two counts (add and remove).
 *
 * <pre>
 *   event ──► losses on a grid, twice: from above (connect the dots), from below (outcomes merged)
 *         ──► tilted, transformed, raised to its count, multiplied, transformed back
 *         ──► privacyDelta at the ends of the interval, with the bounds of all that was left out added to the worse side
 * </pre>
 *
 * <p>Left out and bounded: losses that decide alone (kept by their masses under P and Q, exactly but for the rare case that the
 * other releases make up for them), mass below the grid, mass that wraps around the transform's ring (Chernoff), rounding of the transforms
 * (in the 2-norm, by Cauchy and Schwarz) and of masses and losses. Both discretisations are off
 * by the square of the grid step, which is refined until epsilon's interval is at most 0.08 % wide, or privacyDelta's 1 %. For q from
 * 1e-6 to 1e-2, z from 0.4 to 3, 200 to 20,000 rounds and privacyDelta from 1e-12 to 1e-6 that is always reached.
 *
 * <ul>
 *   <li>Releases to which every client contributes are one Gaussian; where there are no others, {@link AnalyticGaussian} answers.
 *   <li>Nothing is revealed: [0, 0]. Otherwise privacyDelta = 0: epsilon [infinity, infinity], or the sum of the largest losses.
 *   <li>z = 0: the upper end is infinity for epsilon, 1 for privacyDelta.
 *   <li>z below 2^-6 and q below 1, where epsilon exceeds 2000: counted as q = 1 above and as z = 2^-6 below; wide.
 *   <li>Sampled events beside unsampled ones that come to z below 2^-6: counted as q = 1 above and not at all below.
 *   <li>Where a number overflows on the way: what holds of anything, [0, infinity] or [0, 1], unless Renyi's bound is known.
 *   <li>The upper end is never above that of {@link RenyiAccountant}.
 *   <li>{@link NearGaussian}: above by the composition of the Gaussians, moved by the ratios; below the Gaussians, which are the least that
 *       the event stands for.
 *   <li>{@link VectorSkellam}, which has no loss distribution: above Renyi's bound of the whole composition, below what the
 *       other releases reveal without these.
 *   <li>What needs more than 2^20 grid points: wider, still certain.
 * </ul>
 *
 * <p>One event takes some 10 to 400 ms, each further distinct one a few ms, on the threads of the common pool; answers do not
 * depend on how many there are. Immutable and thread-safe.
 *
 * <p>Source: Koskela, Jalkoe, Honkela, "Computing Tight Differential Privacy Guarantees Using FFT", AISTATS 2020 (the
 * distribution and its transform); Gopi, Lee, Wutschitz, "Numerical Composition of Differential Privacy", NeurIPS 2021
 * (bounds on both sides); Doroshenko, Ghazi, Kamath, Kumar, Manurangsi, "Connect the Dots", PoPETs 2022, algorithm 1.
 */
public final class PrivacyLossAccountant {

    private PrivacyLossAccountant() {}

    /** The accountant. */
    public static PrivacyLossAccountant create() {
        return new PrivacyLossAccountant();
    }

    /**
     * The epsilon at a privacyDelta.
     *
     * @param privacyDelta in [0, 1)
     * @return where the true epsilon lies; the upper end may be claimed
     * @throws IllegalArgumentException if privacyDelta is out of its range
     */
    public Interval epsilon(Composition composition, double privacyDelta) {
        double delta = Check.belowOne("privacyDelta", privacyDelta);
        KnownLosses known = KnownLosses.of(composition);
        Interval epsilon = epsilonOf(known.composition(), delta);
        if (known.isExact()) {
            return epsilon;
        }
        double upper = known.epsilon(
                epsilonOf(known.composition(), known.privacyDelta(delta)).upper());
        return atMost(
                new Interval(epsilon.lower(), Math.max(epsilon.lower(), upper)),
                RenyiAccountant.create().epsilon(composition, delta).epsilon());
    }

    private static Interval epsilonOf(Composition composition, double delta) {
        Interval epsilon = answer(composition, new PrivacyCurveQuery.EpsilonAt(delta));
        return atMost(
                epsilon, RenyiAccountant.create().epsilon(composition, delta).epsilon());
    }

    /**
     * The privacyDelta at an epsilon.
     *
     * @param epsilon at least 0 and finite
     * @return where the true privacyDelta lies; the upper end may be claimed
     * @throws IllegalArgumentException if epsilon is out of its range
     */
    public Interval privacyDelta(Composition composition, double epsilon) {
        Check.notNegative("epsilon", epsilon);
        KnownLosses known = KnownLosses.of(composition);
        Interval delta = deltaOf(known.composition(), epsilon);
        if (known.isExact()) {
            return delta;
        }
        double upper = known.privacyDelta(
                epsilon,
                deltaOf(known.composition(), Math.abs(known.beyond(epsilon))).upper());
        return atMost(
                new Interval(delta.lower(), Math.max(delta.lower(), upper)),
                RenyiAccountant.create().privacyDelta(composition, epsilon));
    }

    private static Interval deltaOf(Composition composition, double epsilon) {
        Interval delta = answer(composition, new PrivacyCurveQuery.DeltaAt(epsilon));
        return atMost(delta, RenyiAccountant.create().privacyDelta(composition, epsilon));
    }

    /** What Renyi's bound knows is certain too; it helps where a grid would have to be too large. */
    private static Interval atMost(Interval interval, double byRenyi) {
        double bound = byRenyi * (1 + 1e-9);
        return bound < interval.upper() ? new Interval(Math.min(interval.lower(), bound), bound) : interval;
    }

    private static Interval answer(Composition composition, PrivacyCurveQuery query) {
        Composition above = NormalizedComposition.pessimistic(composition);
        Composition below = NormalizedComposition.optimistic(composition);
        Interval upper = answerNormalized(above, query);
        return above.equals(below)
                ? upper
                : new Interval(answerNormalized(below, query).lower(), upper.upper());
    }

    private static Interval answerNormalized(Composition composition, PrivacyCurveQuery query) {
        if (composition.events().isEmpty()) {
            return new Interval(0, 0);
        }
        Optional<AnalyticGaussian> exact = NormalizedComposition.onlyUnsampled(composition);
        if (exact.isPresent()) {
            return query.exactly(exact.get());
        }
        if (query.privacyDelta(composition) == 0) {
            return query.withoutDelta(composition);
        }
        Interval remove = new GridRefinement(composition, Direction.REMOVE, query, 0).refined();
        return remove.max(new GridRefinement(composition, Direction.ADD, query, remove.lower()).refined());
    }

    /**
     * Two numbers with the true one between them.
     *
     * @param lower at most the true value
     * @param upper at least the true value; infinity where nothing is known
     */
    public record Interval(double lower, double upper) {

        /**
         * Checks the order.
         *
         * @throws IllegalArgumentException unless lower is at most upper
         */
        public Interval {
            if (!(lower <= upper)) {
                throw new IllegalArgumentException(
                        "lower must be <= upper, but was lower " + lower + ", upper " + upper);
            }
        }

        /**
         * How far the ends are apart.
         *
         * @return at least 0
         */
        public double width() {
            return upper == lower ? 0 : upper - lower;
        }

        /**
         * Whether a number lies in the interval.
         *
         * @return true from lower to upper, both included
         */
        public boolean contains(double value) {
            return value >= lower && value <= upper;
        }

        /** What is known of a number that lies in both. */
        Interval and(Interval other) {
            double low = Math.max(lower, other.lower);
            double high = Math.min(upper, other.upper);
            return new Interval(Math.min(low, high), Math.max(low, high));
        }

        /** What is known of the larger of two numbers. */
        Interval max(Interval other) {
            return new Interval(Math.max(lower, other.lower), Math.max(upper, other.upper));
        }
    }
}
