package org.fl4j.privacy.dp;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.fl4j.aggregation.Aggregation;
import org.fl4j.aggregation.BoundedAggregator;
import org.fl4j.aggregation.BoundedRound;
import org.fl4j.aggregation.RoundContext;
import org.fl4j.aggregation.Segment;
import org.fl4j.aggregation.UpdateEncoder;
import org.fl4j.client.ClientUpdate;
import org.fl4j.weights.ParameterSpec;

/**
 * The mean of clipped deltas over a public denominator: the rule for noise.
 *
 * <pre>  aggregate = sum_k w_k clip_C(delta_k) / D,   clip_C(x) = x min(1, C / ||x||)</pre>
 *
 * <p>with w_k = 1 unless examples weigh, and D the expected cohort (q N under Poisson sampling, N / b of
 * {@code ClientSelector.separated(b)}, the cohort's size under others) or what {@link #dividingBy} states: never the exact count, which is private. One segment, {@code delta}: the
 * released coordinates in whole steps of a grid, a power of two of which C has
 * 2^20 to 2^21, times the largest weight (fewer for the shorter of several groups). The clipped and weighted delta is
 * rounded <em>toward zero</em>, so its norm does not grow, and the norm of the integers is checked exactly against
 * {@code floor(w_k C / grid)}; the sensitivity is that integer bound for the largest weight.
 *
 * <ul>
 *   <li>A delta of norm zero contributes zero; huge ones are clipped without overflow; NaN is rejected before.
 *   <li>STATISTIC parameters stay at the client: they are not released and the global ones do not move, unless
 *       {@link #releasingStatistics} puts them inside the clip.
 * </ul>
 *
 * <p>Immutable and thread-safe. Privacy: clipping alone protects no client; {@link GaussianMechanism} adds the noise.
 *
 * <p>Source: McMahan, Ramage, Talwar, Zhang, "Learning Differentially Private Recurrent Language Models", ICLR 2018,
 * algorithm 1 with the fixed-denominator estimator; per-layer clipping as in its section 2.3.
 */
public final class ClippedMean implements BoundedAggregator {

    private final ClipNorms norms;
    private final long exampleCap;
    private final Denominator denominator;
    private final boolean statistics;

    private ClippedMean(ClipNorms norms, long exampleCap, Denominator denominator, boolean statistics) {
        this.norms = norms;
        this.exampleCap = exampleCap;
        this.denominator = denominator;
        this.statistics = statistics;
    }

    /**
     * Clips the whole delta to one norm.
     *
     * @param clipNorm C, above 0
     * @return the rule, every client weighing the same
     * @throws IllegalArgumentException if the norm is not positive and finite
     */
    public static ClippedMean fixed(double clipNorm) {
        return new ClippedMean(ClipNorms.flat(clipNorm), 1, Denominator.EXPECTED_COHORT, false);
    }

    /**
     * Clips groups of parameters, such as layers, each to a norm of its own; the sensitivity is the root of the sum of
     * their squares.
     *
     * @param group names the group of a parameter
     * @param clipNorms by group, each above 0, within a factor of 2^15 of each other
     * @return the rule, every client weighing the same
     * @throws IllegalArgumentException if a norm is not positive and finite, or they are further apart
     */
    public static ClippedMean perGroup(Function<ParameterSpec, String> group, Map<String, Double> clipNorms) {
        return new ClippedMean(new ClipNorms(group, clipNorms), 1, Denominator.EXPECTED_COHORT, false);
    }

    /**
     * Returns a copy with weights w_k = min(n_k, cap): the sensitivity is cap times as large, and so is the noise.
     *
     * @param cap at least 1
     * @param expectedWeight the public denominator: the expected sum of the weights of a round
     * @throws IllegalArgumentException if an argument is out of range
     */
    public ClippedMean byCappedExamples(long cap, double expectedWeight) {
        if (cap < 1 || cap > 1L << 20) {
            throw new IllegalArgumentException("cap must be in [1, 2^20], but was " + cap);
        }
        return new ClippedMean(norms, cap, Denominator.of(expectedWeight), statistics);
    }

    /**
     * Returns a copy with a stated denominator.
     *
     * @param expectedWeight D, above 0; must not depend on anything private
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public ClippedMean dividingBy(double expectedWeight) {
        return new ClippedMean(norms, exampleCap, Denominator.of(expectedWeight), statistics);
    }

    /** Returns a copy with STATISTIC parameters inside the clip, released with the rest. */
    public ClippedMean releasingStatistics() {
        return new ClippedMean(norms, exampleCap, denominator, true);
    }

    @Override
    public BoundedRound begin(RoundContext context) {
        double expected = denominator.at(context);
        ClipPlan plan = ClipPlan.of(
                context.layout(), norms, spec -> statistics || spec.role() == ParameterSpec.Role.TRAINABLE, exampleCap);
        return BoundedRound.of(
                List.of(new Segment(Segment.DELTA, plan.length(), plan.bound(), OptionalDouble.of(plan.grid()))),
                new BoundedRound.Sensitivity(Map.of(Segment.DELTA, plan.bound())),
                new Encoder(plan, exampleCap),
                total -> Aggregation.Result.of(plan.unpack(total.toArray(Segment.DELTA), plan.grid() / expected)));
    }

    private record Encoder(ClipPlan plan, long exampleCap) implements UpdateEncoder {

        @Override
        public Contribution encode(ClientUpdate update) {
            return encode(update, 1);
        }

        @Override
        public Contribution encode(ClientUpdate update, double damping) {
            double weight = (double) Math.max(0, Math.min(update.numExamples(), exampleCap));
            double[] clipped = plan.clipped(update.delta(), weight * damping);
            return sum -> sum.add(Segment.DELTA, clipped);
        }
    }

    @Override
    public String toString() {
        return "ClippedMean(clip=" + norms + (exampleCap == 1 ? "" : ", examples<=" + exampleCap) + ", denominator="
                + denominator + (statistics ? ", with statistics" : "") + ")";
    }
}
